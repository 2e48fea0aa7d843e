"""Reads of items, their counts, and who may make them."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from services.monitoring.clients.rules import Subject
from services.monitoring.scopes import Scope
from shared.testing.clients import client_of
from shared.testing.clock import FrozenClock
from shared.testing.plugin import TokenMaker
from tests.monitoring.campaign import EVIDENCE, HAMLET, HOME, Campaign
from tests.monitoring.fakes import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE

ITEMS = "/v1/zero-out-items"
NEIGHBOUR = Subject("household", "0192f3c4-7a10-7b7e-8f56-000000000001")
READS = ["", "/{id}", "/{id}/history", "/{id}/timeline"]
WRITES = [
    (":judge", {"division": COUNTY}, Scope.ZERO_OUT_ITEMS_JUDGE),
    ("/{id}:sign-off", {"evidence": EVIDENCE}, Scope.ZERO_OUT_ITEMS_SIGN_OFF),
    ("/{id}:reopen", {"reason": "不实"}, Scope.ZERO_OUT_ITEMS_SIGN_OFF),
]


@pytest.fixture
async def several(campaign: Campaign, clock: FrozenClock) -> Campaign:
    """Items: two of a household, one of its neighbour in another village, one of the village."""
    await campaign.found(HAMLET, collective_economy="not_met")
    clock.advance(timedelta(minutes=1))
    await campaign.found(housing="not_met", water="not_met")
    clock.advance(timedelta(minutes=1))
    await campaign.found(NEIGHBOUR, OTHER_VILLAGE, food="not_met")
    await campaign.found(housing="met", water="not_met")
    return campaign


@pytest.mark.parametrize(
    ("narrow", "expected"),
    [
        ({}, {"housing", "water", "food", "collective_economy"}),
        ({"division": VILLAGE}, {"housing", "water", "collective_economy"}),
        ({"division": OTHER_VILLAGE}, {"food"}),
        ({"subject_kind": "village"}, {"collective_economy"}),
        ({"subject_id": HOME.id}, {"housing", "water"}),
        ({"criterion": "household.water"}, {"water"}),
        ({"state": "ready"}, {"housing"}),
        ({"state": ["ready", "open"]}, {"housing", "water", "food", "collective_economy"}),
        ({"outcome": "met"}, {"housing"}),
        ({"needs_check": "true"}, set()),
        ({"state": "open", "subject_kind": "household"}, {"water", "food"}),
    ],
)
async def test_filters(several: Campaign, narrow: dict[str, str], expected: set[str]) -> None:
    found = await several.items(**narrow)
    assert {item["criterion"].split(".")[1] for item in found} == expected


async def test_orders_and_pages(several: Campaign) -> None:
    newest = [item["opened_at"] for item in await several.items()]
    assert newest == sorted(newest, reverse=True)
    villages = [item["village_code"] for item in await several.items(sort="village_code")]
    assert villages == sorted(villages)
    seen: list[str] = []
    params: dict[str, str] = {"limit": "1", "count": "true"}
    while True:
        page = (await several.clerk.get(ITEMS, params=params)).json()
        assert page["total"] == 4
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert len(set(seen)) == 4


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("colour=red", 400),
        ("state=lost", 422),
        ("sort=reason", 422),
        ("limit=0", 422),
        ("cursor=abc", 400),
        ("division=33012710021", 422),
        ("division=330122000000", 404),
        ("subject_kind=county", 422),
    ],
)
async def test_faulty_queries(county: httpx.AsyncClient, query: str, status: int) -> None:
    answer = await county.get(f"{ITEMS}?{query}")
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_one_item_as_it_is_and_as_it_was_known(
    campaign: Campaign, clock: FrozenClock
) -> None:
    await campaign.found(housing="not_met")
    opened = clock.now()
    clock.advance(timedelta(days=1))
    await campaign.found(housing="met")
    item = await campaign.only_item()
    answer = await campaign.clerk.get(f"{ITEMS}/{item['id']}")
    assert answer.json() == item
    assert answer.headers["ETag"] == '"2"'
    known = await campaign.clerk.get(
        f"{ITEMS}/{item['id']}", params={"known_at": opened.isoformat()}
    )
    assert (known.json()["state"], known.headers["ETag"]) == ("open", '"1"')
    before = {"known_at": (opened - timedelta(days=1)).isoformat()}
    answer = await campaign.clerk.get(f"{ITEMS}/{item['id']}", params=before)
    assert answer.status_code == 404


async def test_counts_of_a_division_and_of_each_below_it(several: Campaign) -> None:
    counts = (await several.clerk.get("/v1/zero-out-counts", params={"division": TOWNSHIP})).json()
    assert counts["division"] == TOWNSHIP
    assert {(one["criterion"], one["state"], one["items"]) for one in counts["counts"]} == {
        ("household.food", "open", 1),
        ("household.housing", "ready", 1),
        ("household.water", "open", 1),
        ("village.collective_economy", "open", 1),
    }
    children = {child["division"]: child["counts"] for child in counts["children"]}
    assert list(children) == [VILLAGE, OTHER_VILLAGE]
    assert children[OTHER_VILLAGE] == [{"criterion": "household.food", "state": "open", "items": 1}]
    whole = (await several.clerk.get("/v1/zero-out-counts")).json()
    assert [child["division"] for child in whole["children"]] == [TOWNSHIP]
    assert whole["counts"] == counts["counts"]
    village = await several.clerk.get("/v1/zero-out-counts", params={"division": OTHER_VILLAGE})
    assert village.json()["children"] == []


async def test_counts_of_a_foreign_division_do_not_exist(county: httpx.AsyncClient) -> None:
    answer = await county.get("/v1/zero-out-counts", params={"division": "330122000000"})
    assert answer.status_code == 404


async def test_what_lies_outside_the_callers_division_does_not_exist(
    several: Campaign, monitoring_app: FastAPI, token: TokenMaker
) -> None:
    (item,) = await several.items(criterion="household.housing")
    caller = token(*Scope, division=OTHER_VILLAGE)
    async with client_of(monitoring_app, caller) as neighbour:
        for path in READS[1:]:
            answer = await neighbour.get(ITEMS + path.format(id=item["id"]))
            assert answer.status_code == 404, path
        for path, body, _ in WRITES:
            answer = await neighbour.post(
                ITEMS + path.format(id=item["id"]), json=body, headers={"If-Match": '"1"'}
            )
            assert answer.status_code == 404, path
        seen = (await neighbour.get(ITEMS)).json()["items"]
        assert [one["criterion"] for one in seen] == ["household.food"]


async def test_each_route_needs_its_scope_and_no_other(
    campaign: Campaign, monitoring_app: FastAPI, token: TokenMaker
) -> None:
    await campaign.found(housing="not_met")
    item = await campaign.only_item()
    routes = [
        *(("GET", ITEMS + path, None, Scope.ZERO_OUT_ITEMS_READ) for path in READS),
        ("GET", "/v1/zero-out-counts", None, Scope.ZERO_OUT_ITEMS_READ),
        *(("POST", ITEMS + path, body, scope) for path, body, scope in WRITES),
    ]
    for method, path, body, scope in routes:
        address = path.format(id=item["id"])
        others = [one for one in Scope if one is not scope]
        headers = {"If-Match": "*"}
        for caller, statuses in (
            (None, {401}),
            ("not a token", {401}),
            (token(*others, division=COUNTY), {403}),
            (token(scope, division=COUNTY), {200, 202, 409}),
        ):
            async with client_of(monitoring_app, caller) as client:
                answer = await client.request(method, address, json=body, headers=headers)
                assert answer.status_code in statuses, (method, path, answer.text)


@pytest.mark.parametrize(
    "path", ["not-a-uuid", "0192f3c4-7a10-7b7e-8f56-ffffffffffff", "%00", "..%2f"]
)
async def test_ids_of_nothing(county: httpx.AsyncClient, path: str) -> None:
    answer = await county.get(f"{ITEMS}/{path}")
    assert answer.status_code in {400, 404, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_feed_tells_of_items(campaign: Campaign) -> None:
    # Its reader shows only what has been committed; the joined test's own entries have not.
    answer = await campaign.clerk.get("/v1/events")
    assert answer.status_code == 200
    assert answer.headers["X-Next-Cursor"]
