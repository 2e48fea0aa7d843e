"""Clients that ask for facts and do not read: the registry goes on answering everybody."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from services.registry.facts import stream
from services.registry.main import create_app
from services.registry.scopes import Scope
from services.registry.settings import RegistrySettings
from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of, running
from shared.testing.databases import Databases
from shared.testing.plugin import TokenMaker, settings_for
from shared.testing.servers import served
from tests.registry.conftest import DATA_KEYS

PATH = "/v1/facts/villages?as_of=2020-10-01"
STREAMS, POOL = 3, 2
# More than the sockets between client and server hold.
MUCH = "SELECT n, repeat('x', 1000) AS x FROM generate_series(1, 15000) n"


@pytest.fixture
async def registry(databases: Databases, issuer: LocalIssuer) -> AsyncIterator[FastAPI]:
    """A registry with a small pool, of which a client may read more streams than it has."""
    with databases.clone("registry") as address:
        settings = settings_for(
            RegistrySettings,
            address,
            issuer.public_keys,
            data_keys=DATA_KEYS,
            pool_size=POOL,
            streams_a_caller=STREAMS,
        )
        async with running(create_app(settings)) as app:
            yield app


async def test_slow_readers_hold_no_connection_and_have_a_share(
    registry: FastAPI, token: TokenMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "statement_for_all", lambda *_, **__: MUCH)
    monkeypatch.setattr(stream, "_parts", _two_parts)
    made = token(*Scope)
    request = f"GET {PATH} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {made}\r\n\r\n".encode()
    writers = []
    async with asyncio.timeout(60), served(registry) as port:
        statuses = []
        for _ in range(STREAMS + 1):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
            writer.write(request)
            statuses.append((await reader.readline()).split()[1])
            writers.append(writer)
        assert statuses == [b"200"] * STREAMS + [b"429"]
        address = f"http://127.0.0.1:{port}"
        headers = {"Authorization": f"Bearer {made}"}
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=30) as client:
            read = [client.get("/v1/divisions/330127000000") for _ in range(2 * POOL)]
            assert {answer.status_code for answer in await asyncio.gather(*read)} == {200}
            refused = await client.get(PATH)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
            assert refused.json()["type"] == "urn:qingling:problem:too-many-requests"
            for writer in writers:
                writer.transport.abort()
            for _ in range(100):
                if (await client.get(PATH)).status_code == 200:
                    break
                await asyncio.sleep(0.1)
            else:
                pytest.fail("the places were not given back")
    for writer in writers:
        writer.close()


async def test_what_fails_before_the_first_byte_is_a_problem_and_later_breaks_the_connection(
    registry: FastAPI, token: TokenMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = "SELECT broken"
    monkeypatch.setattr(stream, "statement_for_all", lambda *_, **__: broken)
    async with client_of(registry, token(*Scope)) as client:
        answer = await client.get(PATH)
    assert answer.status_code >= 500
    assert answer.headers["content-type"] == "application/problem+json"

    statements = iter(["SELECT 1 AS a", broken])
    monkeypatch.setattr(stream, "statement_for_all", lambda *_, **__: next(statements))
    monkeypatch.setattr(stream, "_parts", _two_parts)
    async with served(registry) as port, httpx.AsyncClient(timeout=60) as client:
        headers = {"Authorization": f"Bearer {token(*Scope)}"}
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(f"http://127.0.0.1:{port}{PATH}", headers=headers)


async def _two_parts(*_: object) -> list[tuple[str, str]]:
    return [("1", "2"), ("2", "3")]
