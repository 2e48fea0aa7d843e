"""Members over HTTP: recorded, read, found, amended, and who may."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.registry.scopes import Scope
from shared.testing.clients import client_of
from shared.testing.clock import FrozenClock
from shared.testing.plugin import TokenMaker
from tests.registry.samples import MERGE, identity_number, lookup, member


@pytest.fixture
async def recorded(clerk: httpx.AsyncClient, household_id: str) -> httpx.Response:
    answer = await clerk.post("/v1/members", json=member(household_id))
    assert answer.status_code == 201, answer.text
    return answer


async def test_recorded_member_is_read_back_with_the_number_masked(
    clerk: httpx.AsyncClient, recorded: httpx.Response
) -> None:
    read = await clerk.get(recorded.headers["location"])
    assert read.json() == recorded.json()
    assert read.headers["etag"] == recorded.headers["etag"] == '"1"'
    assert read.json()["document_number"] == "33" + "*" * 16
    assert read.json()["village_code"] == "330127100219"
    assert read.json()["health"] is None
    assert read.json()["pension"] is None


async def test_birth_date_and_sex_come_from_the_number(recorded: httpx.Response) -> None:
    assert (recorded.json()["birth_date"], recorded.json()["sex"]) == ("1963-05-12", "1")


async def test_a_disability_card_says_the_same_and_an_other_document_says_nothing(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    card = identity_number(sequence="002") + "43"
    disabled = await clerk.post(
        "/v1/members",
        json=member(household_id, document_type="disability_card", document_number=card),
    )
    assert (disabled.json()["birth_date"], disabled.json()["sex"]) == ("1963-05-12", "2")
    other = await clerk.post(
        "/v1/members",
        json=member(
            household_id,
            document_type="other",
            document_number="浙出生0001",
            relation_to_head="grandchild",
        ),
    )
    assert other.status_code == 201, other.text
    assert (other.json()["birth_date"], other.json()["sex"]) == (None, None)


async def test_a_person_is_found_by_any_form_of_the_number(
    clerk: httpx.AsyncClient, recorded: httpx.Response
) -> None:
    number = identity_number()
    old_form = number[:6] + number[8:17]
    for written in (number, number.lower(), number + "43", old_form):
        found = await clerk.post("/v1/members:find", json=lookup(written))
        assert found.status_code == 200, found.text
        assert found.json()["items"] == [recorded.json()]
        assert found.headers["cache-control"] == "no-store"
    nobody = await clerk.post("/v1/members:find", json=lookup("330127"))
    assert nobody.json()["items"] == []


async def test_amending_needs_the_version_read_and_keeps_what_is_not_named(
    clerk: httpx.AsyncClient, recorded: httpx.Response
) -> None:
    address = recorded.headers["location"]
    missing = await clerk.patch(address, json={"health": "chronic"}, headers=MERGE)
    assert missing.status_code == 428
    amended = await clerk.patch(
        address, json={"health": "chronic"}, headers={**MERGE, "If-Match": '"1"'}
    )
    assert amended.status_code == 200, amended.text
    expected = {"health": "chronic", "version": 2}
    assert amended.json() == recorded.json() | expected
    old = await clerk.patch(
        address, json={"health": "healthy"}, headers={**MERGE, "If-Match": '"1"'}
    )
    assert old.status_code == 412
    assert old.json()["current"] == amended.json()
    unchanged = await clerk.patch(
        address, json={"health": "chronic"}, headers={**MERGE, "If-Match": '"2"'}
    )
    assert unchanged.json()["version"] == 2


async def test_a_corrected_number_brings_its_own_birth_date(
    clerk: httpx.AsyncClient, recorded: httpx.Response
) -> None:
    address = recorded.headers["location"]
    number = identity_number("19640101", "002")
    change = {"document_number": number, "birth_date": None, "sex": None}
    amended = await clerk.patch(address, json=change, headers={**MERGE, "If-Match": '"1"'})
    assert amended.status_code == 200, amended.text
    assert (amended.json()["birth_date"], amended.json()["sex"]) == ("1964-01-01", "2")
    found = await clerk.post("/v1/members:find", json=lookup(number))
    assert [each["id"] for each in found.json()["items"]] == [recorded.json()["id"]]


async def test_history_and_what_was_known(
    clerk: httpx.AsyncClient, recorded: httpx.Response, clock: FrozenClock
) -> None:
    address = recorded.headers["location"]
    before = clock.now()
    clock.advance(timedelta(days=1))
    await clerk.patch(
        address,
        json={"left_on": "2020-09-30", "leave_reason": "moved"},
        headers={**MERGE, "If-Match": '"1"', "X-Change-Reason": "%E8%BF%81%E5%87%BA"},
    )
    entries = (await clerk.get(f"{address}/history")).json()["items"]
    assert [entry["type"].rpartition(".")[2] for entry in entries] == ["created", "amended"]
    assert entries[1]["reason"] == "迁出"
    assert entries[1]["changes"]["left_on"] == {"from": None, "to": "2020-09-30"}
    known = await clerk.get(address, params={"known_at": before.isoformat()})
    assert known.json() == recorded.json()
    assert known.headers["etag"] == '"1"'
    earlier = (before - timedelta(days=1)).isoformat()
    assert (await clerk.get(address, params={"known_at": earlier})).status_code == 404
    for moment, code in (
        ("2020-10-01T12:00:00", "timezone-aware"),
        ("0001-01-01T00:00:00+14:00", "greater-than-equal"),
        ("9999-12-31T23:59:59-14:00", "less-than"),
    ):
        refused = await clerk.get(address, params={"known_at": moment})
        assert refused.json()["errors"][0]["code"] == code


async def test_members_are_listed_by_household_and_by_day(
    clerk: httpx.AsyncClient, recorded: httpx.Response, household_id: str
) -> None:
    left = member(
        household_id,
        document_number=identity_number("19660101", "002"),
        relation_to_head="spouse",
        left_on="2020-03-01",
    )
    assert (await clerk.post("/v1/members", json=left)).status_code == 201

    async def names(**query: Any) -> list[str]:
        answer = await clerk.get("/v1/members", params=query)
        assert answer.status_code == 200, answer.text
        return [each["relation_to_head"] for each in answer.json()["items"]]

    assert await names(household_id=household_id, active_on="2020-02-29", sort="joined_on") == [
        "head",
        "spouse",
    ]
    assert await names(household_id=household_id, active_on="2020-03-01") == ["head"]
    assert await names(active_on="2019-09-30") == []
    assert await names(division="330127100000", sort="-created_at", limit=1) == ["spouse"]
    assert await names(household_id="0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d") == []
    unknown = await clerk.get("/v1/members", params={"document_number": identity_number()})
    assert unknown.status_code == 400


async def test_pages_lead_to_every_member_once(clerk: httpx.AsyncClient, household_id: str) -> None:
    for place in range(1, 6):
        relation = "head" if place == 1 else "child"
        number = identity_number("19900101", f"10{place}")
        new = member(household_id, document_number=number, relation_to_head=relation)
        assert (await clerk.post("/v1/members", json=new)).status_code == 201
    for sort in ("village_code", "joined_on", "-created_at"):
        seen: list[str] = []
        following = f"/v1/members?limit=2&count=true&sort={sort}"
        while following:
            answer = await clerk.get(following)
            assert answer.json()["total"] == 5
            seen += [item["id"] for item in answer.json()["items"]]
            following = answer.links.get("next", {}).get("url", "")
        assert len(set(seen)) == len(seen) == 5


async def test_members_of_another_county_do_not_exist(
    registry_app: FastAPI, token: TokenMaker, recorded: httpx.Response, household_id: str
) -> None:
    address = recorded.headers["location"]
    async with client_of(registry_app, token(*Scope, division="330324000000")) as outsider:
        assert (await outsider.get(address)).status_code == 404
        assert (await outsider.get(f"{address}/history")).status_code == 404
        headers = {**MERGE, "If-Match": '"1"'}
        assert (await outsider.patch(address, json={}, headers=headers)).status_code == 404
        reveal = {"purpose": "入户核实", "fields": ["document_number"]}
        assert (await outsider.post(f"{address}:reveal", json=reveal)).status_code == 404
        assert (await outsider.get("/v1/members")).json()["items"] == []
        assert (await outsider.get("/v1/members?division=330127000000")).status_code == 404
        found = await outsider.post("/v1/members:find", json=lookup())
        assert found.json()["items"] == []
        posted = await outsider.post("/v1/members", json=member(household_id))
        assert posted.status_code == 404


async def test_anonymous_and_unscoped_callers_are_turned_away(
    registry_app: FastAPI, token: TokenMaker, recorded: httpx.Response, household_id: str
) -> None:
    address = recorded.headers["location"]
    reveal = {"purpose": "入户核实", "fields": ["document_number"]}
    async with client_of(registry_app) as nobody:
        assert (await nobody.get("/v1/members")).status_code == 401
        assert (await nobody.post("/v1/members:find", json=lookup())).status_code == 401
    async with client_of(registry_app, token("villages:read")) as stranger:
        assert (await stranger.get(address)).status_code == 403
        assert (await stranger.post("/v1/members:find", json=lookup())).status_code == 403
        assert (await stranger.post("/v1/members", json=member(household_id))).status_code == 403
    async with client_of(registry_app, token("households:read", "households:write")) as clerk:
        assert (await clerk.post(f"{address}:reveal", json=reveal)).status_code == 403
