"""Which release judges, and what a database makes of the policy that the service ships with."""

import asyncio
from datetime import date
from uuid import UUID, uuid4

import pytest

from services.rules.releases import shelf as shelf_of_service
from services.rules.releases.domain import ReleaseState
from services.rules.releases.shelf import Shelf
from services.rules.vocabulary import policy_digest
from shared.db.database import Database
from shared.problems import InvalidRequest, NotFound
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.values.bilingual import Bilingual
from tests.rules.conftest import VILLAGE
from tests.rules.releases.conftest import Releases
from tests.rules.releases.policies import FILES, INCOME_PATH, LINES_PATH, RAISED

TODAY = date(2020, 10, 1)
EVALUATION = {
    "subject_kind": "household",
    "division": VILLAGE,
    "facts": {"heads": {"value": 1}, "income": {"value": "8500.00"}},
}


async def test_an_empty_database_is_judged_by_the_shipped_policy(shelf: Shelf) -> None:
    first = await shelf.in_force(TODAY)
    assert (first.number, first.state, first.in_force_from) == (1, ReleaseState.IN_FORCE, None)
    assert first.digest == first.policy.release == policy_digest(FILES)
    assert await shelf.in_force(date(1999, 1, 1)) == first
    assert await shelf.get(first.id) == first
    assert await shelf.by_digest(first.digest) == first
    assert await shelf.files(first.id) == FILES


async def test_what_a_refused_request_installed_is_installed_again(
    databases: Databases, clock: FrozenClock
) -> None:
    with databases.clone("rules") as address:
        async with Database(address) as database:
            shelf = Shelf(database, shipped=FILES, clock=clock)

            async def refused() -> None:
                async with database.session():
                    await shelf.ready()
                    raise InvalidRequest(Bilingual("有误", "refused"))

            with database.one_connection(), pytest.raises(InvalidRequest):
                await refused()
            assert (await shelf.in_force(TODAY)).number == 1


async def test_what_does_not_exist_is_not_found(shelf: Shelf) -> None:
    with pytest.raises(NotFound):
        await shelf.get(uuid4())
    with pytest.raises(NotFound):
        await shelf.by_digest("0" * 64)
    with pytest.raises(NotFound):
        await shelf.files(uuid4())


async def test_judging_goes_by_dates_though_no_worker_ran(
    releases: Releases, rules_database: Database, clock: FrozenClock
) -> None:
    first = await releases.shelf.in_force(TODAY)
    later = await releases.scheduled("2020-11-01")
    shelf = Shelf(rules_database, shipped=FILES, clock=clock)
    assert (await shelf.in_force(date(2020, 10, 31))).id == first.id
    release = await shelf.in_force(date(2020, 11, 1))
    assert (str(release.id), release.state) == (later["id"], ReleaseState.SCHEDULED)
    assert release.policy.parameters["line"].values[0].value == 900_000
    assert (await shelf.by_digest(release.digest)).id == release.id


async def test_evaluations_name_the_release_in_force_on_their_date(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf_of_service, "REREAD_SECONDS", 0)
    await releases.scheduled("2020-11-01")
    outcomes = {}
    for day in ("2020-10-31", "2020-11-01"):
        answer = await releases.drafter.post("/v1/evaluations", json=EVALUATION | {"as_of": day})
        assert answer.status_code == 200, answer.text
        income = next(one for one in answer.json()["rules"] if one["rule"] == "household.income")
        outcomes[answer.json()["release"]] = income["outcome"]
    assert outcomes == {
        policy_digest(FILES): "met",
        policy_digest(FILES | {LINES_PATH: RAISED}): "not_met",
    }


async def test_a_draft_is_compiled_as_it_is_by_now(releases: Releases) -> None:
    draft = await releases.draft()
    draft_id = UUID(draft["id"])
    assert (await releases.shelf.get(draft_id)).digest == policy_digest(FILES)
    draft = await releases.put(draft, LINES_PATH, RAISED)
    assert (await releases.shelf.get(draft_id)).digest == draft["digest"]
    await releases.put(draft, INCOME_PATH, FILES[INCOME_PATH].replace("income >=", "incme >="))
    with pytest.raises(InvalidRequest) as caught:
        await releases.shelf.get(draft_id)
    pointer, code, words = caught.value.errors[0]
    assert (pointer, code) == ("/files/" + INCOME_PATH.replace("/", "~1"), "unknown-fact")
    assert words.zh.startswith(f"{INCOME_PATH}:8:12")


async def test_a_shipped_policy_that_the_database_does_not_know_becomes_a_draft(
    rules_database: Database, shelf: Shelf
) -> None:
    first = await shelf.in_force(TODAY)
    changed = FILES | {LINES_PATH: RAISED}
    for _ in range(2):
        updated = Shelf(rules_database, shipped=changed)
        assert (await updated.in_force(TODAY)).id == first.id
    draft = await updated.by_digest(policy_digest(changed))
    assert (draft.number, draft.state) == (2, ReleaseState.DRAFT)
    assert await updated.files(draft.id) == changed


async def test_processes_that_start_together_install_it_once(
    databases: Databases, clock: FrozenClock
) -> None:
    with databases.clone("rules") as address:
        async with Database(address) as database:
            shelves = [Shelf(database, shipped=FILES, clock=clock) for _ in range(4)]
            found = await asyncio.gather(*(shelf.in_force(TODAY) for shelf in shelves))
            assert {release.number for release in found} == {1}
            assert len({release.id for release in found}) == 1
