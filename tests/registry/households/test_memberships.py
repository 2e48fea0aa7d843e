"""One household at a time, one head to a household, and everything moves with its household."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.registry.base import RegistryBase
from services.registry.households.kind import MOVING_WITH_HOUSEHOLD
from services.registry.households.tables import OfHousehold
from services.registry.scopes import Scope
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker
from tests.registry.samples import (
    MERGE,
    OTHER_VILLAGE,
    guarantee_check,
    household,
    identity_number,
    income_entry,
    member,
)

FARAWAY = "330324000000"
FARAWAY_VILLAGE = "330324001001"


@pytest.fixture
async def other_household_id(clerk: httpx.AsyncClient) -> str:
    answer = await clerk.post("/v1/households", json=household(number="CA-2"))
    made: str = answer.json()["id"]
    return made


@pytest.fixture
async def province(registry_app: FastAPI, token: TokenMaker) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(registry_app, token(*Scope)) as client:
        yield client


async def added(client: httpx.AsyncClient, household_id: str, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/v1/members", json=member(household_id, **changes))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def amended(client: httpx.AsyncClient, address: str, **patch: Any) -> httpx.Response:
    version = (await client.get(address)).headers["etag"]
    return await client.patch(address, json=patch, headers={**MERGE, "If-Match": version})


async def test_a_person_belongs_to_one_household_at_a_time(
    clerk: httpx.AsyncClient, household_id: str, other_household_id: str
) -> None:
    first = await added(clerk, household_id, left_on="2020-06-01")
    second = member(other_household_id, joined_on="2020-05-31")
    refused = await clerk.post("/v1/members", json=second)
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:qingling:problem:person-cannot-be-entered"
    assert refused.json()["household_id"] == household_id
    assert refused.json()["member_id"] == first["id"]
    followed = await clerk.post("/v1/members", json=second | {"joined_on": "2020-06-01"})
    assert followed.status_code == 201, followed.text
    reopened = await amended(clerk, f"/v1/members/{first['id']}", left_on=None)
    assert reopened.json()["type"] == "urn:qingling:problem:person-cannot-be-entered"


async def test_a_disability_card_does_not_hide_the_person(
    clerk: httpx.AsyncClient, household_id: str, other_household_id: str
) -> None:
    await added(clerk, household_id)
    card = member(
        other_household_id,
        document_type="disability_card",
        document_number=identity_number() + "31",
    )
    assert (await clerk.post("/v1/members", json=card)).status_code == 409


async def test_a_household_that_ended_holds_nobody(
    clerk: httpx.AsyncClient, household_id: str, other_household_id: str
) -> None:
    await added(clerk, household_id)
    ended = await amended(clerk, f"/v1/households/{household_id}", ended_on="2020-07-01")
    assert ended.status_code == 200, ended.text
    moved = member(other_household_id, joined_on="2020-06-30")
    assert (await clerk.post("/v1/members", json=moved)).status_code == 409
    await added(clerk, other_household_id, joined_on="2020-07-01")
    again = await amended(clerk, f"/v1/households/{household_id}", ended_on=None)
    assert again.json()["type"] == "urn:qingling:problem:person-cannot-be-entered"


async def test_a_household_out_of_sight_is_not_named(
    clerk: httpx.AsyncClient, province: httpx.AsyncClient, household_id: str
) -> None:
    villages = household(number="WC-1", village_code=FARAWAY_VILLAGE)
    faraway = await province.post("/v1/households", json=villages)
    assert faraway.status_code == 201, faraway.text
    faraway_id = faraway.json()["id"]
    made = await added(province, faraway_id)
    refused = await clerk.post("/v1/members", json=member(household_id))
    assert refused.json()["type"] == "urn:qingling:problem:person-cannot-be-entered"
    assert faraway_id not in refused.text
    assert made["id"] not in refused.text
    seen = await province.post("/v1/members", json=member(household_id))
    assert seen.json()["household_id"] == faraway_id


async def test_a_household_has_one_head_at_a_time(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    head = await added(clerk, household_id)
    number = identity_number("19900101", "101")
    second = member(household_id, document_number=number)
    refused = await clerk.post("/v1/members", json=second)
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:qingling:problem:head-already-active"
    assert refused.json()["member_id"] == head["id"]
    child = await added(clerk, household_id, document_number=number, relation_to_head="child")
    address = f"/v1/members/{child['id']}"
    assert (await amended(clerk, address, relation_to_head="head")).status_code == 409
    await amended(clerk, f"/v1/members/{head['id']}", left_on="2020-09-01", leave_reason="death")
    assert (await amended(clerk, address, relation_to_head="head")).status_code == 409
    later = {"relation_to_head": "head", "joined_on": "2020-09-01"}
    assert (await amended(clerk, address, **later)).status_code == 200


def test_whatever_belongs_to_a_household_is_known_to_move_with_it() -> None:
    moving = {kind.table for kind in MOVING_WITH_HOUSEHOLD}
    tables = {mapper.class_ for mapper in RegistryBase.registry.mappers}
    assert moving == {table for table in tables if issubclass(table, OfHousehold)}


async def test_what_belongs_to_a_household_moves_with_it(
    clerk: httpx.AsyncClient, registry_app: FastAPI, token: TokenMaker, household_id: str
) -> None:
    made = []
    for path, content in (
        ("members", member(household_id)),
        ("income-entries", income_entry(household_id)),
        ("guarantee-checks", guarantee_check(household_id)),
    ):
        answer = await clerk.post(f"/v1/{path}", json=content)
        assert answer.status_code == 201, answer.text
        made.append(answer.headers["location"])
    moved = await amended(clerk, f"/v1/households/{household_id}", village_code=OTHER_VILLAGE)
    assert moved.status_code == 200, moved.text
    now = {"known_at": "2020-10-01T04:00:00Z"}
    async with client_of(registry_app, token(*Scope, division=OTHER_VILLAGE)) as there:
        for address in made:
            read = await there.get(address)
            assert read.status_code == 200, read.text
            assert (read.json()["village_code"], read.json()["version"]) == (OTHER_VILLAGE, 2)
            assert (await there.get(address, params=now)).json() == read.json()
            entry = (await there.get(f"{address}/history")).json()["items"][-1]
            assert entry["type"].endswith(".moved")
            assert entry["changes"]["village_code"]["to"] == OTHER_VILLAGE
            assert (await amended(there, address)).status_code == 200


async def test_two_clerks_cannot_place_a_person_twice(
    committed_clerk: httpx.AsyncClient,
) -> None:
    homes = [
        (await committed_clerk.post("/v1/households", json=household(number=number))).json()["id"]
        for number in ("CA-1", "CA-2", "CA-3", "CA-4")
    ]
    answers = await asyncio.gather(
        *(committed_clerk.post("/v1/members", json=member(home)) for home in homes)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_a_household_has_ninety_nine_members_at_most_on_a_day(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    def person(place: int, **changes: Any) -> dict[str, Any]:
        other = {"document_type": "other", "document_number": f"P-{place}"}
        return member(household_id, relation_to_head="other", **other | changes)

    for place in range(98):
        assert (await clerk.post("/v1/members", json=person(place))).status_code == 201
    leaving = await clerk.post("/v1/members", json=person(98, left_on="2020-05-01"))
    assert leaving.status_code == 201
    refused = await clerk.post("/v1/members", json=person(99, joined_on="2020-04-30"))
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/joined_on", "household-full")
    before = person(100, joined_on="2019-09-01", left_on="2019-10-02")
    assert (await clerk.post("/v1/members", json=before)).status_code == 422
    joining = await clerk.post("/v1/members", json=person(101, joined_on="2020-05-01"))
    assert joining.status_code == 201
    stays = await amended(clerk, f"/v1/members/{leaving.json()['id']}", left_on=None)
    assert (stays.status_code, stays.json()["errors"][0]["code"]) == (422, "household-full")
