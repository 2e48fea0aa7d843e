"""What every answer of every service carries, and what no address is believed."""

from collections.abc import AsyncIterator

import httpx
import pytest

from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of, running
from shared.testing.databases import Databases, JoinedDatabase
from shared.testing.plugin import TokenMaker, settings_for
from tests.contract.services import FILLED, SERVICES, factory_of, settings_of
from tests.contract.test_access import _Anything
from tests.contract.test_openapi import operations

ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
OUTSIDE = [
    "/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/docs",
    "/redoc",
    "/docs/problems",
    "/docs/oauth2-redirect",
    "/openapi.json",
    "/static-offline-docs/swagger-ui.css",
    "/static-offline-docs/none",
    "/v1/none",
    "/%0a",
    "/v1/none%0A",
]
FORGED = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "Forwarded": "host=evil.example",
}


@pytest.fixture(params=SERVICES)
async def service(
    request: pytest.FixtureRequest, databases: Databases, issuer: LocalIssuer, token: TokenMaker
) -> AsyncIterator[tuple[str, httpx.AsyncClient]]:
    name: str = request.param
    scopes = {
        scope
        for _, _, operation in operations(name)
        for entry in operation["security"]
        for scope in entry.get("bearer", [])
    }
    with databases.clone(name) as address:
        settings = settings_for(settings_of(name), address, issuer.public_keys, **FILLED)
        app = factory_of(name)(settings, database=JoinedDatabase(address))
        async with running(app), client_of(app, token(*scopes)) as client:
            yield name, client


async def test_every_answer_has_the_headers_and_repeats_no_host(
    service: tuple[str, httpx.AsyncClient],
) -> None:
    name, client = service
    asked = [("get", path) for path in OUTSIDE]
    asked += [
        (method, path.format_map(_Anything()))
        for path, method, _ in operations(name)
        if method in {"get", "delete"}
    ]
    for method, path in asked:
        # Whoever is not known: answers of files, pages, refusals and records alike.
        for authorization in ({"Authorization": "Bearer none"}, {}):
            answer = await client.request(method, path, headers=FORGED | authorization)
            where = f"{method} {path} {answer.status_code}"
            assert ALWAYS.items() <= dict(answer.headers).items(), where
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy, where
            assert "frame-ancestors 'none'" in policy, where
            assert "'unsafe-inline'" not in policy.split("script-src")[-1].split(";")[0], where
            said = [*answer.headers.values(), "" if path.startswith("/static") else answer.text]
            assert not any("evil.example" in text for text in said), where


async def test_control_characters_match_no_path(service: tuple[str, httpx.AsyncClient]) -> None:
    """A pattern's end is also found before a last line feed: whatever has one is refused first."""
    name, client = service
    for path, method, _ in operations(name):
        for ending in "%0a", "%0d", "%00", "%7f", "%C2%85", "%E2%80%A8", "%ff":
            answer = await client.request(method, path.format_map(_Anything()) + ending)
            assert answer.status_code == 400, (method, path, ending)
            assert answer.json()["type"] == "urn:qingling:problem:malformed-request"


async def test_pages_may_run_the_scripts_that_stand_in_them(
    service: tuple[str, httpx.AsyncClient],
) -> None:
    _, client = service
    docs = await client.get("/docs")
    assert "script-src 'self' 'sha256-" in docs.headers["content-security-policy"]
    plain = await client.get("/openapi.json")
    assert "script-src" not in plain.headers["content-security-policy"]
