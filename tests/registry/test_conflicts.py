"""Conflicts of registration are told to the level that holds both sides, and settled there."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.registry.conflicts.domain import holding_both
from services.registry.households.members.entering import PersonCannotBeEntered
from services.registry.scopes import Scope
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker
from tests.registry.conftest import CHUNAN
from tests.registry.samples import VILLAGE, household, member

OTHER_COUNTY, OTHER_CITY = "330109001001", "330324001001"
CITY, PROVINCE = "330100000000", "330000000000"
SETTLED = {"settlement": "left_there", "note": "（虚构）两地已核实，原户已登记离开"}


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (VILLAGE, VILLAGE, VILLAGE),
        (VILLAGE, "330127100231", "330127100000"),
        (VILLAGE, "330127101200", CHUNAN),
        (VILLAGE, OTHER_COUNTY, CITY),
        (VILLAGE, OTHER_CITY, PROVINCE),
        (VILLAGE, "340123100201", None),
    ],
)
def test_the_lowest_division_that_holds_both(one: str, other: str, both: str | None) -> None:
    assert holding_both(one, other) == holding_both(other, one) == both


async def contested(
    app: FastAPI, token: TokenMaker, village: str
) -> tuple[httpx.Response, dict[str, Any], dict[str, Any]]:
    """Let a clerk of 淳安县 ask for a person of a village; return the refusal and both records."""
    async with client_of(app, token(*Scope)) as province:
        there = household(number="CA-9", village_code=village)
        home = await province.post("/v1/households", json=there)
        assert home.status_code == 201, home.text
        made = await province.post("/v1/members", json=member(home.json()["id"]))
        assert made.status_code == 201, made.text
    async with client_of(app, token(*Scope, division=CHUNAN, subject="clerk")) as clerk:
        asking = await clerk.post("/v1/households", json=household())
        refused = await clerk.post("/v1/members", json=member(asking.json()["id"]))
    assert refused.json()["type"] == f"urn:qingling:problem:{PersonCannotBeEntered.code}"
    return refused, asking.json(), made.json()


@pytest.mark.parametrize(
    ("village", "division", "seen_by"),
    [
        ("330127101200", CHUNAN, [CHUNAN, CITY, PROVINCE]),
        (OTHER_COUNTY, CITY, [CITY, PROVINCE]),
        (OTHER_CITY, PROVINCE, [PROVINCE]),
    ],
)
async def test_a_conflict_is_seen_from_where_both_sides_are_and_above(
    committed_app: FastAPI,
    token: TokenMaker,
    village: str,
    division: str,
    seen_by: list[str],
) -> None:
    refused, asking, registered = await contested(committed_app, token, village)
    conflict = refused.json()["conflict_id"]
    carries = village.startswith(CHUNAN[:6])
    assert ("household_id" in refused.json()) is carries
    for level in (VILLAGE, village, CHUNAN, village[:6] + "000000", CITY, PROVINCE):
        async with client_of(committed_app, token(*Scope, division=level)) as client:
            listed = (await client.get("/v1/conflicts", params={"state": "open"})).json()["items"]
            read = await client.get(f"/v1/conflicts/{conflict}")
            events = await client.get(
                "/v1/events", params={"type": "qingling.registry.conflict.opened"}
            )
            if level not in seen_by:
                assert (listed, read.status_code, events.json()) == ([], 404, [])
                continue
            assert listed == [read.json()]
            assert [event["data"]["state"] for event in events.json()] == listed
            assert listed[0]["division"] == division
            assert listed[0]["document_number"] == "33" + "*" * 16
            assert listed[0]["asking"] == {
                "village_code": VILLAGE,
                "household_id": asking["id"],
            }
            assert listed[0]["registered"] == {
                "village_code": village,
                "household_id": registered["household_id"],
                "member_id": registered["id"],
            }
            assert (listed[0]["recorded_by"], listed[0]["asked_times"]) == ("clerk", 1)


async def settle(client: httpx.AsyncClient, address: str, read: str) -> httpx.Response:
    return await client.post(f"{address}:settle", json=SETTLED, headers={"If-Match": read})


async def test_what_is_asked_again_is_one_conflict_until_it_is_settled(
    registry_app: FastAPI, token: TokenMaker, clerk: httpx.AsyncClient
) -> None:
    refused, asking, _ = await contested(registry_app, token, OTHER_COUNTY)
    again = await clerk.post("/v1/members", json=member(asking["id"]))
    assert again.json()["conflict_id"] == refused.json()["conflict_id"]
    address = f"/v1/conflicts/{refused.json()['conflict_id']}"
    assert (await settle(clerk, address, '"2"')).status_code == 404
    async with client_of(registry_app, token(*Scope, division=CITY, subject="city")) as city:
        assert (await city.get(address)).json()["asked_times"] == 2
        as_it_was = await settle(city, address, '"1"')
        assert (as_it_was.status_code, as_it_was.json()["current"]["asked_times"]) == (412, 2)
        settled = await settle(city, address, '"2"')
        assert settled.status_code == 200, settled.text
        assert settled.json() == (await city.get(address)).json()
        assert (settled.json()["state"], settled.json()["recorded_by"]) == ("settled", "city")
        refused_now = await settle(city, address, '"3"')
        assert refused_now.json()["type"] == "urn:qingling:problem:conflict-settled"
        history = (await city.get(f"{address}/history")).json()["items"]
        assert [each["type"].rpartition(".")[2] for each in history] == [
            "opened",
            "asked_again",
            "settled",
        ]
        assert (await city.get("/v1/conflicts", params={"state": "open"})).json()["items"] == []
    anew = await clerk.post("/v1/members", json=member(asking["id"]))
    assert anew.json()["conflict_id"] != refused.json()["conflict_id"]
