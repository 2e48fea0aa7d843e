"""Following the registry: what becomes unmet opens, what is solved is ready, what fails comes back."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.clients.rules import Subject
from services.monitoring.zero_outs.following import Judge, subjects_of
from services.monitoring.zero_outs.tables import PendingJudgementRow, ZeroOutItemRow
from shared.db.database import Database
from shared.journal.follower import Follower
from shared.journal.tables import JournalEntry
from shared.problems import DatabaseUnavailable, DependencyUnavailable
from shared.security.issuer import LocalIssuer
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from tests.monitoring.campaign import HAMLET, HOME, Campaign
from tests.monitoring.fakes import OTHER_VILLAGE, VILLAGE, FakeFeed, FakeRules


async def steps(campaign: Campaign, item: dict[str, Any]) -> list[str]:
    return [step["step"] for step in await campaign.timeline(item)]


async def test_each_unmet_criterion_opens_one_item(campaign: Campaign) -> None:
    await campaign.found(housing="not_met", water="not_met", food="met", medical="undetermined")
    await campaign.found(HAMLET, collective_economy="not_met")
    items = await campaign.items(sort="village_code")
    assert {(item["criterion"], item["state"]) for item in items} == {
        ("household.housing", "open"),
        ("household.water", "open"),
        ("village.collective_economy", "open"),
    }
    housing = next(item for item in items if item["criterion"] == "household.housing")
    assert housing["title"] == {"zh": "住房安全", "en": "housing safety"}
    assert housing["reason"] == {"zh": "判定为 not_met", "en": "it is not_met"}
    assert housing["village_code"] == VILLAGE
    assert housing["judged_on"] == "2020-10-01"
    assert housing["release"] == "release-1"


async def test_rules_that_are_no_criteria_open_nothing(campaign: Campaign) -> None:
    await campaign.found(zero_out="not_met", income_line_with_one_off="not_met")
    assert await campaign.items() == []


async def test_an_item_becomes_ready_with_the_evidence_that_met_it(campaign: Campaign) -> None:
    await campaign.found(housing="not_met")
    await campaign.found(housing="met", day="2020-08-31")
    item = await campaign.only_item()
    assert (item["state"], item["outcome"]) == ("ready", "met")
    assert item["evidence"][0]["date"] == "2020-08-31"
    assert item["evidence"][0]["recorded_by"] == "li.ming"
    assert await steps(campaign, item) == ["opened", "ready"]


async def test_the_same_judgement_again_adds_no_history(
    campaign: Campaign, clock: FrozenClock
) -> None:
    await campaign.found(housing="not_met")
    before = await campaign.only_item()
    clock.advance(timedelta(days=1))
    await campaign.found(housing="not_met")
    assert await campaign.only_item() == before | {"judged_on": "2020-10-02"}


async def test_a_ready_item_goes_back_when_it_cannot_be_determined(campaign: Campaign) -> None:
    await campaign.found(housing="not_met")
    await campaign.found(housing="met")
    await campaign.found(housing="undetermined")
    item = await campaign.only_item()
    assert (item["state"], item["missing"], item["reopened"]) == ("open", ["a_fact"], 1)


async def test_a_closed_item_comes_back_by_itself_when_it_fails(campaign: Campaign) -> None:
    closed = await campaign.closed_item()
    assert closed["state"] == "closed"
    await campaign.found(housing="not_met")
    item = await campaign.only_item()
    assert item["id"] == closed["id"]
    assert (item["state"], item["reopened"], item["sign_offs"]) == ("open", 1, [])
    assert (item["closed_at"], item["ready_at"]) == (None, None)
    assert (await steps(campaign, item))[-2:] == ["closed", "reopened"]


async def test_a_closed_item_that_cannot_be_determined_stays_closed_and_is_flagged(
    campaign: Campaign,
) -> None:
    await campaign.closed_item()
    await campaign.found(housing="undetermined")
    item = await campaign.only_item(needs_check=True)
    assert (item["state"], item["outcome"], item["needs_check"]) == (
        "closed",
        "undetermined",
        True,
    )
    assert (await steps(campaign, item))[-1] == "judged"
    await campaign.found(housing="met")
    assert (await campaign.only_item())["needs_check"] is False


async def test_items_of_a_household_that_left_are_withdrawn_and_come_back(
    campaign: Campaign,
) -> None:
    await campaign.found(housing="not_met")
    answer = campaign.rules.answers.pop(HOME)
    await campaign.noticed()
    item = await campaign.only_item()
    assert (item["state"], item["reason"]["zh"]) == ("withdrawn", "已不在册")
    campaign.rules.answers[HOME] = answer
    await campaign.noticed()
    assert (await campaign.only_item())["state"] == "open"


async def test_signatures_of_before_a_withdrawal_are_void(campaign: Campaign) -> None:
    await campaign.signatures.sign(await campaign.ready_item())
    answer = campaign.rules.answers.pop(HOME)
    for present in (False, True):
        if present:
            campaign.rules.answers[HOME] = answer
        await campaign.noticed()
    item = await campaign.only_item()
    assert (item["state"], item["sign_offs"]) == ("ready", [])


async def test_items_move_with_their_household(campaign: Campaign) -> None:
    await campaign.found(housing="not_met")
    await campaign.found(HOME, OTHER_VILLAGE, housing="not_met")
    assert (await campaign.only_item())["village_code"] == OTHER_VILLAGE
    assert await campaign.items(division=VILLAGE) == []


async def test_each_subject_is_asked_about_once_a_batch(
    campaign: Campaign, rules: FakeRules, feed: FakeFeed
) -> None:
    rules.find(HOME, VILLAGE, housing="not_met")
    for _ in range(5):
        feed.tell(HOME, VILLAGE)
    await campaign.follower.advance()
    assert rules.asked == [([HOME], date(2020, 10, 1))]


def test_events_name_the_subjects_whose_facts_they_change() -> None:
    def event(subject: str, concerns: str | None, what: str = "created") -> dict[str, Any]:
        kind = subject.partition("/")[0]
        return {
            "type": f"qingling.registry.{kind}.{what}",
            "subject": subject,
            "division": VILLAGE,
            "concerns": concerns,
            "data": {"changes": {}},
        }

    events = [
        event("member/1", "household/a"),
        event("income_entry/2", "household/a"),
        event("kind_of_tomorrow/3", "household/b"),
        event("household/c", "household/c"),
        event("household/d", "household/d", "revealed"),
        event("member/4", "household/e", "revealed"),
        event("village_account/5", f"village/{VILLAGE}"),
        event("division_figure/6", None),
    ]
    assert list(subjects_of(events)) == [
        Subject("household", "a"),
        Subject("household", "b"),
        Subject("household", "c"),
        HAMLET,
    ]


async def test_a_subject_that_rules_cannot_judge_blocks_nobody_and_is_not_lost(
    campaign: Campaign, monitoring_database: Database, judge: Judge
) -> None:
    stuck = Subject("household", "0192f3c4-7a10-7b7e-8f56-000000000000")
    campaign.rules.refuse(stuck)
    campaign.feed.tell(stuck, VILLAGE)
    await campaign.found(housing="not_met")
    assert len(await campaign.items()) == 1
    await judge.sweep()
    async with monitoring_database.session() as session:
        (waiting,) = await session.scalars(select(PendingJudgementRow))
        assert (waiting.subject_id, waiting.attempts, waiting.division) == (stuck.id, 2, VILLAGE)
        assert waiting.reason == "broken: broken"
    campaign.rules.find(stuck, VILLAGE, water="not_met")
    await judge.sweep()
    assert {item["criterion"] for item in await campaign.items()} == {
        "household.housing",
        "household.water",
    }
    async with monitoring_database.session() as session:
        assert await session.scalar(select(func.count()).select_from(PendingJudgementRow)) == 0


async def test_facts_that_go_stale_by_time_alone_are_noticed(
    campaign: Campaign, judge: Judge, clock: FrozenClock
) -> None:
    await campaign.closed_item()
    asked = len(campaign.rules.asked)
    await judge.sweep()
    assert len(campaign.rules.asked) == asked  # judged today already
    clock.advance(timedelta(days=1))
    campaign.rules.find(HOME, VILLAGE, housing="undetermined")
    await judge.sweep()
    await judge.sweep()
    assert campaign.rules.asked[asked:] == [([HOME], date(2020, 10, 2))]
    assert (await campaign.only_item())["needs_check"] is True


async def test_withdrawn_items_are_not_asked_about_again(
    campaign: Campaign, judge: Judge, clock: FrozenClock
) -> None:
    await campaign.found(housing="not_met")
    del campaign.rules.answers[HOME]
    await campaign.noticed()
    asked = len(campaign.rules.asked)
    clock.advance(timedelta(days=1))
    await judge.sweep()
    assert len(campaign.rules.asked) == asked


async def test_a_sweep_while_rules_is_down_is_caught_up_by_the_next(
    campaign: Campaign, judge: Judge, clock: FrozenClock
) -> None:
    await campaign.found(housing="not_met")
    clock.advance(timedelta(days=1))
    campaign.rules.down = True
    await judge.sweep()
    assert (await campaign.only_item())["judged_on"] == "2020-10-01"
    campaign.rules.down = False
    await judge.sweep()
    assert (await campaign.only_item())["judged_on"] == "2020-10-02"


async def test_an_answer_asked_for_earlier_does_not_overrule_a_later_one(
    campaign: Campaign, judge: Judge, monitoring_database: Database, clock: FrozenClock
) -> None:
    await campaign.found(housing="not_met")
    overtaken = await judge.plan(campaign.feed.listed)
    clock.advance(timedelta(seconds=1))
    await campaign.found(housing="met")
    async with monitoring_database.session() as session:
        await overtaken(session)
    assert (await campaign.only_item())["state"] == "ready"


async def test_while_rules_is_down_the_feed_waits_and_reads_work(campaign: Campaign) -> None:
    await campaign.found(housing="not_met")
    campaign.rules.down = True
    with pytest.raises(DependencyUnavailable):
        await campaign.found(housing="met")
    assert (await campaign.only_item())["state"] == "open"
    counts = await campaign.clerk.get("/v1/zero-out-counts")
    assert counts.status_code == 200
    campaign.rules.down = False
    assert await campaign.follower.advance() == 1
    assert (await campaign.only_item())["state"] == "ready"


async def test_while_the_registry_is_down_reads_work_and_nothing_is_lost(
    campaign: Campaign,
) -> None:
    await campaign.found(housing="not_met")
    campaign.feed.down = True
    with pytest.raises(DependencyUnavailable):
        await campaign.found(housing="met")
    assert (await campaign.only_item())["state"] == "open"
    campaign.feed.down = False
    await campaign.follower.advance()
    assert (await campaign.only_item())["state"] == "ready"


async def test_killed_between_effect_and_acknowledgement_nothing_counts_twice(
    databases: Databases, issuer: LocalIssuer, clock: FrozenClock, rules: FakeRules, feed: FakeFeed
) -> None:
    rules.find(HOME, VILLAGE, housing="not_met", water="not_met")
    feed.tell(HOME, VILLAGE)
    with databases.clone("monitoring") as address:
        async with Database(address) as database:
            judge = Judge(database, rules, clock)

            async def crash_before_the_commit(events: list[dict[str, Any]]) -> Any:
                apply = await judge.plan(events)

                async def applied_and_killed(session: AsyncSession) -> None:
                    await apply(session)
                    raw = await (await session.connection()).get_raw_connection()
                    raw.driver_connection.terminate()  # type: ignore[union-attr]

                return applied_and_killed

            killed = Follower(database, "registry", feed, crash_before_the_commit, clock)
            with pytest.raises(DatabaseUnavailable):
                await killed.advance()
            assert await totals(database) == (0, 0)
            # Killed after the commit, whoever takes over has nothing left to do.
            assert await Follower(database, "registry", feed, judge.plan, clock).advance() == 1
            assert await totals(database) == (2, 2)
            assert await Follower(database, "registry", feed, judge.plan, clock).advance() == 0
            assert await totals(database) == (2, 2)


async def totals(database: Database) -> tuple[int | None, int | None]:
    async with database.session() as session:
        items = await session.scalar(select(func.count()).select_from(ZeroOutItemRow))
        entries = await session.scalar(select(func.count()).select_from(JournalEntry))
        return items, entries
