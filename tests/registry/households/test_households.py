"""Households over HTTP: who may, what is kept, what is refused."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.registry.scopes import Scope
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker
from tests.registry.samples import MERGE, household


@pytest.fixture
async def recorded(clerk: httpx.AsyncClient) -> httpx.Response:
    answer = await clerk.post("/v1/households", json=household())
    assert answer.status_code == 201, answer.text
    return answer


async def test_recorded_household_is_read_back_with_its_phone_masked(
    clerk: httpx.AsyncClient, recorded: httpx.Response
) -> None:
    read = await clerk.get(recorded.headers["location"])
    assert read.json() == recorded.json()
    assert read.headers["etag"] == recorded.headers["etag"] == '"1"'
    assert read.json()["phone"] == "138******78"
    assert read.json()["main_cause"] is None


async def test_amending_needs_the_version_read(
    clerk: httpx.AsyncClient, recorded: httpx.Response
) -> None:
    address = recorded.headers["location"]
    missing = await clerk.patch(address, json={"address": "甲"}, headers=MERGE)
    assert missing.status_code == 428
    amended = await clerk.patch(
        address,
        json={"address": "甲"},
        headers={**MERGE, "If-Match": '"1"', "X-Change-Reason": "%E6%A0%B8"},
    )
    assert amended.status_code == 200, amended.text
    assert (amended.json()["version"], amended.json()["phone"]) == (2, "138******78")
    old = await clerk.patch(address, json={"address": "乙"}, headers={**MERGE, "If-Match": '"1"'})
    assert old.status_code == 412
    assert old.json()["current"] == amended.json()
    history = (await clerk.get(f"{address}/history")).json()["items"]
    assert [entry["version"] for entry in history] == [1, 2]
    assert history[1]["changes"]["address"] == {"from": None, "to": "甲"}
    assert history[1]["reason"] == "核"
    assert "phone_sealed" not in history[1]["state"]


async def test_pages_lead_to_every_household_once(clerk: httpx.AsyncClient) -> None:
    for place in range(5):
        await clerk.post("/v1/households", json=household(number=f"CA-{place}"))
    seen: list[str] = []
    following = "/v1/households?limit=2&count=true"
    while following:
        answer = await clerk.get(following)
        assert answer.json()["total"] == 5
        seen += [item["number"] for item in answer.json()["items"]]
        following = answer.links.get("next", {}).get("url", "")
    assert seen == [f"CA-{place}" for place in range(5)]


async def test_same_number_in_a_county_is_a_conflict(
    clerk: httpx.AsyncClient, recorded: httpx.Response
) -> None:
    again = await clerk.post("/v1/households", json=household())
    assert again.status_code == 409
    assert again.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"category": "rich"}, "unknown-code"),
        ({"village_code": "330127000000"}, "not-a-village"),
        ({"registered_on": "2019-13-01"}, "date-malformed"),
        ({"other_causes": ["illness", "illness"]}, "cause-repeated"),
        ({"main_cause": "illness", "other_causes": ["labour", "illness"]}, "cause-repeated"),
        ({"number": "无"}, "household-number-missing"),
        ({"number": "0"}, "household-number-missing"),
        ({"surplus": 1}, "extra-forbidden"),
    ],
)
async def test_bad_content_is_refused_with_a_stable_code(
    clerk: httpx.AsyncClient, changes: dict[str, Any], code: str
) -> None:
    answer = await clerk.post("/v1/households", json=household(**changes))
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["code"] == code


async def test_households_of_another_county_do_not_exist(
    registry_app: FastAPI, token: TokenMaker, recorded: httpx.Response
) -> None:
    address = recorded.headers["location"]
    async with client_of(registry_app, token(*Scope, division="330324000000")) as outsider:
        assert (await outsider.get(address)).status_code == 404
        assert (await outsider.get(f"{address}/history")).status_code == 404
        assert (await outsider.get("/v1/households")).json()["items"] == []
        assert (await outsider.get("/v1/households?division=330127000000")).status_code == 404
        posted = await outsider.post("/v1/households", json=household(number="CA-2"))
        assert posted.status_code == 404


async def test_anonymous_and_unscoped_callers_are_turned_away(
    registry_app: FastAPI, token: TokenMaker
) -> None:
    async with client_of(registry_app) as nobody:
        assert (await nobody.get("/v1/households")).status_code == 401
    async with client_of(registry_app, token("villages:read")) as stranger:
        assert (await stranger.get("/v1/households")).status_code == 403
        assert (await stranger.post("/v1/households", json=household())).status_code == 403
