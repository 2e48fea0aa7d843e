"""Determinations over HTTP: made, read with their reasons, listed, replayed."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from services.rules.determinations.replay import replay_nightly
from services.rules.determinations.tables import DeterminationRow, ReplayProgressRow
from services.rules.releases.domain import ReleaseState
from services.rules.releases.shelf import Shelf
from services.rules.releases.tables import ReleaseFileRow, ReleaseRow
from shared.db.database import Database
from shared.journal.tables import JournalEntry
from shared.testing.clock import FrozenClock
from tests.rules.conftest import COUNTY, VILLAGE
from tests.rules.fakes import FakeRegistry

HOUSEHOLD = "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"
OTHER = "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0e"
AS_OF = "2020-09-15"
ELSEWHERE = "330324000000"
CallerMaker = Callable[..., httpx.AsyncClient]


@pytest.fixture(autouse=True)
def recorded(registry: FakeRegistry) -> None:
    registry.record("household", HOUSEHOLD, VILLAGE, housing_grade="C", only_home=True)
    registry.record("household", OTHER, VILLAGE, housing_grade="A", only_home=True)


def asked(**changes: Any) -> dict[str, Any]:
    return {
        "subject": {"kind": "household", "id": HOUSEHOLD},
        "as_of": AS_OF,
        "purpose": "年度清零认定",
    } | changes


async def make(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/v1/determinations", json=asked(**changes))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"/v1/determinations/{made['id']}"
    return made


async def test_what_is_judged_is_kept_with_its_facts(province: httpx.AsyncClient) -> None:
    made = await make(province)
    assert made["outcomes"]["household.housing"] == "not_met"
    assert made["outcomes"]["household.food"] == "undetermined"
    assert made["determined_by"] == "official"
    assert made["parameters_on"] == AS_OF
    path = f"/v1/determinations/{made['id']}"
    read = (await province.get(path, headers={"Accept-Language": "en"})).json()
    assert read["outcomes"] == made["outcomes"]
    assert read["facts"]["housing_grade"] == {
        "value": "C",
        "date": "2020-09-01",
        "recorded_by": None,
    }
    assert int(read["missing"]["household.food"], 16) > 0
    assert "household.housing" not in read["missing"]
    rules = {rule["rule"]: rule for rule in read["rules"]}
    assert rules["household.housing"]["title"] == "safe housing is guaranteed"
    chinese = (await province.get(path)).json()
    assert "住房安全有保障" in {rule["title"] for rule in chinese["rules"]}


async def test_facts_recorded_later_change_nothing_kept(
    province: httpx.AsyncClient, registry: FakeRegistry
) -> None:
    made = await make(province)
    registry.record("household", HOUSEHOLD, VILLAGE, housing_grade="A", only_home=True)
    read = (await province.get(f"/v1/determinations/{made['id']}")).json()
    rules = {rule["rule"]: rule["outcome"] for rule in read["rules"]}
    assert rules["household.housing"] == read["outcomes"]["household.housing"] == "not_met"


async def test_the_list_is_paged_newest_first_and_narrowed(
    province: httpx.AsyncClient, clock: FrozenClock
) -> None:
    first = await make(province)
    second = await make(province, as_of="2020-08-01")
    await make(province, subject={"kind": "household", "id": OTHER})
    of_one = f"/v1/determinations?subject_kind=household&subject_id={HOUSEHOLD}"
    listed: list[str] = []
    following = f"{of_one}&limit=1&count=true"
    while following:
        page = await province.get(following)
        assert page.json()["total"] == 2
        listed += [item["id"] for item in page.json()["items"]]
        following = page.links.get("next", {}).get("url", "")
    assert listed == [second["id"], first["id"]]
    in_county = await province.get(f"/v1/determinations?division={COUNTY}")
    assert len(in_county.json()["items"]) == 3
    assert (await province.get(f"/v1/determinations?division={ELSEWHERE}")).json()["items"] == []
    assert (await province.get("/v1/determinations?colour=red")).status_code == 400


async def test_a_named_release_judges_only_once_approved(
    province: httpx.AsyncClient, rules_database: Database
) -> None:
    made = await make(province)
    again = await make(province, release=made["release_id"])
    assert again["release"] == made["release"]
    unknown = await province.post("/v1/determinations", json=asked(release=str(uuid4())))
    assert unknown.status_code == 404
    draft = await copy_as_draft(rules_database)
    refused = await province.post("/v1/determinations", json=asked(release=draft))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "release-not-approved"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"as_of": "2020-10-02"}, 422, "date-in-the-future"),
        ({"purpose": ""}, 422, "string-too-short"),
        ({"facts": {"housing_grade": {"value": "A"}}}, 422, "fact-of-the-registry"),
        ({"facts": {"luck": {"value": True}}}, 422, "fact-undeclared"),
        ({"facts": {"monitored_days": {"value": -1}}}, 422, "fact-value"),
        ({"subject": {"kind": "household", "id": str(uuid4())}}, 404, None),
        ({"subject": {"kind": "division", "id": COUNTY}}, 422, "literal-error"),
        ({"colour": "red"}, 422, "extra-forbidden"),
    ],
)
async def test_a_bad_request_is_refused(
    province: httpx.AsyncClient, changes: dict[str, Any], status: int, code: str | None
) -> None:
    answer = await province.post("/v1/determinations", json=asked(**changes))
    assert answer.status_code == status, answer.text
    if code is not None:
        assert answer.json()["errors"][0]["code"] == code


async def test_what_only_the_asker_knows_is_kept_as_the_askers_word(
    province: httpx.AsyncClient,
) -> None:
    made = await make(province, facts={"monitored_days": {"value": 40, "date": "2020-09-10"}})
    read = (await province.get(f"/v1/determinations/{made['id']}")).json()
    assert read["facts"]["monitored_days"] == {
        "value": 40,
        "date": "2020-09-10",
        "recorded_by": "official",
    }


async def test_the_same_id_is_taken_once(province: httpx.AsyncClient) -> None:
    made = await make(province)
    answer = await province.post("/v1/determinations", json=asked(id=made["id"]))
    assert answer.status_code == 409


async def test_who_may_do_what(caller: CallerMaker, nobody: httpx.AsyncClient) -> None:
    made = await make(caller("determinations:create", division=COUNTY))
    path = f"/v1/determinations/{made['id']}"
    for method, address in (
        ("POST", "/v1/determinations"),
        ("GET", "/v1/determinations"),
        ("GET", path),
        ("POST", f"{path}:replay"),
    ):
        assert (await nobody.request(method, address, json=asked())).status_code == 401
        unscoped = caller("evaluations:create")
        assert (await unscoped.request(method, address, json=asked())).status_code == 403
    outside = caller(division=ELSEWHERE)
    assert (await outside.post("/v1/determinations", json=asked())).status_code == 404
    assert (await outside.get(path)).status_code == 404
    assert (await outside.post(f"{path}:replay")).status_code == 404
    assert (await outside.get("/v1/determinations")).json()["items"] == []
    assert (await outside.get(f"/v1/determinations?division={COUNTY}")).status_code == 404


async def test_the_journal_tells_outcomes_and_no_facts(
    province: httpx.AsyncClient, rules_database: Database
) -> None:
    made = await make(province)
    (entry,) = await entries(rules_database, made["id"])
    assert entry.type == "qingling.rules.determination.created"
    assert entry.division == VILLAGE
    assert entry.state["outcomes"] == made["outcomes"]
    assert not {"facts", "purpose"} & entry.state.keys()


async def test_a_replay_agrees(province: httpx.AsyncClient, rules_app: FastAPI) -> None:
    made = await make(province)
    answer = await province.post(f"/v1/determinations/{made['id']}:replay")
    assert answer.status_code == 200, answer.text
    assert answer.json()["agrees"] is True
    assert answer.json()["differences"] == []
    assert counted(rules_app, "agrees") == 1


async def test_a_replay_that_differs_is_an_alarm(
    province: httpx.AsyncClient,
    rules_app: FastAPI,
    rules_database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = await make(province)
    outcomes = made["outcomes"] | {"household.housing": "met"}
    await tamper(rules_database, made["id"], outcomes=outcomes)
    answer = (await province.post(f"/v1/determinations/{made['id']}:replay")).json()
    assert answer["agrees"] is False
    assert answer["differences"] == [
        {
            "rule": "household.housing",
            "stored": {"outcome": "met", "missing": "0"},
            "replayed": {"outcome": "not_met", "missing": "0"},
        }
    ]
    assert counted(rules_app, "differs") == 1
    *_, alarm = await entries(rules_database, made["id"])
    assert alarm.type == "qingling.rules.determination.replay_differed"
    assert alarm.state["differing_rules"] == ["household.housing"]
    assert "determination differs when replayed" in caplog.text


@pytest.mark.parametrize(
    "changes",
    [
        {"release_digest": "0" * 64},
        {"facts": {"luck": {"value": True, "date": None, "recorded_by": None}}},
        {"needs_digest": "0" * 64},
        {"stale": "1"},
        {"later": "1"},
        {"undated": "1"},
        {"missing": {}},
    ],
)
async def test_whatever_was_tampered_with_is_noticed(
    province: httpx.AsyncClient, rules_database: Database, changes: dict[str, Any]
) -> None:
    made = await make(province)
    await tamper(rules_database, made["id"], **changes)
    answer = await province.post(f"/v1/determinations/{made['id']}:replay")
    assert answer.status_code == 200, answer.text
    assert answer.json()["agrees"] is False


async def test_what_was_kept_as_one_mask_is_replayed_as_one(
    province: httpx.AsyncClient, rules_database: Database
) -> None:
    made = await make(province)
    await tamper(rules_database, made["id"], later=None, undated=None)
    answer = await province.post(f"/v1/determinations/{made['id']}:replay")
    assert answer.json()["agrees"] is True
    await tamper(rules_database, made["id"], stale="1")
    answer = await province.post(f"/v1/determinations/{made['id']}:replay")
    assert answer.json()["stale_agrees"] is False


async def test_nights_go_through_all_determinations_in_turn(
    province: httpx.AsyncClient, rules_database: Database, shelf: Shelf, clock: FrozenClock
) -> None:
    ids = sorted([(await make(province))["id"] for _ in range(3)])
    await tamper(rules_database, ids[2], stale="1")
    seen = []
    for _ in range(4):
        await replay_nightly(rules_database, shelf, clock, limit=2)
        async with rules_database.session() as session:
            seen.append(await session.scalar(select(ReplayProgressRow.determination_id)))
    assert [None if each is None else str(each) for each in seen] == [ids[1], None, ids[1], None]
    found = await entries(rules_database, ids[2])
    assert [entry.type.rpartition(".")[2] for entry in found] == [
        "created",
        "replay_differed",
        "replay_differed",
    ]


def counted(app: FastAPI, result: str) -> float | None:
    found: float | None = app.state.metrics.get_sample_value(
        "determination_replays_total", {"result": result}
    )
    return found


async def entries(database: Database, determination_id: str) -> list[JournalEntry]:
    of_one = select(JournalEntry).where(JournalEntry.subject_id == determination_id)
    async with database.session() as session:
        return list(await session.scalars(of_one.order_by(JournalEntry.sequence)))


async def tamper(database: Database, determination_id: str, **changes: Any) -> None:
    async with database.session() as session:
        where = DeterminationRow.id == determination_id
        await session.execute(update(DeterminationRow).where(where).values(**changes))


async def copy_as_draft(database: Database) -> str:
    """Add a draft with the content of the only release there is."""
    async with database.session() as session:
        release = await session.scalar(select(ReleaseRow))
        files = (await session.scalars(select(ReleaseFileRow))).all()
        assert release is not None
        draft = {"id": uuid4(), "number": 2, "state": ReleaseState.DRAFT, "in_force_from": None}
        columns = {column.key: getattr(release, column.key) for column in ReleaseRow.__table__.c}
        session.add(ReleaseRow(**columns | draft))
        await session.flush()
        for file in files:
            session.add(ReleaseFileRow(release_id=draft["id"], path=file.path, text=file.text))
    return str(draft["id"])
