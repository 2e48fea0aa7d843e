"""Batches of village accounts: an outcome for every item, whatever becomes of the others."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.registry.scopes import Scope
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker
from tests.registry.samples import OTHER_VILLAGE
from tests.registry.villages.accounts import account

BATCH = "/v1/village-accounts:batch"
CHOSEN = "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"


async def send(client: httpx.AsyncClient, mode: str, *items: Any) -> httpx.Response:
    return await client.post(BATCH, json={"mode": mode, "items": items})


async def recorded_years(client: httpx.AsyncClient) -> list[int]:
    items = (await client.get("/v1/village-accounts")).json()["items"]
    return [item["year"] for item in items]


def outcomes(items: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(item["outcome"], item["code"]) for item in items]


async def test_each_item_is_written_or_told_why_not(clerk: httpx.AsyncClient) -> None:
    answer = await send(
        clerk,
        "each",
        account(id=CHOSEN),
        account(),
        account(lines=[]),
        account(year=2020),
        account(village_code="330324100201"),
        account(village_code=OTHER_VILLAGE, id=CHOSEN),
        account(lines=[{"source": "leasing", "amount": 5.5}]),
        "not an account",
        account(year=2018),
    )
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert outcomes(items) == [
        ("created", None),
        ("unchanged", None),
        ("failed", "account-already-recorded"),
        ("failed", "invalid-request"),
        ("failed", "not-found"),
        ("failed", "conflict"),
        ("failed", "invalid-request"),
        ("failed", "invalid-request"),
        ("created", None),
    ]
    assert [item["index"] for item in items] == list(range(9))
    assert items[0]["id"] == items[1]["id"] == CHOSEN
    assert f"PATCH /v1/village-accounts/{CHOSEN}" in items[2]["detail"]["en"]
    assert items[3]["errors"][0]["pointer"] == "/year"
    assert {error["pointer"] for error in items[6]["errors"]} == {
        "/lines/0/amount",
        "/lines/0/operating",
        "/lines/0/recurring",
    }
    assert answer.json()["counts"] == {"created": 2, "unchanged": 1, "failed": 6}
    assert await recorded_years(clerk) == [2018, 2019]
    history = await clerk.get(f"/v1/village-accounts/{CHOSEN}/history")
    assert len(history.json()["items"]) == 1


async def test_all_are_written_or_none(clerk: httpx.AsyncClient) -> None:
    refused = await send(clerk, "all_or_nothing", account(), account(year=2020), account(year=2018))
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("batch-refused")
    assert outcomes(refused.json()["items"]) == [
        ("skipped", None),
        ("failed", "invalid-request"),
        ("skipped", None),
    ]
    assert [item["id"] for item in refused.json()["items"]] == [None, None, None]
    assert refused.json()["counts"] == {"skipped": 2, "failed": 1}
    assert await recorded_years(clerk) == []
    written = await send(clerk, "all_or_nothing", account(), account(year=2018))
    assert written.json()["counts"] == {"created": 2}
    again = await send(clerk, "all_or_nothing", account(), account(year=2018))
    assert again.json()["counts"] == {"unchanged": 2}
    assert await recorded_years(clerk) == [2018, 2019]


async def test_a_repeated_request_gives_the_first_answer(clerk: httpx.AsyncClient) -> None:
    body = {"mode": "each", "items": [account()]}
    headers = {"Idempotency-Key": "accounts-2019"}
    first = await clerk.post(BATCH, json=body, headers=headers)
    assert (await clerk.post(BATCH, json=body, headers=headers)).json() == first.json()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"mode": "some", "items": [account()]}, "enum"),
        ({"items": [account()]}, "missing"),
        ({"mode": "each", "items": []}, "too-short"),
        ({"mode": "each", "items": [{}] * 1001}, "too-long"),
        ({"mode": "each", "items": {}}, "list-type"),
        ({"mode": "each", "items": [account()], "dry_run": True}, "extra-forbidden"),
    ],
)
async def test_a_batch_that_cannot_be_read_is_refused(
    clerk: httpx.AsyncClient, body: dict[str, Any], code: str
) -> None:
    answer = await clerk.post(BATCH, json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["code"] == code


async def test_only_writers_may_send_a_batch(registry_app: FastAPI, token: TokenMaker) -> None:
    async with client_of(registry_app) as nobody:
        assert (await send(nobody, "each", account())).status_code == 401
    async with client_of(registry_app, token("villages:read")) as reader:
        assert (await send(reader, "each", account())).status_code == 403
    async with client_of(registry_app, token(*Scope, division="330324000000")) as outsider:
        answer = await send(outsider, "each", account())
        assert outcomes(answer.json()["items"]) == [("failed", "not-found")]


async def test_what_was_voided_is_not_brought_back(clerk: httpx.AsyncClient) -> None:
    sent = account()
    made = (await clerk.post(BATCH, json={"mode": "each", "items": [sent]})).json()
    why = {"reason": "（虚构）登记到了另一村名下"}
    at = f"/v1/village-accounts/{made['items'][0]['id']}:void"
    voided = await clerk.post(at, json=why, headers={"If-Match": '"1"'})
    assert voided.status_code == 200, voided.text
    items = [sent, sent | {"relatively_weak": not sent["relatively_weak"]}]
    again = (await clerk.post(BATCH, json={"mode": "each", "items": items})).json()["items"]
    assert [each["outcome"] for each in again] == ["failed", "created"]
    assert again[0]["code"] == "record-voided"
    assert why["reason"] in again[0]["detail"]["zh"]
