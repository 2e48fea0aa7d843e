"""How often one may ask: by caller with a token, by address without."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request

from shared.problems import TooManyRequests
from shared.security.access import TokenVerifier
from shared.security.issuer import LocalIssuer
from shared.settings import ServiceSettings
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker, settings_for
from shared.web import rates
from shared.web.app import create_app
from shared.web.rates import RateLimits, network_of
from tests.shared import notes

LIMIT = 3


@pytest.fixture
def app(issuer: LocalIssuer) -> FastAPI:
    settings = settings_for(
        ServiceSettings,
        "postgresql://none/none",
        issuer.public_keys,
        caller_requests_per_minute=LIMIT,
        address_requests_per_minute=LIMIT,
    )
    return create_app("rules", settings, [notes.router], title="Test", description="Notes")


@pytest.fixture
async def nobody(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as client:
        yield client


async def test_an_address_without_a_valid_token_has_a_share(
    nobody: httpx.AsyncClient, app: FastAPI, token: TokenMaker
) -> None:
    """Wrong tokens and none count together; who has a token is not held up by the neighbours."""
    left = []
    for place in range(LIMIT):
        wrong = {"Authorization": f"Bearer wrong-{place}"} if place % 2 else {}
        answer = await nobody.get("/v1/notes", headers=wrong)
        assert answer.status_code == 401
        left.append(int(answer.headers["ratelimit-remaining"]))
    assert left == [2, 1, 0]
    refused = await nobody.get("/v1/notes")
    assert refused.status_code == 429
    assert refused.json()["type"] == "urn:qingling:problem:too-many-requests"
    assert refused.json()["remaining"] == 0
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit-limit"] == str(LIMIT)
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert (await nobody.get("/healthz")).status_code == 200
    ready = await nobody.get("/readyz")
    assert ready.status_code == 503  # there is no database here
    assert int(ready.headers["retry-after"]) > 0
    async with client_of(app, token(*notes.Scope)) as caller:
        assert (await caller.get("/v1/notes/named/a")).status_code == 200


async def test_a_caller_has_a_share_wherever_it_calls_from(app: FastAPI, token: TokenMaker) -> None:
    for _ in range(LIMIT):
        # A new token is no new caller.
        async with client_of(app, token(*notes.Scope, division="330127000000")) as caller:
            assert (await caller.get("/v1/notes/named/a")).status_code == 200
    async with client_of(app, token(*notes.Scope)) as caller:
        assert (await caller.get("/v1/notes/named/a")).status_code == 429
    async with client_of(app, token(*notes.Scope, subject="another")) as another:
        assert (await another.get("/v1/notes/named/a")).status_code == 200


def asked_from(address: str) -> Request:
    return Request({"type": "http", "path": "/v1/notes", "headers": [], "client": (address, 1)})


def test_the_count_begins_anew_and_is_bounded(
    issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    verifier = TokenVerifier(issuer.public_keys, "qingling", "rules")
    limits = RateLimits(verifier, a_caller=1, an_address=1, now=lambda: now[0])
    limits.take(asked_from("10.0.0.1"))
    with pytest.raises(TooManyRequests):
        limits.take(asked_from("10.0.0.1"))
    now[0] = 60
    assert limits.take(asked_from("10.0.0.1")) is not None
    monkeypatch.setattr(rates, "MOST_COUNTED", 10)
    for last in range(100):
        limits.take(asked_from(f"10.0.1.{last}"))
    assert len(limits._counts) <= 11


def test_no_limit_is_a_limit_of_none(issuer: LocalIssuer) -> None:
    limits = RateLimits(
        TokenVerifier(issuer.public_keys, "qingling", "rules"), a_caller=0, an_address=0
    )
    assert {limits.take(asked_from("10.0.0.1")) for _ in range(9)} == {None}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("somewhere", "somewhere"),
    ],
)
def test_an_ipv6_client_is_its_network(address: str, network: str) -> None:
    assert network_of(asked_from(address)) == network
