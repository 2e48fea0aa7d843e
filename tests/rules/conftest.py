"""Rules under test: the real application on a joined database, the registry as a fake."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

import httpx
import pytest
from fastapi import FastAPI

from services.rules.engine import Policy
from services.rules.main import create_app, furnish
from services.rules.releases.shelf import Shelf
from services.rules.scopes import Scope
from services.rules.settings import RulesSettings
from services.rules.vocabulary import load_policy
from shared.db.database import Database
from shared.security.issuer import LocalIssuer
from shared.testing.clients import as_built, client_of
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases, JoinedDatabase
from shared.testing.plugin import PROVINCE, UNLIMITED, TokenMaker, settings_for
from tests.rules.bureau import bureau, filled, judged, province_registry  # noqa: F401 - fixtures
from tests.rules.fakes import FakeRegistry

COUNTY = "330127000000"
VILLAGE = "330127100219"
URLS = {"registry_url": "http://registry", "service_key": "none"}

CallerMaker = Callable[..., httpx.AsyncClient]
"""``caller("releases:draft", division=COUNTY, subject="somebody")``; every scope unless named."""


@pytest.fixture(scope="session")
def built_in() -> Policy:
    """The policy that the service ships with; reading it takes longer than most tests."""
    return load_policy()


@pytest.fixture
def registry(built_in: Policy) -> FakeRegistry:
    """A registry that states nothing until a test records something in it."""
    return FakeRegistry(built_in)


@pytest.fixture
def shipped() -> Mapping[str, str] | None:
    """The policy that the service ships with, unless a folder of tests has its own."""
    return None


@pytest.fixture(scope="session")
def rules_address(databases: Databases) -> Iterator[str]:
    """Address of a migrated rules database that the joined tests leave empty."""
    with databases.clone("rules") as address:
        yield address


@pytest.fixture(scope="session")
def built_app(rules_address: str, issuer: LocalIssuer, clocks: FrozenClock) -> FastAPI:
    """The application of rules, which takes longer to build than most tests to run."""
    settings = settings_for(RulesSettings, rules_address, issuer.public_keys, **URLS, **UNLIMITED)
    return create_app(settings, clock=clocks, database=JoinedDatabase(rules_address))


@pytest.fixture
async def rules_app(
    built_app: FastAPI,
    clock: FrozenClock,
    registry: FakeRegistry,
    shipped: Mapping[str, str] | None,
) -> AsyncIterator[FastAPI]:
    """The application of rules inside one transaction that is rolled back, release 1 installed."""
    async with as_built(built_app, clock):
        furnish(built_app, registry, shipped)
        await built_app.state.shelf.ready()
        yield built_app


@pytest.fixture
def rules_database(rules_app: FastAPI) -> Database:
    database: Database = rules_app.state.database
    return database


@pytest.fixture
def shelf(rules_app: FastAPI) -> Shelf:
    found: Shelf = rules_app.state.shelf
    return found


@pytest.fixture
async def caller(rules_app: FastAPI, token: TokenMaker) -> AsyncIterator[CallerMaker]:
    """Makes clients of rules for callers of a division and with scopes."""
    made: list[httpx.AsyncClient] = []

    def make(
        *scopes: str, division: str = PROVINCE, subject: str = "official"
    ) -> httpx.AsyncClient:
        made.append(
            client_of(rules_app, token(*(scopes or Scope), division=division, subject=subject))
        )
        return made[-1]

    yield make
    await asyncio.gather(*(client.aclose() for client in made))


@pytest.fixture
def province(caller: CallerMaker) -> httpx.AsyncClient:
    """An official of the province with every scope."""
    return caller()


@pytest.fixture
async def nobody(rules_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without a token."""
    async with client_of(rules_app) as client:
        yield client
