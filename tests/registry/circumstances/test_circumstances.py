"""Circumstances over HTTP: what is recorded and read back, what is refused, who may."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.testing.clock import FrozenClock
from tests.registry.samples import MERGE, OTHER_VILLAGE, circumstances

ADDRESS = "/v1/circumstances"
WHOLE: dict[str, Any] = {
    "commission_signed": True,
    "cars": 1,
    "homes": 2,
    "financial_assets": "3200.00",
    "company_shares": False,
    "medical_spending": "8600.00",
    "education_spending": "0.00",
    "disaster_loss": "1500.50",
    "rigid_spending": "11000.00",
    "sudden_hardship": True,
    "supporter_able": False,
    "job_refusals": 0,
    "new_job_income": "2400.00",
    "new_job_months": 2,
    "relocating_members": 3,
    "bad_credit": False,
    "microloan_wanted": True,
    "housing_repair_planned": False,
}


@pytest.fixture
async def recorded(clerk: httpx.AsyncClient, household_id: str) -> httpx.Response:
    answer = await clerk.post(ADDRESS, json=circumstances(household_id))
    assert answer.status_code == 201, answer.text
    return answer


async def test_all_that_was_found_is_read_back(clerk: httpx.AsyncClient, household_id: str) -> None:
    answer = await clerk.post(ADDRESS, json=circumstances(household_id) | WHOLE)
    assert answer.status_code == 201, answer.text
    read = (await clerk.get(answer.headers["location"])).json()
    assert read == answer.json()
    assert {name: read[name] for name in WHOLE} == WHOLE


async def test_what_was_not_found_out_stays_unknown(
    clerk: httpx.AsyncClient, recorded: httpx.Response
) -> None:
    shown = {name: recorded.json()[name] for name in WHOLE}
    assert shown == dict.fromkeys(WHOLE) | {"bad_credit": False}


async def test_a_check_that_found_nothing_is_none(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    check = circumstances(household_id, description="（虚构）入户未见人", bad_credit=None)
    answer = await clerk.post(ADDRESS, json=check)
    assert answer.status_code == 422, answer.text
    assert [error["code"] for error in answer.json()["errors"]] == ["check-without-result"]


async def test_a_result_on_record_may_turn_out_unknown(
    clerk: httpx.AsyncClient, recorded: httpx.Response
) -> None:
    amended = await clerk.patch(
        recorded.headers["location"],
        json={"bad_credit": None},
        headers={**MERGE, "If-Match": recorded.headers["etag"]},
    )
    assert amended.status_code == 200, amended.text
    assert (await clerk.get(ADDRESS)).json()["items"] == [amended.json()]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"checked_on": "2020-10-02"}, "/checked_on", "check-not-yet-made"),
        ({"inspector": " "}, "/inspector", "string-too-short"),
        ({"department": None}, "/department", "string-type"),
        ({"cars": -1}, "/cars", "greater-than-equal"),
        ({"homes": 100}, "/homes", "less-than-equal"),
        ({"homes": 1.0}, "/homes", "int-type"),
        ({"new_job_months": 1201}, "/new_job_months", "less-than-equal"),
        ({"bad_credit": "否"}, "/bad_credit", "bool-type"),
        ({"financial_assets": 3200}, "/financial_assets", "money-not-text"),
        ({"medical_spending": "-1.00"}, "/medical_spending", "money-negative"),
        ({"rigid_spending": "100000000.00"}, "/rigid_spending", "money-too-large"),
        ({"debts": "1.00"}, "/debts", "extra-forbidden"),
        ({"commission_signed": False, "cars": 0}, "/cars", "property-without-commission"),
        ({"cars": 0}, "/cars", "property-without-commission"),
        (
            {"commission_signed": False, "company_shares": False},
            "/company_shares",
            "property-without-commission",
        ),
    ],
)
async def test_bad_content_is_refused_at_its_place(
    clerk: httpx.AsyncClient, household_id: str, changes: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await clerk.post(ADDRESS, json=circumstances(household_id) | changes)
    assert answer.status_code == 422, answer.text
    found = answer.json()["errors"][0]
    assert (found["pointer"], found["code"]) == (pointer, code)


async def test_without_a_commission_all_but_property_may_be_recorded(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    refused = {"commission_signed": False, "rigid_spending": "100.00"}
    answer = await clerk.post(ADDRESS, json=circumstances(household_id) | refused)
    assert answer.status_code == 201, answer.text
    amended = await clerk.patch(
        answer.headers["location"], json={"cars": 1}, headers={**MERGE, "If-Match": '"1"'}
    )
    assert amended.json()["errors"][0]["code"] == "property-without-commission"


async def test_a_household_is_checked_once_a_day(
    clerk: httpx.AsyncClient, recorded: httpx.Response, household_id: str
) -> None:
    again = await clerk.post(
        ADDRESS, json=circumstances(household_id, commission_signed=True, cars=1)
    )
    assert again.status_code == 409
    assert again.json()["type"] == "urn:qingling:problem:check-already-recorded"
    assert again.json()["circumstances_id"] == recorded.json()["id"]
    later = await clerk.post(ADDRESS, json=circumstances(household_id, checked_on="2020-08-21"))
    assert later.status_code == 201
    moved = await clerk.patch(
        later.headers["location"],
        json={"checked_on": "2020-08-20"},
        headers={**MERGE, "If-Match": '"1"'},
    )
    assert moved.json()["type"] == "urn:qingling:problem:check-already-recorded"


async def test_amending_keeps_history(
    clerk: httpx.AsyncClient, recorded: httpx.Response, clock: FrozenClock
) -> None:
    address, before = recorded.headers["location"], clock.now()
    assert (await clerk.patch(address, json={}, headers=MERGE)).status_code == 428
    clock.advance(timedelta(hours=1))
    amended = await clerk.patch(
        address, json={"financial_assets": "50.00"}, headers={**MERGE, "If-Match": '"1"'}
    )
    assert amended.status_code == 200, amended.text
    assert amended.json()["financial_assets"] == "50.00"
    old = await clerk.patch(address, json={}, headers={**MERGE, "If-Match": '"1"'})
    assert (old.status_code, old.json()["current"]) == (412, amended.json())
    entries = (await clerk.get(f"{address}/history")).json()["items"]
    assert entries[1]["changes"]["financial_assets"] == {"from": None, "to": "50.00"}
    known = await clerk.get(address, params={"known_at": before.isoformat()})
    assert known.json() == recorded.json()


async def test_circumstances_move_with_their_household(
    clerk: httpx.AsyncClient, recorded: httpx.Response, household_id: str
) -> None:
    moved = await clerk.patch(
        f"/v1/households/{household_id}",
        json={"village_code": OTHER_VILLAGE},
        headers={**MERGE, "If-Match": '"1"'},
    )
    assert moved.status_code == 200, moved.text
    read = (await clerk.get(recorded.headers["location"])).json()
    assert (read["village_code"], read["version"]) == (OTHER_VILLAGE, 2)


async def test_circumstances_are_listed_by_day(
    clerk: httpx.AsyncClient, recorded: httpx.Response, household_id: str
) -> None:
    later = circumstances(household_id, checked_on="2020-09-01")
    assert (await clerk.post(ADDRESS, json=later)).status_code == 201

    async def days(**query: Any) -> list[str]:
        answer = await clerk.get(ADDRESS, params=query)
        assert answer.status_code == 200, answer.text
        return [each["checked_on"] for each in answer.json()["items"]]

    assert await days(sort="-checked_on") == ["2020-09-01", "2020-08-20"]
    assert await days(checked_from="2020-08-21", household_id=household_id) == ["2020-09-01"]
    assert await days(checked_to="2020-09-01", division="330127100219") == ["2020-08-20"]
    assert (await clerk.get(ADDRESS, params={"cars": 1})).status_code == 400
    first = (await clerk.get(ADDRESS, params={"limit": 1})).json()
    second = (await clerk.get(ADDRESS, params={"limit": 1, "cursor": first["next"]})).json()
    assert {first["items"][0]["checked_on"], second["items"][0]["checked_on"]} == {
        "2020-08-20",
        "2020-09-01",
    }
