"""Income entries over HTTP: what is kept, what is refused, who may."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.registry.vocabulary.code import code_list
from shared.testing.clock import FrozenClock
from tests.registry.samples import MERGE, income_entry

ENTRIES = "/v1/income-entries"


@pytest.fixture
async def recorded(clerk: httpx.AsyncClient, household_id: str) -> httpx.Response:
    answer = await clerk.post(ENTRIES, json=income_entry(household_id))
    assert answer.status_code == 201, answer.text
    return answer


async def test_recorded_entry_is_read_back(
    clerk: httpx.AsyncClient, recorded: httpx.Response
) -> None:
    read = await clerk.get(recorded.headers["location"])
    assert read.json() == recorded.json()
    assert read.headers["etag"] == recorded.headers["etag"] == '"1"'
    assert read.json()["amount"] == "12000.00"
    assert read.json()["period"] == {"from": "2019-01-01", "to": "2020-01-01"}
    assert read.json()["village_code"] == "330127100219"


async def test_nothing_earned_is_recorded_as_zero(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    answer = await clerk.post(ENTRIES, json=income_entry(household_id, amount="0"))
    assert answer.json()["amount"] == "0.00"


@pytest.mark.parametrize("item", list(code_list("income_item").codes))
async def test_every_item_goes_with_its_source(
    clerk: httpx.AsyncClient, household_id: str, item: str
) -> None:
    source = code_list("income_item").codes[item].part_of
    entry = income_entry(household_id, item=item, source=source)
    assert (await clerk.post(ENTRIES, json=entry)).status_code == 201


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"amount": 12000.5}, "/amount", "money-not-text"),
        ({"amount": 12000}, "/amount", "money-not-text"),
        ({"amount": None}, "/amount", "money-not-text"),
        ({"amount": "8,000"}, "/amount", "money-has-separator"),
        ({"amount": "八千"}, "/amount", "money-in-words"),
        ({"amount": "8000元"}, "/amount", "money-has-unit"),
        ({"amount": "1e4"}, "/amount", "money-has-exponent"),
        ({"amount": "NaN"}, "/amount", "money-not-finite"),
        ({"amount": "-0.01"}, "/amount", "money-negative"),
        ({"amount": "0.001"}, "/amount", "money-too-precise"),
        ({"amount": "100000000"}, "/amount", "money-too-large"),
        ({"source": "lottery"}, "/source", "unknown-code"),
        ({"item": "lottery"}, "/item", "unknown-code"),
        ({"item": "pension"}, "/item", "item-of-other-source"),
        (
            {"source": "expenses", "item": "business_expenses", "recurring": False},
            "/recurring",
            "expenses-recur",
        ),
        ({"recurring": None}, "/recurring", "bool-type"),
        ({"recurring": "是"}, "/recurring", "bool-type"),
        (
            {"period": {"from": "2019-01-01", "to": "2019-12-31"}},
            "/period",
            "period-not-twelve-months",
        ),
        ({"period": {"from": "2020-01-01", "to": "2019-01-01"}}, "/period", "period-empty"),
        ({"period": {"from": "2019-01-01"}}, "/period/to", "missing"),
        ({"period": {"from": "2019-01-01", "to": 1}}, "/period/to", "date-malformed"),
        (
            {"period": {"from": "2019-10-02", "to": "2020-10-02"}},
            "/period/to",
            "income-not-yet-earned",
        ),
        ({"description": "字" * 501}, "/description", "string-too-long"),
        ({"household_id": None}, "/household_id", "uuid-type"),
        ({"year": 2019}, "/year", "extra-forbidden"),
    ],
)
async def test_bad_content_is_refused_at_its_place(
    clerk: httpx.AsyncClient, household_id: str, changes: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await clerk.post(ENTRIES, json=income_entry(household_id) | changes)
    assert answer.status_code == 422, answer.text
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
        (pointer, code)
    ]


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "1e400"])
async def test_numbers_that_are_none_are_refused(
    clerk: httpx.AsyncClient, household_id: str, literal: str
) -> None:
    entry = income_entry(household_id)
    del entry["amount"]
    body = (
        httpx.Request("POST", ENTRIES, json=entry).read()[:-1] + f', "amount": {literal}}}'.encode()
    )
    answer = await clerk.post(ENTRIES, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert answer.json()["type"] == "urn:qingling:problem:malformed-request"


async def test_a_leap_day_and_the_last_day_are_twelve_months(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    for start, end in (("2016-02-29", "2017-02-28"), ("2019-10-01", "2020-10-01")):
        entry = income_entry(household_id, period={"from": start, "to": end})
        assert (await clerk.post(ENTRIES, json=entry)).status_code == 201


async def test_nul_and_broken_json_are_refused_at_the_door(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    entry = income_entry(household_id, description="\x00")
    assert (await clerk.post(ENTRIES, json=entry)).status_code == 400
    headers = {"Content-Type": "application/json"}
    assert (await clerk.post(ENTRIES, content=b"{", headers=headers)).status_code == 400


async def test_one_item_has_one_entry_a_period(
    clerk: httpx.AsyncClient, recorded: httpx.Response, household_id: str
) -> None:
    again = await clerk.post(ENTRIES, json=income_entry(household_id, amount="1.00"))
    assert again.status_code == 409
    assert again.json()["type"] == "urn:qingling:problem:income-already-recorded"
    assert again.json()["income_entry_id"] == recorded.json()["id"]
    one_off = await clerk.post(ENTRIES, json=income_entry(household_id, recurring=False))
    assert one_off.status_code == 201
    merged = await clerk.patch(
        one_off.headers["location"],
        json={"recurring": True},
        headers={**MERGE, "If-Match": '"1"'},
    )
    assert merged.json()["type"] == "urn:qingling:problem:income-already-recorded"
    taken = income_entry(household_id, id=recorded.json()["id"], item="other_wages")
    assert (await clerk.post(ENTRIES, json=taken)).status_code == 409


async def test_amending_history_and_what_was_known(
    clerk: httpx.AsyncClient, recorded: httpx.Response, clock: FrozenClock
) -> None:
    address = recorded.headers["location"]
    before = clock.now()
    assert (await clerk.patch(address, json={}, headers=MERGE)).status_code == 428
    clock.advance(timedelta(hours=1))
    amended = await clerk.patch(
        address, json={"amount": "12600.00"}, headers={**MERGE, "If-Match": '"1"'}
    )
    assert amended.status_code == 200, amended.text
    assert (amended.json()["amount"], amended.headers["etag"]) == ("12600.00", '"2"')
    old = await clerk.patch(address, json={"amount": "1"}, headers={**MERGE, "If-Match": '"1"'})
    assert (old.status_code, old.json()["current"]) == (412, amended.json())
    entries = (await clerk.get(f"{address}/history")).json()["items"]
    assert entries[1]["changes"]["amount"] == {"from": "12000.00", "to": "12600.00"}
    known = await clerk.get(address, params={"known_at": before.isoformat()})
    assert known.json() == recorded.json()


async def test_a_patch_is_held_to_the_same_rules(
    clerk: httpx.AsyncClient, recorded: httpx.Response
) -> None:
    address = recorded.headers["location"]
    for patch, pointer, code in (
        ({"amount": 1.5}, "/amount", "money-not-text"),
        ({"source": "property"}, "/item", "item-of-other-source"),
        ({"period": {"to": "2020-06-30"}}, "/period", "period-not-twelve-months"),
        (
            {"period": {"from": "2020-01-01", "to": "2021-01-01"}},
            "/period/to",
            "income-not-yet-earned",
        ),
        (
            {"household_id": None, "village_code": "330127100231"},
            "/village_code",
            "extra-forbidden",
        ),
    ):
        answer = await clerk.patch(address, json=patch, headers={**MERGE, "If-Match": '"1"'})
        assert answer.status_code == 422, answer.text
        found = answer.json()["errors"][0]
        assert (found["pointer"], found["code"]) == (pointer, code)


async def test_entries_are_listed_by_household_source_and_period(
    clerk: httpx.AsyncClient, recorded: httpx.Response, household_id: str
) -> None:
    earlier = {"from": "2018-01-01", "to": "2019-01-01"}
    for changes in ({"period": earlier}, {"source": "transfers", "item": "pension"}):
        answer = await clerk.post(ENTRIES, json=income_entry(household_id, **changes))
        assert answer.status_code == 201

    async def items(**query: Any) -> list[tuple[str, str]]:
        answer = await clerk.get(ENTRIES, params=query)
        assert answer.status_code == 200, answer.text
        return [(each["item"], each["period"]["to"]) for each in answer.json()["items"]]

    assert await items(source="transfers") == [("pension", "2020-01-01")]
    assert await items(period_to="2019-01-01") == [("public_post", "2019-01-01")]
    assert len(await items(household_id=household_id, period_from="2019-01-01")) == 2
    latest = await items(sort="-period_to", division="330127100000")
    assert latest[-1] == ("public_post", "2019-01-01")
    assert (await clerk.get(ENTRIES, params={"source": "lottery"})).status_code == 422
    assert (await clerk.get(ENTRIES, params={"year": 2019})).status_code == 400
    first = (await clerk.get(ENTRIES, params={"limit": 1, "sort": "-period_to"})).json()
    second = await clerk.get(
        ENTRIES, params={"limit": 2, "sort": "-period_to", "cursor": first["next"]}
    )
    assert len(second.json()["items"]) == 2
    assert second.json()["next"] is None
