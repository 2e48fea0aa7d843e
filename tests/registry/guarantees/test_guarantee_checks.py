"""Checks of the guarantees over HTTP: evidence of each, what is refused, who may."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.registry.guarantees.evidence import EVIDENCE, NESTING
from services.registry.guarantees.tables import GuaranteeCheckRow
from services.registry.vocabulary.code import code_list
from shared.testing.clock import FrozenClock
from tests.registry.samples import FOUND, MERGE, guarantee_check

CHECKS = "/v1/guarantee-checks"


@pytest.fixture
async def recorded(clerk: httpx.AsyncClient, household_id: str) -> httpx.Response:
    answer = await clerk.post(CHECKS, json=guarantee_check(household_id))
    assert answer.status_code == 201, answer.text
    return answer


def test_every_guarantee_has_evidence_and_every_piece_a_column() -> None:
    assert list(EVIDENCE) == list(code_list("guarantee").codes) == list(FOUND)
    assert set(NESTING.columns) <= set(GuaranteeCheckRow.__table__.columns.keys())


@pytest.mark.parametrize("guarantee", FOUND)
async def test_evidence_of_each_guarantee_is_read_back(
    clerk: httpx.AsyncClient, household_id: str, guarantee: str
) -> None:
    evidence = FOUND[guarantee]
    check = guarantee_check(household_id, guarantee=guarantee, evidence=evidence)
    answer = await clerk.post(CHECKS, json=check)
    assert answer.status_code == 201, answer.text
    read = await clerk.get(answer.headers["location"])
    assert read.json() == answer.json()
    assert read.json()["evidence"] == evidence


@pytest.mark.parametrize("guarantee", FOUND)
async def test_what_was_not_found_out_stays_unknown(
    clerk: httpx.AsyncClient, household_id: str, guarantee: str
) -> None:
    name, found = next(iter(FOUND[guarantee].items()))
    check = guarantee_check(household_id, guarantee=guarantee, evidence={name: found})
    answer = await clerk.post(CHECKS, json=check)
    assert answer.status_code == 201, answer.text
    assert answer.json()["evidence"] == dict.fromkeys(FOUND[guarantee]) | {name: found}


@pytest.mark.parametrize("guarantee", FOUND)
async def test_a_check_that_found_nothing_is_none(
    clerk: httpx.AsyncClient, household_id: str, guarantee: str
) -> None:
    how = {
        name: value
        for name, value in FOUND[guarantee].items()
        if name in EVIDENCE[guarantee].beside_results
    }
    for evidence in ({}, how, dict.fromkeys(FOUND[guarantee])):
        check = guarantee_check(household_id, guarantee=guarantee, evidence=evidence)
        answer = await clerk.post(CHECKS, json=check)
        assert answer.status_code == 422, answer.text
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/evidence", "check-without-result")


async def test_a_result_on_record_may_turn_out_unknown(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    check = guarantee_check(household_id, evidence={"grade": "C"})
    answer = await clerk.post(CHECKS, json=check)
    for patch in ({"evidence": {"grade": None}}, {"description": "（虚构）"}):
        answer = await clerk.patch(
            answer.headers.get("location", str(answer.url)),
            json=patch,
            headers=MERGE | {"If-Match": answer.headers["etag"]},
        )
        assert answer.status_code == 200, answer.text
    (listed,) = (await clerk.get(CHECKS)).json()["items"]
    assert listed == answer.json()
    assert listed["evidence"] == dict.fromkeys(FOUND["housing"])


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"guarantee": "heating"}, "/guarantee", "unknown-code"),
        ({"guarantee": "water"}, "/evidence/grade", "extra-forbidden"),
        ({"evidence": {"grade": "E"}}, "/evidence/grade", "unknown-code"),
        ({"evidence": {"grade": "c"}}, "/evidence/grade", "unknown-code"),
        ({"evidence": {"only_home": "是"}}, "/evidence/only_home", "bool-type"),
        ({"evidence": {"only_home": 0}}, "/evidence/only_home", "bool-type"),
        ({"evidence": []}, "/evidence", "model-attributes-type"),
        ({"evidence": None}, "/evidence", "model-attributes-type"),
        ({"checked_on": "2020-10-02"}, "/checked_on", "check-not-yet-made"),
        ({"checked_on": "2020-6-10"}, "/checked_on", "date-malformed"),
        ({"inspector": " "}, "/inspector", "string-too-short"),
        ({"department": ""}, "/department", "string-too-short"),
        ({"description": "字" * 1001}, "/description", "string-too-long"),
        ({"household_id": "CA-1"}, "/household_id", "uuid-parsing"),
        (
            {"guarantee": "food", "evidence": {"found_by": "neighbour"}},
            "/evidence/found_by",
            "unknown-code",
        ),
        (
            {"guarantee": "education", "evidence": {"children_of_school_age": 100}},
            "/evidence/children_of_school_age",
            "less-than-equal",
        ),
        (
            {
                "guarantee": "education",
                "evidence": FOUND["education"] | {"children_home_taught": 2},
            },
            "/evidence",
            "children-more-than-school-age",
        ),
        (
            {
                "guarantee": "education",
                "evidence": {"children_of_school_age": 0, "children_out_of_school": 1},
            },
            "/evidence",
            "children-more-than-school-age",
        ),
        (
            {"guarantee": "medical", "evidence": {"uninsured_members": -1}},
            "/evidence/uninsured_members",
            "greater-than-equal",
        ),
        (
            {"guarantee": "water", "evidence": {"litres_per_person_day": 20.5}},
            "/evidence/litres_per_person_day",
            "int-type",
        ),
        (
            {"guarantee": "water", "evidence": {"cut_off_days": 367}},
            "/evidence/cut_off_days",
            "less-than-equal",
        ),
        (
            {"guarantee": "water", "evidence": {"water_quality_met": True}},
            "/evidence/water_quality_met",
            "extra-forbidden",
        ),
    ],
)
async def test_bad_content_is_refused_at_its_place(
    clerk: httpx.AsyncClient, household_id: str, changes: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await clerk.post(CHECKS, json=guarantee_check(household_id) | changes)
    assert answer.status_code == 422, answer.text
    found = answer.json()["errors"][0]
    assert (found["pointer"], found["code"]) == (pointer, code)


async def test_a_check_today_and_children_not_counted_are_fine(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    evidence = {"children_out_of_school": 1, "children_home_taught": 1}
    check = guarantee_check(
        household_id, guarantee="education", checked_on="2020-10-01", evidence=evidence
    )
    assert (await clerk.post(CHECKS, json=check)).status_code == 201


async def test_nul_is_refused_at_the_door(clerk: httpx.AsyncClient, household_id: str) -> None:
    check = guarantee_check(household_id, inspector="李\x00明")
    assert (await clerk.post(CHECKS, json=check)).status_code == 400


async def test_one_guarantee_has_one_check_a_day(
    clerk: httpx.AsyncClient, recorded: httpx.Response, household_id: str
) -> None:
    again = await clerk.post(CHECKS, json=guarantee_check(household_id, inspector="王"))
    assert again.status_code == 409
    assert again.json()["type"] == "urn:qingling:problem:check-already-recorded"
    assert again.json()["guarantee_check_id"] == recorded.json()["id"]
    later = await clerk.post(CHECKS, json=guarantee_check(household_id, checked_on="2020-06-11"))
    assert later.status_code == 201
    moved = await clerk.patch(
        later.headers["location"],
        json={"checked_on": "2020-06-10"},
        headers={**MERGE, "If-Match": '"1"'},
    )
    assert moved.json()["type"] == "urn:qingling:problem:check-already-recorded"


async def test_amending_merges_evidence_and_keeps_history(
    clerk: httpx.AsyncClient, recorded: httpx.Response, clock: FrozenClock
) -> None:
    address = recorded.headers["location"]
    before = clock.now()
    assert (await clerk.patch(address, json={}, headers=MERGE)).status_code == 428
    clock.advance(timedelta(hours=1))
    amended = await clerk.patch(
        address,
        json={"evidence": {"grade": "B", "only_home": None}},
        headers={**MERGE, "If-Match": '"1"'},
    )
    assert amended.status_code == 200, amended.text
    assert amended.json()["evidence"] == {"grade": "B", "only_home": None, "appraiser": None}
    old = await clerk.patch(address, json={}, headers={**MERGE, "If-Match": '"1"'})
    assert (old.status_code, old.json()["current"]) == (412, amended.json())
    entries = (await clerk.get(f"{address}/history")).json()["items"]
    assert entries[1]["changes"]["evidence"]["from"]["grade"] == "C"
    known = await clerk.get(address, params={"known_at": before.isoformat()})
    assert known.json() == recorded.json()


async def test_a_check_entered_under_the_wrong_guarantee_is_corrected(
    clerk: httpx.AsyncClient, recorded: httpx.Response
) -> None:
    address, headers = recorded.headers["location"], {**MERGE, "If-Match": '"1"'}
    left = await clerk.patch(address, json={"guarantee": "food"}, headers=headers)
    assert left.json()["errors"][0]["code"] == "extra-forbidden"
    nulls = dict.fromkeys(recorded.json()["evidence"])
    patch = {"guarantee": "food", "evidence": nulls | {"shortage": True}}
    corrected = await clerk.patch(address, json=patch, headers=headers)
    assert corrected.status_code == 200, corrected.text
    assert corrected.json()["evidence"] == {"shortage": True, "found_by": None}


async def test_checks_are_listed_by_guarantee_and_day(
    clerk: httpx.AsyncClient, recorded: httpx.Response, household_id: str
) -> None:
    water = guarantee_check(
        household_id, guarantee="water", checked_on="2020-07-01", evidence=FOUND["water"]
    )
    assert (await clerk.post(CHECKS, json=water)).status_code == 201

    async def guarantees(**query: Any) -> list[str]:
        answer = await clerk.get(CHECKS, params=query)
        assert answer.status_code == 200, answer.text
        return [each["guarantee"] for each in answer.json()["items"]]

    assert await guarantees(sort="-checked_on") == ["water", "housing"]
    assert await guarantees(guarantee="housing", household_id=household_id) == ["housing"]
    assert await guarantees(checked_from="2020-06-11", division="330127100219") == ["water"]
    assert await guarantees(checked_to="2020-07-01") == ["housing"]
    assert (await clerk.get(CHECKS, params={"guarantee": "heating"})).status_code == 422
    assert (await clerk.get(CHECKS, params={"inspector": "李明"})).status_code == 400
    first = (await clerk.get(CHECKS, params={"limit": 1})).json()
    second = (await clerk.get(CHECKS, params={"limit": 1, "cursor": first["next"]})).json()
    assert {first["items"][0]["guarantee"], second["items"][0]["guarantee"]} == {
        "water",
        "housing",
    }
