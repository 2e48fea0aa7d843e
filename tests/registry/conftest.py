"""The registry under test: the real application on a joined database."""

import base64
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from fastapi import FastAPI

from services.registry.main import create_app
from services.registry.scopes import Scope
from services.registry.settings import RegistrySettings
from shared.security.issuer import LocalIssuer
from shared.testing.clients import as_built, client_of, running
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases, JoinedDatabase
from shared.testing.plugin import UNLIMITED, TokenMaker, settings_for
from tests.registry.samples import household

DATA_KEYS = {1: base64.b64encode(b"a key for personal data in tests")}
CHUNAN = "330127000000"


@pytest.fixture(scope="session")
def registry_address(databases: Databases) -> Iterator[str]:
    """Address of a migrated registry database that the joined tests leave empty."""
    with databases.clone("registry") as address:
        yield address


@pytest.fixture(scope="session")
def built_app(registry_address: str, issuer: LocalIssuer, clocks: FrozenClock) -> FastAPI:
    """The registry's application, which takes longer to build than most tests to run."""
    settings = settings_for(
        RegistrySettings,
        registry_address,
        issuer.public_keys,
        data_keys=DATA_KEYS,
        **UNLIMITED,
    )
    return create_app(settings, clock=clocks, database=JoinedDatabase(registry_address))


@pytest.fixture
async def registry_app(built_app: FastAPI, clock: FrozenClock) -> AsyncIterator[FastAPI]:
    """The registry's application inside one transaction that is rolled back."""
    async with as_built(built_app, clock):
        yield built_app


@pytest.fixture
async def clerk(registry_app: FastAPI, token: TokenMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A county clerk of 淳安县 with every scope."""
    async with client_of(registry_app, token(*Scope, division=CHUNAN, subject="clerk")) as client:
        yield client


@pytest.fixture
async def household_id(clerk: httpx.AsyncClient) -> str:
    """A household of VILLAGE, recorded by the clerk."""
    answer = await clerk.post("/v1/households", json=household())
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


@pytest.fixture
async def committed_app(
    databases: Databases, issuer: LocalIssuer, clock: FrozenClock
) -> AsyncIterator[FastAPI]:
    """The registry's application on a database of its own, where every request commits."""
    with databases.clone("registry") as address:
        settings = settings_for(RegistrySettings, address, issuer.public_keys, data_keys=DATA_KEYS)
        app = create_app(settings, clock=clock)
        async with running(app):
            yield app


@pytest.fixture
async def committed_clerk(
    committed_app: FastAPI, token: TokenMaker
) -> AsyncIterator[httpx.AsyncClient]:
    """The same clerk there."""
    caller = token(*Scope, division=CHUNAN, subject="clerk")
    async with client_of(committed_app, caller) as client:
        yield client
