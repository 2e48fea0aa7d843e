"""Finding by number: a scope of its own, for a purpose, journalled, and so many a day."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.registry.allowances.domain import Allowances
from services.registry.allowances.usecases import forget_allowances
from services.registry.scopes import Scope
from shared.db.database import Database
from shared.testing.clients import client_of
from shared.testing.clock import FrozenClock
from shared.testing.plugin import TokenMaker
from tests.registry.conftest import CHUNAN
from tests.registry.samples import PURPOSE, household, identity_number, lookup, member

MOST = 5
FIND = "/v1/members:find"
Clerk = httpx.AsyncClient


@pytest.fixture
def few(registry_app: FastAPI) -> Allowances:
    """Few finds and reveals a day, for the joined database."""
    registry_app.state.allowances = Allowances(MOST, MOST)
    return Allowances(MOST, MOST)


@pytest.fixture
async def person(clerk: Clerk, household_id: str) -> dict[str, Any]:
    answer = await clerk.post("/v1/members", json=member(household_id))
    made: dict[str, Any] = answer.json()
    return made


async def events(client: Clerk, kind: str) -> list[dict[str, Any]]:
    answer = await client.get("/v1/events", params={"type": f"qingling.registry.{kind}"})
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_finding_needs_a_scope_of_its_own(
    registry_app: FastAPI, token: TokenMaker, person: dict[str, Any]
) -> None:
    others = set(Scope) - {Scope.MEMBERS_FIND}
    async with client_of(registry_app, token(*others, division=CHUNAN)) as reader:
        assert (await reader.post(FIND, json=lookup())).status_code == 403
    async with client_of(registry_app, token(Scope.MEMBERS_FIND, division=CHUNAN)) as finder:
        assert (await finder.post(FIND, json=lookup())).json()["items"] == [person]


@pytest.mark.parametrize("purpose", [None, "", "    ", "看"])
async def test_finding_needs_a_purpose(clerk: Clerk, purpose: str | None) -> None:
    asked = lookup(purpose=purpose) if purpose is not None else {"document_number": "330127"}
    refused = await clerk.post(FIND, json=asked)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/purpose"


async def test_every_find_is_journalled_whether_it_finds_anybody_or_not(
    committed_clerk: Clerk,
) -> None:
    home = (await committed_clerk.post("/v1/households", json=household())).json()["id"]
    made = await committed_clerk.post("/v1/members", json=member(home))
    nobody = identity_number(sequence="003")
    for number in (identity_number(), nobody):
        await committed_clerk.post(FIND, json=lookup(number))
    finds = await events(committed_clerk, "member_find.made")
    assert [find["data"]["state"] for find in finds] == [
        {"members": [made.json()["id"]]},
        {"members": []},
    ]
    for find in finds:
        assert (find["data"]["reason"], find["data"]["recorded_by"]) == (PURPOSE, "clerk")
        assert find["division"] == CHUNAN
    history = await committed_clerk.get(f"{made.headers['location']}/history")
    entry = history.json()["items"][-1]
    assert entry["type"] == "qingling.registry.member.found"
    assert (entry["reason"], entry["recorded_by"], entry["changes"]) == (PURPOSE, "clerk", {})


async def test_so_many_finds_a_day_are_answered(
    clerk: Clerk, few: Allowances, clock: FrozenClock, person: dict[str, Any]
) -> None:
    for left in reversed(range(MOST)):
        found = await clerk.post(FIND, json=lookup())
        assert found.json()["items"] == [person]
        assert found.headers["x-allowance-limit"] == str(few.finds)
        assert found.headers["x-allowance-remaining"] == str(left)
    answers = [
        await clerk.post(FIND, json=lookup(number))
        for number in (identity_number(), identity_number(sequence="003"))
    ]
    for refused in answers:
        assert refused.status_code == 429
        assert refused.json()["type"] == "urn:qingling:problem:finds-exhausted"
        assert (refused.json()["limit"], refused.json()["remaining"]) == (MOST, 0)
        assert refused.headers["x-allowance-remaining"] == "0"
        assert refused.headers["retry-after"] == str(12 * 60 * 60)  # noon in China
    clock.advance(timedelta(hours=12))
    assert (await clerk.post(FIND, json=lookup())).json()["items"] == [person]


async def test_each_caller_has_an_allowance_of_their_own(
    registry_app: FastAPI, token: TokenMaker, clerk: Clerk, few: Allowances
) -> None:
    for _ in range(few.finds):
        await clerk.post(FIND, json=lookup())
    again = token(*Scope, division=CHUNAN, subject="clerk")
    async with client_of(registry_app, again) as same:
        assert (await same.post(FIND, json=lookup())).status_code == 429
    async with client_of(registry_app, token(*Scope, subject="colleague")) as other:
        assert (await other.post(FIND, json=lookup())).status_code == 200


async def test_a_find_that_fails_or_is_tried_again_counts(clerk: Clerk, few: Allowances) -> None:
    bad_cursor = await clerk.post(FIND, params={"cursor": "none"}, json=lookup())
    assert bad_cursor.json()["type"] == "urn:qingling:problem:invalid-cursor"
    key = {"Idempotency-Key": "once"}
    for left in (3, 2):
        found = await clerk.post(FIND, json=lookup(), headers=key)
        assert "idempotency-replayed" not in found.headers
        assert found.headers["x-allowance-remaining"] == str(left)


async def test_many_at_once_get_no_more(committed_app: FastAPI, committed_clerk: Clerk) -> None:
    committed_app.state.allowances = Allowances(MOST, MOST)
    answers = await asyncio.gather(
        *(committed_clerk.post(FIND, json=lookup()) for _ in range(4 * MOST))
    )
    assert sorted(answer.status_code for answer in answers) == [200] * MOST + [429] * 3 * MOST


@pytest.mark.parametrize("path", ["members", "households"])
async def test_so_many_numbers_a_day_are_revealed(
    clerk: Clerk, few: Allowances, person: dict[str, Any], household_id: str, path: str
) -> None:
    record, field = (person["id"], "document_number")
    if path == "households":
        record, field = (household_id, "phone")
    asked = {"purpose": PURPOSE, "fields": [field]}
    address = f"/v1/{path}/{record}:reveal"
    for _ in range(few.reveals):
        assert (await clerk.post(address, json=asked)).status_code == 200
    refused = await clerk.post(address, json=asked)
    assert refused.status_code == 429
    assert refused.json()["type"] == "urn:qingling:problem:reveals-exhausted"
    entries = (await clerk.get(f"/v1/{path}/{record}/history")).json()["items"]
    assert len([each for each in entries if each["type"].endswith(".revealed")]) == few.reveals


async def test_what_was_counted_is_forgotten_with_the_day(
    committed_app: FastAPI, committed_clerk: Clerk, clock: FrozenClock
) -> None:
    database: Database = committed_app.state.database
    await committed_clerk.post(FIND, json=lookup())
    await forget_allowances(database, clock)
    async with database.driver() as driver:
        assert await driver.fetchval("SELECT used FROM allowances") == 1
        clock.advance(timedelta(days=1))
        await forget_allowances(database, clock)
        assert await driver.fetchval("SELECT count(*) FROM allowances") == 0
