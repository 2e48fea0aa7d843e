"""Retries with an ``Idempotency-Key``: one effect, one answer."""

import asyncio

import httpx
from fastapi import FastAPI
from sqlalchemy import update

from shared.db.database import Database
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker
from shared.web.idempotency import KEPT_FOR, IdempotencyKey, forget_expired
from shared.web.merge_patch import MEDIA_TYPE
from tests.shared.notes import Scope
from tests.shared.web.test_requests import code, stored

KEY = {"Idempotency-Key": "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"}


async def test_the_first_answer_is_given_again(
    clerk: httpx.AsyncClient, database: Database
) -> None:
    first, again = [
        await clerk.post("/v1/notes", json={"text": "a"}, headers=KEY) for _ in range(2)
    ]
    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    for name in "etag", "location", "content-type":
        assert again.headers[name] == first.headers[name]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await stored(database) == 1


async def test_another_body_or_address_under_the_key_is_refused(
    clerk: httpx.AsyncClient, database: Database
) -> None:
    await clerk.post("/v1/notes", json={"text": "a"}, headers=KEY)
    answer = await clerk.post("/v1/notes", json={"text": "b"}, headers=KEY)
    assert (answer.status_code, code(answer)) == (422, "idempotency-key-reused")
    assert await stored(database) == 1


async def test_a_key_belongs_to_its_caller(
    app: FastAPI, clerk: httpx.AsyncClient, token: TokenMaker, database: Database
) -> None:
    await clerk.post("/v1/notes", json={"text": "a"}, headers=KEY)
    async with client_of(app, token(*Scope, subject="another")) as another:
        answer = await another.post("/v1/notes", json={"text": "b"}, headers=KEY)
    assert answer.status_code == 201
    assert await stored(database) == 2
    async with client_of(app) as nobody:
        assert (await nobody.post("/v1/notes", json={}, headers=KEY)).status_code == 401


async def test_what_has_left_the_callers_division_is_not_given_again(
    app: FastAPI, clerk: httpx.AsyncClient, token: TokenMaker
) -> None:
    first = await clerk.post("/v1/notes", json={"text": "a"}, headers=KEY)
    async with client_of(app, token(*Scope, subject="elsewhere")) as province:
        moved = await province.patch(
            first.headers["location"],
            content=b'{"village_code": "330282100201"}',
            headers={"If-Match": "*", "Content-Type": MEDIA_TYPE},
        )
    assert moved.status_code == 200, moved.text
    answer = await clerk.post("/v1/notes", json={"text": "a"}, headers=KEY)
    assert (answer.status_code, code(answer)) == (404, "not-found")


async def test_a_division_that_holds_the_former_one_sees_what_was_kept(
    app: FastAPI, clerk: httpx.AsyncClient, token: TokenMaker
) -> None:
    first = await clerk.post("/v1/notes", json={"text": "a"}, headers=KEY)
    for division, status in ("330100000000", 201), ("330127100000", 404), ("330282000000", 404):
        async with client_of(app, token(*Scope, division=division)) as promoted:
            answer = await promoted.post("/v1/notes", json={"text": "a"}, headers=KEY)
        assert answer.status_code == status, division
        assert (answer.content == first.content) == (status == 201)


async def test_another_reason_is_another_request(clerk: httpx.AsyncClient) -> None:
    await clerk.post("/v1/notes", json={"text": "a"}, headers=KEY)
    headers = KEY | {"X-Change-Reason": "another"}
    answer = await clerk.post("/v1/notes", json={"text": "a"}, headers=headers)
    assert (answer.status_code, code(answer)) == (422, "idempotency-key-reused")


async def test_two_at_once_have_one_effect(clerk: httpx.AsyncClient, database: Database) -> None:
    answers = await asyncio.gather(
        *(clerk.post("/v1/notes", json={"text": "slow"}, headers=KEY) for _ in range(4))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await stored(database) == 1


async def test_a_failure_gives_its_key_up(clerk: httpx.AsyncClient, database: Database) -> None:
    crash = await clerk.post("/v1/notes", json={"text": "crash"}, headers=KEY)
    assert crash.status_code == 500
    refused = await clerk.post("/v1/notes", json={"text": "x" * 21}, headers=KEY)
    assert refused.status_code == 422
    retried = await clerk.post("/v1/notes", json={"text": "a"}, headers=KEY)
    assert (retried.status_code, await stored(database)) == (201, 1)
    assert "idempotency-replayed" not in retried.headers


async def test_a_senseless_key_is_refused(clerk: httpx.AsyncClient) -> None:
    for key in "", "x" * 256:
        answer = await clerk.post("/v1/notes", json={"text": "a"}, headers={"Idempotency-Key": key})
        assert (answer.status_code, code(answer)) == (400, "malformed-request")


async def test_keys_are_forgotten_after_a_day(clerk: httpx.AsyncClient, database: Database) -> None:
    await clerk.post("/v1/notes", json={"text": "a"}, headers=KEY)
    ages = update(IdempotencyKey).values(created_at=IdempotencyKey.created_at - KEPT_FOR / 2)
    for forgotten in 0, 0, 1:
        async with database.session() as session:
            assert await forget_expired(session) == forgotten
            await session.execute(ages)
    answer = await clerk.post("/v1/notes", json={"text": "b"}, headers=KEY)
    assert (answer.status_code, await stored(database)) == (201, 2)
