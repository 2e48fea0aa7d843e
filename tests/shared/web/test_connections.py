"""Clients that send half, too much or never, and clients that do not read: none of them stays."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest
from fastapi import APIRouter, FastAPI
from starlette.responses import Response

from shared.security.issuer import LocalIssuer
from shared.settings import ServiceSettings
from shared.testing.plugin import TokenMaker, settings_for
from shared.testing.servers import served
from shared.web import connections
from shared.web.app import create_app
from shared.web.streams import StreamedAnswer
from tests.shared import notes

HEAD = b"POST /v1/notes HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
SHORT = {
    "header_seconds": 0.3,
    "body_seconds": 0.3,
    "send_seconds": 0.2,
    "idle_seconds": 1,
    "max_header_bytes": 4096,
    "max_connections": 4,
}
Sent = AsyncIterator[bytes]

endless = APIRouter()
ended = asyncio.Event()


@endless.get("/endless")
async def read_endless() -> Response:
    """Answer without an end; say so when it is ended."""

    async def content() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b"x" * 65536
        finally:
            ended.set()

    return await StreamedAnswer.of(content(), media_type="text/plain")


@pytest.fixture
def app(issuer: LocalIssuer) -> FastAPI:
    """The notes without a database: nothing here gets as far."""
    settings = settings_for(ServiceSettings, "postgresql://none/none", issuer.public_keys, **SHORT)
    return create_app("rules", settings, [notes.router, endless], title="Test", description="Notes")


@pytest.fixture
async def port(app: FastAPI) -> AsyncIterator[int]:
    async with served(app) as port:
        yield port


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def answer_to(port: int, sent: Sent) -> bytes:
    """Send until the server ends the connection; return what it answered."""
    async with asyncio.timeout(20), connected(port) as (reader, writer):

        async def send() -> None:
            async for part in sent:
                writer.write(part)
                await writer.drain()

        sending = asyncio.create_task(send())
        answer = b""
        with suppress(ConnectionError):  # what was read before the end is an answer all the same
            while part := await reader.read(65536):
                answer += part
        sending.cancel()
        await asyncio.wait([sending])
        return answer


async def once(*parts: bytes) -> Sent:
    for part in parts:
        yield part


async def dribbled(start: bytes, part: bytes = b"x", pause: float = 0.02) -> Sent:
    yield start
    while True:
        await asyncio.sleep(pause)
        yield part


async def flood(start: bytes, part: bytes) -> Sent:
    yield start
    while True:
        yield part


GET = b"GET /v1/notes HTTP/1.1\r\nHost: h\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        lambda: flood(GET + b"X-Long: ", b"x" * 1000),
        lambda: flood(GET, b"X-Many: x\r\n" * 50),
        lambda: flood(GET, b"X" * 1000),
        lambda: flood(b"GET /", b"x" * 1000),
        lambda: flood(b"GET /?", b"x=1&" * 300),
        lambda: once(GET + b"X-Long: " + b"x" * 5000 + b"\r\n\r\n", GET),
    ],
)
async def test_a_head_has_a_size(port: int, sent: Callable[[], Sent]) -> None:
    answer = await answer_to(port, sent())
    assert answer.startswith(b"HTTP/1.1 431 "), answer[:200]
    assert b"urn:qingling:problem:head-too-large" in answer


@pytest.mark.parametrize(
    "sent",
    [
        lambda: once(b"GET"),
        lambda: once(GET + b"X-Half: "),
        lambda: once(HEAD + b"Content-Length: 10\r\n"),
        lambda: dribbled(GET + b"X-Slow: "),
        lambda: dribbled(b"", b"\r\n"),
    ],
)
async def test_a_head_has_a_time(port: int, sent: Callable[[], Sent]) -> None:
    answer = await answer_to(port, sent())
    assert answer.startswith(b"HTTP/1.1 408 "), answer[:200]
    assert b"urn:qingling:problem:request-timeout" in answer
    assert b"x-content-type-options: nosniff" in answer.lower()


async def test_a_connection_that_says_nothing_is_closed(port: int) -> None:
    assert await answer_to(port, once()) == b""
    answered = await answer_to(port, once(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"))
    assert answered.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "body",
    [
        lambda head: once(head + b"Content-Length: 100\r\n\r\n{"),
        lambda head: dribbled(head + b"Content-Length: 100000\r\n\r\n", pause=0.05),
        lambda head: dribbled(head + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", 0.05),
        lambda head: dribbled(head + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x", 0.05),
    ],
)
async def test_a_body_has_a_time(
    port: int, token: TokenMaker, monkeypatch: pytest.MonkeyPatch, body: Callable[[bytes], Sent]
) -> None:
    bearer = f"Authorization: Bearer {token(*notes.Scope)}\r\n".encode()
    answer = await answer_to(port, body(HEAD + bearer))
    assert answer.startswith(b"HTTP/1.1 408 "), answer[:200]
    # Without a token nobody waits for the body at all; the rest is thrown away for a while.
    monkeypatch.setattr(connections, "LINGER_SECONDS", 0.3)
    answer = await answer_to(port, body(HEAD))
    assert answer.startswith(b"HTTP/1.1 401 "), answer[:200]


@pytest.mark.parametrize(
    "part", [b"X-Trailer: x\r\n", b"X-Trailer-without-an-end"], ids=["many", "one"]
)
async def test_what_follows_a_body_has_a_size(port: int, token: TokenMaker, part: bytes) -> None:
    bearer = f"Authorization: Bearer {token(*notes.Scope)}\r\n".encode()
    start = HEAD + bearer + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    answer = await answer_to(port, flood(start, part * 50))
    assert answer == b""


async def test_trailers_are_no_headers(port: int, token: TokenMaker) -> None:
    trailer = f"0\r\nAuthorization: Bearer {token(*notes.Scope)}\r\n\r\n".encode()
    sent = HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n" + trailer
    assert (await answer_to(port, once(sent))).startswith(b"HTTP/1.1 401 ")


async def test_what_is_not_http_is_told_so(port: int) -> None:
    answer = await answer_to(port, once(b"\x16\x03\x01\x02\x00 hello\r\n\r\n"))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"urn:qingling:problem:malformed-request" in answer
    assert b"content-security-policy" in answer.lower()


async def test_an_early_answer_reaches_a_client_that_still_sends(port: int) -> None:
    """A megabyte is on its way when it is refused; the connection then serves the next request."""
    body = b"x" * 1_000_000
    request = HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    answer = await answer_to(port, once(request, GET + b"\r\n"))
    assert answer.count(b"HTTP/1.1 401 ") == 2


async def test_a_client_that_does_not_read_is_cut_off(port: int) -> None:
    ended.clear()
    async with asyncio.timeout(20), connected(port) as (_, writer):
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(b"GET /endless HTTP/1.1\r\nHost: h\r\n\r\n")
        await ended.wait()


async def test_the_newest_client_is_served_before_those_that_wait(port: int) -> None:
    async with asyncio.timeout(20), AsyncExitStack() as held:
        first, writer = await held.enter_async_context(connected(port))
        writer.write(GET)
        for _ in range(3):
            await held.enter_async_context(connected(port))
        answered = await answer_to(port, once(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"))
        assert answered.startswith(b"HTTP/1.1 200 ")
        with suppress(ConnectionError):
            assert await first.read() == b""
