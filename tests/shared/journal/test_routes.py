"""``GET /v1/events``, and the history and past states of a record over HTTP."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from shared.db.database import Database
from shared.testing.clients import client_of
from shared.testing.clock import FrozenClock
from shared.testing.plugin import TokenMaker
from shared.web.merge_patch import MEDIA_TYPE
from tests.shared import notes
from tests.shared.conftest import AppMaker

COUNTY, OTHER_COUNTY = "330127000000", "330122000000"


@pytest.fixture
async def app(database: Database, make_app: AppMaker) -> FastAPI:
    await notes.make_tables(database)
    return make_app(notes.router, notes.events)


@pytest.fixture
async def clerk(app: FastAPI, token: TokenMaker) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, token(*notes.Scope, division=COUNTY)) as client:
        yield client


async def write(clerk: httpx.AsyncClient, clock: FrozenClock, *texts: str) -> str:
    """Record a note and amend it, an hour apart; return its address."""
    created = await clerk.post("/v1/notes", json={"text": texts[0]})
    address, tag = created.headers["location"], created.headers["etag"]
    for text in texts[1:]:
        clock.advance(timedelta(hours=1))
        headers = {"Content-Type": MEDIA_TYPE, "If-Match": tag}
        amended = await clerk.request("PATCH", address, json={"text": text}, headers=headers)
        assert amended.status_code == 200, amended.text
        tag = amended.headers["etag"]
    return str(address)


async def test_the_feed_is_followed_by_its_links(
    clerk: httpx.AsyncClient, clock: FrozenClock
) -> None:
    await write(clerk, clock, "a", "b", "c")
    seen, address = [], "/v1/events?limit=2&after="
    while True:
        answer = await clerk.get(address)
        assert answer.headers["content-type"] == "application/cloudevents-batch+json"
        if not answer.json():
            break
        seen += [event["data"]["state"]["text"] for event in answer.json()]
        address = answer.headers["link"].partition(">")[0].removeprefix("<")
        assert httpx.URL(address).params["after"] == answer.headers["x-next-cursor"]
    assert seen == ["a", "b", "c"]


async def test_the_end_is_where_what_is_recorded_next_begins(
    clerk: httpx.AsyncClient, clock: FrozenClock
) -> None:
    await write(clerk, clock, "a")
    end = await clerk.get("/v1/events/end")
    again = await clerk.get("/v1/events/end", headers={"If-None-Match": end.headers["etag"]})
    await write(clerk, clock, "b")
    following = await clerk.get("/v1/events", params={"after": end.json()["cursor"]})
    assert (end.json()["held_back"], again.status_code) == (0, 304)
    assert [event["data"]["state"]["text"] for event in following.json()] == ["b"]


async def test_the_feed_refuses_what_it_cannot_serve(
    app: FastAPI, clerk: httpx.AsyncClient, token: TokenMaker
) -> None:
    bad = await clerk.get("/v1/events", params={"after": "tomorrow"})
    assert (bad.status_code, bad.json()["type"]) == (400, "urn:qingling:problem:invalid-cursor")
    for query in {"wait": "31"}, {"wait": "nan"}, {"limit": "0"}, {"after": "1" * 61}:
        assert (await clerk.get("/v1/events", params=query)).status_code == 422, query
    for division in OTHER_COUNTY, "330000000000":
        answer = await clerk.get("/v1/events", params={"division": division})
        assert answer.status_code == 404
    async with client_of(app) as nobody, client_of(app, token(notes.Scope.READ)) as reader:
        for path in "/v1/events", "/v1/events/end":
            assert (await nobody.get(path)).status_code == 401
            assert (await reader.get(path)).status_code == 403


async def test_the_feed_ends_at_the_callers_division(
    app: FastAPI, clerk: httpx.AsyncClient, clock: FrozenClock, token: TokenMaker
) -> None:
    await write(clerk, clock, "a")
    async with client_of(app, token(*notes.Scope, division=OTHER_COUNTY)) as stranger:
        assert (await stranger.get("/v1/events")).json() == []


async def test_history_is_paged_oldest_first(clerk: httpx.AsyncClient, clock: FrozenClock) -> None:
    address = await write(clerk, clock, "a", "b", "c", "d", "e")
    entries, query = [], {"limit": "2"}
    while True:
        page = (await clerk.get(f"{address}/history", params=query)).json()
        entries += page["items"]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert [entry["version"] for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry["state"]["text"] for entry in entries] == ["a", "b", "c", "d", "e"]
    assert entries[1]["changes"]["text"] == {"from": "a", "to": "b"}
    assert entries[1]["changes"].keys() == {"text", "version"}
    assert not any("secret_sealed" in entry["state"] for entry in entries)


async def test_a_record_is_read_as_it_was_known(
    clerk: httpx.AsyncClient, clock: FrozenClock
) -> None:
    recorded = clock.now()
    address = await write(clerk, clock, "a", "b", "c")
    for minutes, text in (0, "a"), (59, "a"), (60, "b"), (119, "b"), (120, "c"), (9999, "c"):
        moment = recorded + timedelta(minutes=minutes)
        answer = await clerk.get(address, params={"known_at": moment.isoformat()})
        assert answer.json()["text"] == text, minutes
    before = recorded - timedelta(seconds=1)
    unknown = await clerk.get(address, params={"known_at": before.isoformat()})
    assert unknown.status_code == 404
    naive = await clerk.get(address, params={"known_at": "2020-10-01T12:00:00"})
    assert naive.status_code == 422
    assert (await clerk.get(address)).json()["text"] == "c"


async def test_a_record_and_its_past_stay_within_their_division(
    app: FastAPI, clerk: httpx.AsyncClient, clock: FrozenClock, token: TokenMaker
) -> None:
    address = await write(clerk, clock, "a")
    known = {"known_at": clock.now().isoformat()}
    async with client_of(app, token(*notes.Scope, division=OTHER_COUNTY)) as stranger:
        assert (await stranger.get(address)).status_code == 404
        assert (await stranger.get(address, params=known)).status_code == 404
        assert (await stranger.get(f"{address}/history")).status_code == 404
        headers = {"Content-Type": MEDIA_TYPE, "If-Match": '"1"'}
        patched = await stranger.request("PATCH", address, json={"text": "b"}, headers=headers)
        assert patched.status_code == 404
        created = await stranger.post("/v1/notes", json={"text": "a"})
        assert created.status_code == 404
