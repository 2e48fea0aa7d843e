"""From a draft to a release in force: who may take which step, and when."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from services.rules.main import create_app
from services.rules.releases.activation import activate_due
from services.rules.releases.schemas import ReleaseScheduling
from services.rules.releases.steps import schedule
from services.rules.scopes import Scope
from services.rules.settings import RulesSettings
from shared.security.access import Caller
from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of, running
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.testing.locks import until_one_waits
from shared.testing.plugin import PROVINCE, TokenMaker, settings_for
from shared.web.etags import ExpectedVersion
from shared.web.work import CallersWork
from tests.rules.conftest import URLS, CallerMaker
from tests.rules.fakes import FakeRegistry
from tests.rules.releases.conftest import Releases, code, match
from tests.rules.releases.policies import FILES, HOME_PATH, INCOME_PATH, LINES_PATH, RAISED

CASES_PATH = INCOME_PATH.replace(".yaml", ".cases.yaml")


async def test_a_release_is_drafted_proposed_approved_scheduled_and_takes_force(
    releases: Releases, clock: FrozenClock
) -> None:
    draft = await releases.raised()
    assert (draft["number"], draft["state"]) == (2, "draft")
    assert draft["changed_files"] == {LINES_PATH: "changed"}
    proposed = await releases.step(draft, "propose", {})
    assert (proposed["state"], proposed["proposed_by"]) == ("proposed", "drafter")
    await releases.run_impact(proposed)
    approved = await releases.step(proposed, "approve")
    assert (approved["state"], approved["approved_by"]) == ("approved", "approver")
    scheduled = await releases.step(approved, "schedule", {"in_force_from": "2020-11-01"})
    assert (scheduled["state"], scheduled["in_force_from"]) == ("scheduled", "2020-11-01")
    await activate_due(releases.database, clock)
    assert (await releases.read(scheduled))["state"] == "scheduled"
    clock.move_to(datetime(2020, 10, 31, 16, tzinfo=UTC))  # midnight in China
    await activate_due(releases.database, clock)
    await activate_due(releases.database, clock)
    in_force = await releases.read(scheduled)
    assert (in_force["state"], in_force["activated_at"]) == ("in_force", "2020-10-31T16:00:00Z")
    history = (await releases.read(scheduled, "/history?limit=200"))["items"]
    assert [entry["type"].rpartition(".")[2] for entry in history] == [
        *("created", "amended", "proposed", "approved", "scheduled", "in_force"),
    ]
    first = (await releases.drafter.get("/v1/releases?state=superseded")).json()["items"]
    assert [release["number"] for release in first] == [1]


async def test_releases_that_fell_due_while_no_worker_ran_are_noted_in_their_order(
    releases: Releases, clock: FrozenClock
) -> None:
    early, late = await releases.scheduled("2020-11-01"), await releases.scheduled("2020-12-01")
    clock.move_to(datetime(2021, 1, 1, tzinfo=UTC))
    await activate_due(releases.database, clock)
    early, late = await releases.read(early), await releases.read(late)
    assert (early["state"], late["state"]) == ("superseded", "in_force")
    assert early["in_force_from"] == "2020-11-01"
    events = (await releases.read(early, "/history?limit=200"))["items"][-2:]
    assert [event["type"] for event in events] == [
        "qingling.rules.release.in_force",
        "qingling.rules.release.superseded",
    ]


async def test_nobody_approves_what_they_had_a_hand_in(
    releases: Releases, caller: CallerMaker
) -> None:
    draft = await releases.raised()
    editor, proposer = caller(subject="editor"), caller(subject="proposer")
    patch = {"If-Match": f'"{draft["version"]}"', "Content-Type": "application/merge-patch+json"}
    address = f"/v1/releases/{draft['id']}"
    draft = (await editor.patch(address, content='{"title": "收入线"}', headers=patch)).json()
    assert draft["edited_by"] == ["drafter", "editor"]
    release = await releases.step(draft, "propose", {}, by=proposer)
    await releases.run_impact(release)
    for somebody in (releases.drafter, editor, proposer):
        refused = await releases.step(release, "approve", by=somebody, status=409)
        assert code(refused) == "second-person-needed"
    assert (await releases.step(release, "approve"))["state"] == "approved"


async def test_a_release_is_proposed_only_when_it_is_ready(releases: Releases) -> None:
    bare = await releases.draft(summary=None)
    refused = await releases.step(bare, "propose", {}, status=422)
    assert code(refused) == "release-not-ready"
    assert [error["code"] for error in refused["errors"]] == [
        "release-summary-missing",
        "release-changes-nothing",
    ]
    failing = await releases.put(
        await releases.draft(), LINES_PATH, RAISED.replace("9000", "11000")
    )
    refused = await releases.step(failing, "propose", {}, status=422)
    assert [error["code"] for error in refused["errors"]] == ["release-case-fails"]
    assert "twenty thousand" in refused["errors"][0]["detail"]
    cases = FILES[CASES_PATH].replace("not_met", "met").replace("10000.00", "30000.00")
    missing = await releases.put(await releases.raised(), CASES_PATH, cases)
    refused = await releases.step(missing, "propose", {}, status=422)
    assert [error["code"] for error in refused["errors"]] == ["rule-without-cases"]
    broken = await releases.put(await releases.draft(), INCOME_PATH, "id: [")
    refused = await releases.step(broken, "propose", {}, status=422)
    assert [error["code"] for error in refused["errors"]] == ["policy-file-unreadable"]


async def test_what_is_proposed_stays_as_it_is(releases: Releases) -> None:
    release = await releases.step(await releases.raised(), "propose", {})
    headers = match(release) | {"Content-Type": "application/yaml"}
    address = f"/v1/releases/{release['id']}"
    answers = [
        await releases.drafter.put(f"{address}/files/{LINES_PATH}", content=b"", headers=headers),
        await releases.drafter.put(
            f"{address}/files", json={"files": FILES}, headers=match(release)
        ),
        await releases.drafter.delete(f"{address}/rules/household.home", headers=match(release)),
        await releases.drafter.patch(
            address,
            content='{"summary": "x"}',
            headers=match(release) | {"Content-Type": "application/merge-patch+json"},
        ),
    ]
    for answer in answers:
        assert (answer.status_code, code(answer.json())) == (409, "release-not-draft"), answer.text


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("approve", None),
        ("reject", {"reason": "不可行"}),
        ("assess", {}),
        ("schedule", {"in_force_from": "2020-11-01"}),
    ],
)
async def test_a_draft_takes_no_later_step(releases: Releases, step: str, body: Any) -> None:
    refused = await releases.step(await releases.raised(), step, body, status=409)
    assert (code(refused), refused["state"]) == ("release-step-not-possible", "draft")


async def test_a_rejected_release_is_over_and_says_why(releases: Releases) -> None:
    rejected = await releases.step(await releases.proposed(), "reject", {"reason": "影响过大"})
    assert (rejected["state"], rejected["closed_reason"]) == ("rejected", "影响过大")
    for step, body in (("approve", None), ("withdraw", {"reason": "x"}), ("propose", {})):
        assert code(await releases.step(rejected, step, body, status=409)) == (
            "release-step-not-possible"
        )
    again = await releases.drafter.post(
        "/v1/releases", json={"title": "x", "based_on": rejected["id"]}
    )
    assert (again.status_code, code(again.json())) == (409, "release-base-not-approved")


async def test_a_release_is_withdrawn_before_its_day_only(
    releases: Releases, caller: CallerMaker, clock: FrozenClock
) -> None:
    scheduled = await releases.scheduled("2020-11-01")
    body = {"reason": "暂缓"}
    only_drafts = caller("releases:draft", subject="drafter")
    refused = await releases.step(scheduled, "withdraw", body, by=only_drafts, status=403)
    assert code(refused) == "forbidden"
    withdrawn = await releases.step(scheduled, "withdraw", body)
    assert (withdrawn["state"], withdrawn["in_force_from"]) == ("withdrawn", None)
    begun = await releases.scheduled("2020-11-01")
    clock.move_to(datetime(2020, 11, 1, 4, tzinfo=UTC))
    for step, asked in (("withdraw", body), ("schedule", {"in_force_from": "2020-12-01"})):
        refused = await releases.step(begun, step, asked, status=409)
        assert code(refused) == "release-step-not-possible"


async def test_a_day_belongs_to_one_release(releases: Releases) -> None:
    holder = await releases.scheduled("2020-11-01")
    release = await releases.approved()
    asked = {"in_force_from": "2020-11-01"}
    taken = await releases.step(release, "schedule", asked, status=409)
    assert (code(taken), taken["release_id"]) == ("release-date-taken", holder["id"])
    moved = await releases.step(release, "schedule", {"in_force_from": "2020-11-02"})
    taking = asked | {"supersedes": holder["id"]}
    moved = await releases.step(moved, "schedule", taking)
    assert (moved["state"], moved["in_force_from"]) == ("scheduled", "2020-11-01")
    holder = await releases.read(holder)
    assert (holder["state"], holder["in_force_from"]) == ("superseded", None)


async def test_no_release_takes_force_in_the_past_or_instead_of_one_that_has(
    releases: Releases,
) -> None:
    release = await releases.approved()
    past = await releases.step(release, "schedule", {"in_force_from": "2020-09-30"}, status=422)
    assert past["errors"][0]["code"] == "release-date-past"
    today = await releases.step(release, "schedule", {"in_force_from": "2020-10-01"})
    other = await releases.approved()
    asked = {"in_force_from": "2020-10-01", "supersedes": today["id"]}
    assert code(await releases.step(other, "schedule", asked, status=409)) == "release-date-taken"


async def test_every_step_names_the_version_read(releases: Releases) -> None:
    draft = await releases.raised()
    address = f"/v1/releases/{draft['id']}:propose"
    assert (await releases.drafter.post(address, json={})).status_code == 428
    old = await releases.drafter.post(address, json={}, headers={"If-Match": '"1"'})
    assert (old.status_code, old.json()["current"]["version"]) == (412, draft["version"])


async def test_a_draft_does_not_undo_what_took_force_since_it_was_started(
    releases: Releases, clock: FrozenClock
) -> None:
    late = await releases.put(await releases.draft(), HOME_PATH, FILES[HOME_PATH] + "# seen\n")
    other = await releases.scheduled("2020-10-02")
    clock.move_to(datetime(2020, 10, 2, 4, tzinfo=UTC))
    await activate_due(releases.database, clock)
    refused = await releases.step(late, "propose", {}, status=422)
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [
        ("/files/parameters~1lines.yaml", "release-undoes-change")
    ]
    merged = await releases.put(late, LINES_PATH, RAISED)
    assert (await releases.step(merged, "propose", {}))["state"] == "proposed"
    back = await releases.draft(based_on=other["id"])
    back = await releases.put(back, LINES_PATH, FILES[LINES_PATH])
    assert (await releases.step(back, "propose", {}))["state"] == "proposed"


async def test_a_draft_does_not_undo_what_is_to_take_force(releases: Releases) -> None:
    first = await releases.scheduled("2020-11-01")
    late = await releases.put(await releases.draft(), HOME_PATH, FILES[HOME_PATH] + "# seen\n")
    refused = await releases.step(late, "propose", {}, status=422)
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [
        ("/files/parameters~1lines.yaml", "release-undoes-change")
    ]
    assert "2020-11-01" in refused["errors"][0]["detail"]
    upon = await releases.draft(based_on=first["id"])
    upon = await releases.put(upon, HOME_PATH, FILES[HOME_PATH] + "# seen\n")
    assert (await releases.step(upon, "propose", {}))["state"] == "proposed"


async def approved_beside(releases: Releases) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return two approved releases upon the first, neither with the other's change."""
    other = await releases.put(await releases.draft(), HOME_PATH, FILES[HOME_PATH] + "# seen\n")
    proposed = await releases.step(other, "propose", {})
    await releases.run_impact(proposed)
    return await releases.approved(), await releases.step(proposed, "approve")


@pytest.mark.parametrize(
    ("first", "second", "undone"),
    [("2020-11-01", "2020-12-01", LINES_PATH), ("2020-12-01", "2020-11-01", HOME_PATH)],
)
async def test_no_release_is_dated_that_undoes_another_or_is_undone(
    releases: Releases, first: str, second: str, undone: str
) -> None:
    raised, seen = await approved_beside(releases)
    raised = await releases.step(raised, "schedule", {"in_force_from": first})
    asked = {"in_force_from": second}
    refused = await releases.step(seen, "schedule", asked, status=422)
    assert [error["pointer"] for error in refused["errors"]] == [
        "/files/" + undone.replace("/", "~1")
    ]
    assert first in refused["errors"][0]["detail"]
    await releases.step(raised, "withdraw", {"reason": "（虚构）改期"})
    assert (await releases.step(seen, "schedule", asked))["state"] == "scheduled"


async def test_none_is_approved_that_undoes_what_was_dated_since(releases: Releases) -> None:
    other = await releases.put(await releases.draft(), HOME_PATH, FILES[HOME_PATH] + "# seen\n")
    proposed = await releases.step(other, "propose", {})
    await releases.run_impact(proposed)
    await releases.scheduled("2020-11-01")
    assert code(await releases.step(proposed, "approve", status=422)) == "release-not-ready"


async def approved_upon(releases: Releases, path: str, **content: Any) -> dict[str, Any]:
    """Return an approved release that changes one file."""
    draft = await releases.put(await releases.draft(**content), path, FILES[path] + "# seen\n")
    proposed = await releases.step(draft, "propose", {})
    await releases.run_impact(proposed)
    return await releases.step(proposed, "approve")


async def dated_upon(releases: Releases, path: str, day: str, **content: Any) -> dict[str, Any]:
    release = await approved_upon(releases, path, **content)
    return await releases.step(release, "schedule", {"in_force_from": day})


async def test_the_first_of_releases_upon_each_other_is_moved(releases: Releases) -> None:
    first = await dated_upon(releases, LINES_PATH, "2020-11-01")
    second = await dated_upon(releases, HOME_PATH, "2020-12-01", based_on=first["id"])
    await dated_upon(releases, INCOME_PATH, "2021-01-01", based_on=second["id"])
    asked = {"in_force_from": "2020-11-15"}
    assert (await releases.step(first, "schedule", asked))["state"] == "scheduled"


async def test_only_what_takes_force_that_day_gives_way(releases: Releases) -> None:
    release = await approved_upon(releases, HOME_PATH)
    other = await dated_upon(releases, LINES_PATH, "2020-11-01")
    asked = {"in_force_from": "2020-12-01", "supersedes": other["id"]}
    refused = await releases.step(release, "schedule", asked, status=422)
    assert code(refused) == "release-not-ready"
    taking = asked | {"in_force_from": "2020-11-01"}
    assert (await releases.step(release, "schedule", taking))["state"] == "scheduled"


async def test_no_release_takes_force_before_the_one_that_it_is_based_on(
    releases: Releases,
) -> None:
    base = await dated_upon(releases, LINES_PATH, "2020-12-01")
    release = await approved_upon(releases, HOME_PATH, based_on=base["id"])
    asked = {"in_force_from": "2020-11-01"}
    refused = await releases.step(release, "schedule", asked, status=422)
    assert [error["pointer"] for error in refused["errors"]] == [
        "/files/" + HOME_PATH.replace("/", "~1")
    ]


@pytest.mark.parametrize("withdrawn", [False, True])
async def test_a_base_that_never_takes_force_hides_nothing_undone(
    releases: Releases, *, withdrawn: bool
) -> None:
    base = await approved_upon(releases, LINES_PATH)
    release = await approved_upon(releases, HOME_PATH, based_on=base["id"])
    if withdrawn:
        await releases.step(base, "withdraw", {"reason": "（虚构）暂缓"})
    await dated_upon(releases, INCOME_PATH, "2020-11-01")
    asked = {"in_force_from": "2020-12-01"}
    refused = await releases.step(release, "schedule", asked, status=422)
    assert [error["pointer"] for error in refused["errors"]] == [
        "/files/" + INCOME_PATH.replace("/", "~1")
    ]


async def test_a_draft_upon_what_gave_way_undoes_nothing_of_what_that_came_from(
    releases: Releases,
) -> None:
    first = await dated_upon(releases, LINES_PATH, "2020-10-20")
    given = await dated_upon(releases, HOME_PATH, "2020-11-01", based_on=first["id"])
    draft = await releases.draft(based_on=given["id"])
    draft = await releases.put(draft, INCOME_PATH, FILES[INCOME_PATH] + "# seen\n")
    taking = await approved_upon(releases, HOME_PATH, based_on=first["id"])
    asked = {"in_force_from": "2020-11-01", "supersedes": given["id"]}
    await releases.step(taking, "schedule", asked)
    assert (await releases.step(draft, "propose", {}))["state"] == "proposed"


async def test_of_two_dated_at_once_that_undo_each_other_one_is_refused(
    databases: Databases,
    issuer: LocalIssuer,
    token: TokenMaker,
    registry: FakeRegistry,
    clock: FrozenClock,
) -> None:
    with databases.clone("rules") as address:
        settings = settings_for(RulesSettings, address, issuer.public_keys, **URLS)
        app = create_app(settings, clock=clock, registry=registry, shipped=FILES)
        async with running(app):
            clients = (client_of(app, token(*Scope, subject=name)) for name in ("one", "two"))
            releases = Releases(app, lambda **_: next(clients), registry)
            raised, seen = await approved_beside(releases)
            caller = Caller("approver", "（虚构）", PROVINCE, frozenset(Scope))
            async with releases.database.session() as session:
                work = CallersWork(session, "approver", clock.now(), "test", caller=caller)
                asked = ReleaseScheduling(in_force_from=date(2020, 11, 1))
                await schedule(work, UUID(raised["id"]), ExpectedVersion(None), asked)
                second = asyncio.create_task(
                    releases.step(seen, "schedule", {"in_force_from": "2020-12-01"}, status=422)
                )
                await until_one_waits(address)
            assert code(await second) == "release-not-ready"
            await asyncio.gather(releases.drafter.aclose(), releases.approver.aclose())
