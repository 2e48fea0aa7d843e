"""Bodies of requests: known callers first, large ones on disk and few, and no disk no crash."""

import asyncio
import errno
from collections.abc import AsyncIterator
from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI, UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from shared.problems import InsufficientStorage, ServiceBusy, TooManyRequests
from shared.security.access import Caller, requires
from shared.security.issuer import LocalIssuer
from shared.settings import ServiceSettings
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker, settings_for
from shared.web import bodies
from shared.web.app import create_app
from shared.web.bodies import IN_MEMORY_BYTES, LARGE_BYTES, Bodies
from shared.web.route import ServiceRoute
from tests.shared import notes

files = APIRouter(prefix="/v1/files", route_class=ServiceRoute)


@files.post("")
async def count_bytes(
    caller: Annotated[Caller, requires(notes.Scope.WRITE)], file: UploadFile
) -> int:
    """Answer how large a file is."""
    return len(await file.read())


@pytest.fixture
def settings(issuer: LocalIssuer) -> ServiceSettings:
    return settings_for(
        ServiceSettings,
        "postgresql://none/none",
        issuer.public_keys,
        max_body_bytes=4 * LARGE_BYTES,
        uploads_a_caller=1,
        uploads_at_once=2,
        large_bodies_in_use=1,
    )


@pytest.fixture
def app(settings: ServiceSettings) -> FastAPI:
    return create_app("rules", settings, [files], title="Test", description="Files")


def request_of(*parts: bytes, more: bool = False) -> Request:
    """A request whose body comes in parts, and then goes on or not."""
    sent = iter(parts)
    count = 0

    async def receive() -> Message:
        nonlocal count
        count += 1
        if count > len(parts):
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": next(sent), "more_body": more or count < len(parts)}

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


@pytest.mark.parametrize(
    "size", [0, 1, IN_MEMORY_BYTES, IN_MEMORY_BYTES + 1, LARGE_BYTES, LARGE_BYTES + 1]
)
@pytest.mark.parametrize("part", [1000, 65536])
async def test_what_was_sent_is_what_is_read(
    settings: ServiceSettings, size: int, part: int
) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    parts = [content[place : place + part] for place in range(0, size, part)] or [b""]
    async with Bodies(settings).received(request_of(*parts), "a") as whole:
        assert await whole.body() == content
    async with Bodies(settings).received(request_of(*parts, b""), "a") as whole:
        assert b"".join([chunk async for chunk in whole.stream()]) == content


async def test_who_leaves_in_the_middle_is_gone(settings: ServiceSettings) -> None:
    with pytest.raises(ClientDisconnect):
        async with Bodies(settings).received(request_of(b"x", b"y", more=True), "a"):
            pass


async def test_large_bodies_have_a_share_and_a_turn(
    settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, large = Bodies(settings), b"x" * (LARGE_BYTES + 1)
    monkeypatch.setattr(bodies, "WAITING_SECONDS", 0.05)
    async with held.received(request_of(large, b""), "a"):
        with pytest.raises(TooManyRequests):
            async with held.received(request_of(large, b""), "a"):
                pass
        with pytest.raises(ServiceBusy):
            async with held.received(request_of(large, b""), "b"):
                pass
        async with held.received(request_of(b"small", b""), "a") as small:
            assert await small.body() == b"small"
    async with held.received(request_of(large, b""), "b") as whole:
        assert len(await whole.body()) == len(large)


async def test_a_full_disk_is_told(
    settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(asyncio, "to_thread", full)
    with pytest.raises(InsufficientStorage):
        async with Bodies(settings).received(request_of(b"x" * 100_000, b""), "a"):
            pass


@pytest.mark.parametrize("size", [10, 3 * LARGE_BYTES])
async def test_files_arrive(app: FastAPI, token: TokenMaker, size: int) -> None:
    async with client_of(app, token(*notes.Scope)) as client:
        answer = await client.post("/v1/files", files={"file": b"x" * size})
        assert (answer.status_code, answer.json()) == (200, size)


async def test_nothing_is_read_of_whom_the_route_does_not_admit(
    app: FastAPI, token: TokenMaker
) -> None:
    """Neither without a token nor with one that lacks the scope."""
    asked = 0

    async def content() -> AsyncIterator[bytes]:
        nonlocal asked
        for _ in range(100):
            asked += 1
            yield b"x" * 1000

    for made, status in (None, 401), (token("notes:read"), 403):
        async with client_of(app, made) as client:
            answer = await client.post("/v1/files", content=content())
            assert answer.status_code == status
    assert asked == 0


async def test_fields_of_a_form_are_few_and_small(app: FastAPI, token: TokenMaker) -> None:
    async with client_of(app, token(*notes.Scope)) as client:
        for fields in {"a": "x" * 70_000}, {f"n{place}": "x" for place in range(60)}:
            answer = await client.post("/v1/files", data=fields, files={"file": b"x"})
            assert answer.status_code == 400
            assert answer.json()["type"] == "urn:qingling:problem:malformed-request"
