"""Items follow what is recorded: opened, readied, reopened by themselves, and never twice."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.journal.tables import JournalEntry
from shared.problems import DependencyUnavailable
from tests.e2e.conftest import System
from tests.registry.samples import VILLAGE, guarantee_check, household

HOUSING = "household.housing"


async def grade(system: System, household_id: str, letter: str, day: str) -> None:
    evidence = {"grade": letter, "only_home": True}
    check = guarantee_check(household_id, checked_on=day, evidence=evidence)
    await system.record("/v1/guarantee-checks", check)


async def housing(system: System, household_id: str) -> dict[str, Any]:
    found = await system.items(subject_id=household_id, criterion=HOUSING)
    assert len(found) == 1
    return found[0]


async def steps(system: System) -> int:
    async with system.database.session() as session:
        return await session.scalar(select(func.count()).select_from(JournalEntry)) or 0


async def test_what_is_unknown_opens_nothing(system: System, household_id: str) -> None:
    assert await system.items(subject_id=household_id) == []


async def test_an_item_opens_readies_and_reopens_with_the_facts(
    system: System, household_id: str
) -> None:
    await grade(system, household_id, "C", "2020-06-10")
    opened = await housing(system, household_id)
    assert (opened["state"], opened["outcome"]) == ("open", "not_met")
    assert "C" in opened["reason"]["zh"]
    await grade(system, household_id, "A", "2020-09-20")
    ready = await housing(system, household_id)
    assert ready["state"] == "ready"
    assert ready["evidence"][0]["value"] == "A"
    assert ready["evidence"][0]["recorded_by"] == "clerk"
    await grade(system, household_id, "D", "2020-10-01")
    again = await housing(system, household_id)
    assert (again["state"], again["reopened"]) == ("open", 1)


async def test_a_weak_village_has_an_item(system: System) -> None:
    for year in (2018, 2019):
        line = {"source": "leasing", "amount": "100.00", "operating": True, "recurring": True}
        account = {"village_code": VILLAGE, "year": year, "relatively_weak": True, "lines": [line]}
        await system.record("/v1/village-accounts", account)
    found = await system.items(subject_kind="village")
    assert [(one["subject_id"], one["criterion"]) for one in found] == [
        (VILLAGE, "village.collective_economy")
    ]


async def test_who_leaves_the_register_is_withdrawn(system: System, household_id: str) -> None:
    await grade(system, household_id, "C", "2020-06-10")
    address = f"/v1/households/{household_id}"
    version = (await system.clerk.get(address)).headers["etag"]
    ended = await system.clerk.patch(
        address,
        json={"ended_on": "2020-10-10"},
        headers={"Content-Type": "application/merge-patch+json", "If-Match": version},
    )
    assert ended.status_code == 200, ended.text
    await system.catch_up()
    assert (await housing(system, household_id))["state"] == "withdrawn"


class Killed(BaseException):
    """The process ends between effect and acknowledgement: no handler sees it."""


async def test_killed_before_the_commit_the_batch_is_applied_once(
    system: System, household_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence = {"grade": "C", "only_home": True}
    check = guarantee_check(household_id, evidence=evidence)
    await system.clerk.post("/v1/guarantee-checks", json=check)
    plan = system.judge.plan

    async def killed(events: list[dict[str, Any]]) -> Any:
        apply = await plan(events)

        async def half(session: AsyncSession) -> None:
            await apply(session)
            raise Killed

        return half

    monkeypatch.setattr(system.follower, "_plan", killed)
    before = await steps(system)
    with pytest.raises(Killed):
        await system.follower.advance()
    assert await system.items() == []
    assert await steps(system) == before
    monkeypatch.setattr(system.follower, "_plan", plan)
    await system.catch_up()
    after = await steps(system)
    assert len(await system.items()) == 1
    await system.catch_up()
    assert await steps(system) == after


@pytest.mark.parametrize("down", ["way_to_rules", "way_to_registry"])
async def test_while_another_service_is_down_it_waits_and_its_reads_work(
    system: System, household_id: str, down: str
) -> None:
    evidence = {"grade": "C", "only_home": True}
    await system.clerk.post(
        "/v1/guarantee-checks", json=guarantee_check(household_id, evidence=evidence)
    )
    way = getattr(system, down)
    way.broken = True
    with pytest.raises(DependencyUnavailable):
        await system.follower.advance()
    assert await system.items() == []
    way.broken = False
    await system.catch_up()
    assert (await housing(system, household_id))["state"] == "open"


async def test_a_second_household_does_not_disturb_the_first(
    system: System, household_id: str
) -> None:
    await grade(system, household_id, "C", "2020-06-10")
    first = await housing(system, household_id)
    other = await system.record("/v1/households", household(number="CA-2", phone=None))
    await grade(system, other["id"], "C", "2020-06-10")
    assert await housing(system, household_id) == first
