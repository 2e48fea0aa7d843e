"""Villages over HTTP: listed with their latest account, read with all of them, and by whom."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.registry.scopes import Scope
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker
from tests.registry.samples import MERGE, OTHER_VILLAGE, VILLAGE
from tests.registry.villages.accounts import account

TOWNSHIP = "330127100000"
COUNTY = "330127000000"


@pytest.fixture(autouse=True)
async def accounts(clerk: httpx.AsyncClient) -> None:
    for changes in (
        {"year": 2018},
        {"year": 2019, "relatively_weak": False},
        {"village_code": OTHER_VILLAGE, "year": 2017},
    ):
        answer = await clerk.post("/v1/village-accounts", json=account(**changes))
        assert answer.status_code == 201, answer.text


async def listed(client: httpx.AsyncClient, query: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/v1/villages?{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_village_is_listed_with_its_latest_account(clerk: httpx.AsyncClient) -> None:
    (village,) = await listed(clerk, f"division={VILLAGE}")
    name = (await clerk.get(f"/v1/divisions/{VILLAGE}")).json()["name"]
    assert village == {
        "code": VILLAGE,
        "name": name,
        "parent": TOWNSHIP,
        "valid_from": "2014-01-01",
        "valid_to": None,
        "account_year": 2019,
        "total_income": "107000.30",
        "operating_income": "62000.30",
        "relatively_weak": False,
    }


async def test_what_is_not_recorded_stays_unknown(clerk: httpx.AsyncClient) -> None:
    bare = [one for one in await listed(clerk, "limit=200") if one["account_year"] is None]
    assert bare
    assert {(one["total_income"], one["relatively_weak"]) for one in bare} == {(None, None)}


async def test_lists_narrow_by_name_flag_and_day(clerk: httpx.AsyncClient) -> None:
    async def codes(query: str) -> list[str]:
        return [one["code"] for one in await listed(clerk, query)]

    assert await codes("relatively_weak=true") == [OTHER_VILLAGE]
    assert await codes("relatively_weak=false") == [VILLAGE]
    name = (await clerk.get(f"/v1/divisions/{VILLAGE}")).json()["name"]
    assert VILLAGE in await codes(f"name={name[:2]}")
    assert await codes("name=%25") == []
    headers = {**MERGE, "If-Match": '"1"'}
    closing = {"valid_to": "2020-08-01"}
    closed = await clerk.patch(f"/v1/divisions/{VILLAGE}", json=closing, headers=headers)
    assert closed.status_code == 200, closed.text
    assert await codes(f"division={VILLAGE}&as_of=2020-07-31") == [VILLAGE]
    assert await codes(f"division={VILLAGE}&as_of=2020-08-01") == []
    assert await codes(f"division={VILLAGE}") == [VILLAGE]


async def test_pages_lead_to_every_village_once(clerk: httpx.AsyncClient) -> None:
    seen: list[str] = []
    following = f"/v1/villages?division={TOWNSHIP}&limit=9&count=true"
    while following:
        answer = await clerk.get(following)
        seen += [item["code"] for item in answer.json()["items"]]
        following = answer.links.get("next", {}).get("url", "")
    assert len(seen) == answer.json()["total"] > 9
    assert seen == sorted(set(seen))


async def test_a_village_is_read_with_all_its_accounts(clerk: httpx.AsyncClient) -> None:
    village = (await clerk.get(f"/v1/villages/{VILLAGE}")).json()
    assert [one["year"] for one in village["accounts"]] == [2019, 2018]
    of_2018 = (await clerk.get(f"/v1/village-accounts/{village['accounts'][1]['id']}")).json()
    assert village["accounts"][1] == of_2018
    assert (village["level"], village["parent"]) == ("village", TOWNSHIP)
    (neighbour,) = [
        one["code"] for one in await listed(clerk, "limit=1") if one["account_year"] is None
    ]
    assert (await clerk.get(f"/v1/villages/{neighbour}")).json()["accounts"] == []


async def test_what_is_no_village_is_not_found(clerk: httpx.AsyncClient) -> None:
    for code in (TOWNSHIP, "330127100999", "330324100201"):
        assert (await clerk.get(f"/v1/villages/{code}")).status_code == 404
    assert (await clerk.get("/v1/villages/33")).status_code == 422
    assert (await clerk.get("/v1/villages?surplus=1")).status_code == 400


async def test_villages_of_another_county_do_not_exist(
    registry_app: FastAPI, token: TokenMaker
) -> None:
    async with client_of(registry_app, token(*Scope, division="330324000000")) as outsider:
        assert (await outsider.get(f"/v1/villages/{VILLAGE}")).status_code == 404
        assert (await outsider.get(f"/v1/villages?division={COUNTY}")).status_code == 404
        own = await listed(outsider, "limit=200")
        assert {one["code"][:6] for one in own} == {"330324"}


async def test_anonymous_and_unscoped_callers_are_turned_away(
    registry_app: FastAPI, token: TokenMaker
) -> None:
    async with client_of(registry_app) as nobody:
        assert (await nobody.get("/v1/villages")).status_code == 401
        assert (await nobody.get(f"/v1/villages/{VILLAGE}")).status_code == 401
    async with client_of(registry_app, token("divisions:read")) as stranger:
        assert (await stranger.get("/v1/villages")).status_code == 403
        assert (await stranger.get(f"/v1/villages/{VILLAGE}")).status_code == 403
