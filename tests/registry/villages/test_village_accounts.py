"""Village accounts over HTTP: sums are ours, years are over, and who may."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.villages.accounts.content import VillageAccountLine
from services.registry.villages.accounts.domain import sums_of
from shared.testing.clock import FrozenClock
from shared.values.money import format_fen
from tests.registry.samples import MERGE, OTHER_VILLAGE, VILLAGE
from tests.registry.villages.accounts import account, line

fen = st.integers(0, 10**10 - 1)
lines = st.lists(st.tuples(fen, st.booleans(), st.booleans()), max_size=100)


async def amend(client: httpx.AsyncClient, address: str, **changes: Any) -> httpx.Response:
    return await client.patch(address, json=changes, headers={**MERGE, "If-Match": '"1"'})


@pytest.fixture
async def recorded(clerk: httpx.AsyncClient) -> httpx.Response:
    answer = await clerk.post("/v1/village-accounts", json=account())
    assert answer.status_code == 201, answer.text
    return answer


async def test_recorded_account_is_read_back_with_its_sums(
    clerk: httpx.AsyncClient, recorded: httpx.Response
) -> None:
    read = await clerk.get(recorded.headers["location"])
    assert read.json() == recorded.json()
    assert read.headers["etag"] == recorded.headers["etag"] == '"1"'
    sums = ("total_income", "operating_income", "one_off_income")
    assert [read.json()[name] for name in sums] == ["107000.30", "62000.30", "45000.20"]
    assert read.json()["lines"][0] == line(description=None)


@given(lines)
def test_sums_are_exact_and_their_parts_lie_within(
    drawn: list[tuple[int, bool, bool]],
) -> None:
    made = [
        VillageAccountLine(
            source="other", amount=format_fen(amount), operating=operating, recurring=recurring
        )
        for amount, operating, recurring in drawn
    ]
    sums = sums_of(made)
    assert sums.total_income == sum(amount for amount, _, _ in drawn) <= 10**12
    assert sums.operating_income == sum(a for a, operating, _ in drawn if operating)
    assert sums.one_off_income == sum(a for a, _, recurring in drawn if not recurring)


async def test_no_income_is_recorded_as_none_and_an_unknown_flag_stays_unknown(
    clerk: httpx.AsyncClient,
) -> None:
    answer = await clerk.post("/v1/village-accounts", json=account(lines=[], relatively_weak=None))
    assert answer.json()["total_income"] == "0.00"
    assert answer.json()["relatively_weak"] is None


async def test_a_client_may_choose_the_id(clerk: httpx.AsyncClient) -> None:
    chosen = "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"
    answer = await clerk.post("/v1/village-accounts", json=account(id=chosen))
    assert answer.json()["id"] == chosen
    taken = await clerk.post(
        "/v1/village-accounts", json=account(id=chosen, village_code=OTHER_VILLAGE)
    )
    assert taken.status_code == 409


async def test_a_year_is_recorded_once(clerk: httpx.AsyncClient, recorded: httpx.Response) -> None:
    again = await clerk.post("/v1/village-accounts", json=account())
    assert again.status_code == 409
    assert again.json()["type"].endswith("account-already-recorded")
    assert again.json()["village_account_id"] == recorded.json()["id"]
    other = await clerk.post("/v1/village-accounts", json=account(year=2018))
    assert (await amend(clerk, other.headers["location"], year=2019)).status_code == 409
    assert (await amend(clerk, other.headers["location"], year=2017)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"year": 2020}, "/year", "year-not-over"),
        ({"year": 2100}, "/year", "year-not-over"),
        ({"year": 1999}, "/year", "greater-than-equal"),
        ({"year": 2019.0}, "/year", "int-type"),
        ({"year": 2013}, "/village_code", "not-a-division"),
        ({"village_code": "330127100000"}, "/village_code", "not-a-division"),
        ({"village_code": "330127100999"}, "/village_code", "not-a-division"),
        ({"relatively_weak": "yes"}, "/relatively_weak", "bool-type"),
        ({"total_income": "100000.00"}, "/total_income", "extra-forbidden"),
        ({"lines": None}, "/lines", "list-type"),
        ({"lines": [line()] * 101}, "/lines", "too-long"),
        ({"lines": [line(amount=62000.1)]}, "/lines/0/amount", "money-not-text"),
        ({"lines": [line(amount="62,000")]}, "/lines/0/amount", "money-has-separator"),
        ({"lines": [line(amount="-0.01")]}, "/lines/0/amount", "money-negative"),
        ({"lines": [line(amount="100000000")]}, "/lines/0/amount", "money-too-large"),
        ({"lines": [line(source="luck")]}, "/lines/0/source", "unknown-code"),
        ({"lines": [line(operating=None)]}, "/lines/0/operating", "bool-type"),
        ({"lines": [line(recurring=1)]}, "/lines/0/recurring", "bool-type"),
    ],
)
async def test_an_account_that_cannot_be_is_refused(
    clerk: httpx.AsyncClient, changes: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await clerk.post("/v1/village-accounts", json=account(**changes))
    assert answer.status_code == 422, answer.text
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]


async def test_a_new_village_has_no_account_from_before(clerk: httpx.AsyncClient) -> None:
    code = "330127100299"
    new = {"code": code, "name": "（虚构）新和村", "valid_from": "2019-07-01"}
    assert (await clerk.post("/v1/divisions", json=new)).status_code == 201
    before = await clerk.post("/v1/village-accounts", json=account(village_code=code, year=2018))
    assert before.status_code == 422
    first = await clerk.post("/v1/village-accounts", json=account(village_code=code))
    assert first.status_code == 201


async def test_amending_replaces_the_lines_and_keeps_the_past(
    clerk: httpx.AsyncClient, recorded: httpx.Response, clock: FrozenClock
) -> None:
    address, moment = recorded.headers["location"], clock.now()
    clock.advance(timedelta(hours=1))
    amended = await amend(clerk, address, lines=[line(amount="5.00")], relatively_weak=None)
    assert amended.status_code == 200, amended.text
    assert amended.json()["total_income"] == amended.json()["operating_income"] == "5.00"
    assert (amended.json()["one_off_income"], amended.json()["relatively_weak"]) == ("0.00", None)
    assert (await amend(clerk, address, lines=[])).status_code == 412
    then = await clerk.get(address, params={"known_at": moment.isoformat()})
    assert then.json() == recorded.json()
    earlier = (moment - timedelta(days=1)).isoformat()
    assert (await clerk.get(address, params={"known_at": earlier})).status_code == 404
    history = (await clerk.get(f"{address}/history")).json()["items"]
    assert [entry["version"] for entry in history] == [1, 2]
    assert history[1]["changes"]["total_income"] == {"from": "107000.30", "to": "5.00"}
    assert history[1]["type"] == "qingling.registry.village_account.amended"


async def test_amending_needs_the_version_and_a_sound_result(
    clerk: httpx.AsyncClient, recorded: httpx.Response
) -> None:
    address = recorded.headers["location"]
    assert (await clerk.patch(address, json={}, headers=MERGE)).status_code == 428
    assert (await amend(clerk, address, year=2020)).status_code == 422
    assert (await amend(clerk, address, total_income="1.00")).status_code == 422
    assert (await amend(clerk, address, village_code="330324100000")).status_code == 404
    assert (await amend(clerk, address)).json() == recorded.json()


async def test_lists_narrow_and_page(clerk: httpx.AsyncClient, recorded: httpx.Response) -> None:
    for changes in (
        {"year": 2018, "relatively_weak": False},
        {"year": 2017, "relatively_weak": None},
        {"village_code": OTHER_VILLAGE},
    ):
        await clerk.post("/v1/village-accounts", json=account(**changes))

    async def found(query: str) -> list[tuple[str, int]]:
        answer = await clerk.get(f"/v1/village-accounts?{query}")
        assert answer.status_code == 200, answer.text
        return [(item["village_code"], item["year"]) for item in answer.json()["items"]]

    assert await found(f"division={VILLAGE}&year=2018") == [(VILLAGE, 2018)]
    assert await found("relatively_weak=false") == [(VILLAGE, 2018)]
    assert len(await found("relatively_weak=true")) == 2
    assert (await found("sort=-year"))[-1] == (VILLAGE, 2017)
    seen: list[tuple[str, int]] = []
    following = "/v1/village-accounts?limit=1&count=true"
    while following:
        page = await clerk.get(following)
        assert page.json()["total"] == 4
        seen += [(item["village_code"], item["year"]) for item in page.json()["items"]]
        following = page.links.get("next", {}).get("url", "")
    assert seen == sorted(
        [(VILLAGE, 2017), (VILLAGE, 2018), (VILLAGE, 2019), (OTHER_VILLAGE, 2019)]
    )
