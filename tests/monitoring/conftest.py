"""Monitoring under test: the real application on a joined database, rules and the feed as fakes."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from fastapi import FastAPI

from services.monitoring.main import create_app
from services.monitoring.scopes import Scope
from services.monitoring.zero_outs.following import Judge
from shared.db.database import Database
from shared.journal.follower import Follower
from shared.security.issuer import LocalIssuer
from shared.testing.clients import as_built, client_of
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases, JoinedDatabase
from shared.testing.plugin import UNLIMITED, TokenMaker
from tests.monitoring.campaign import Campaign, Signatures, monitoring_settings
from tests.monitoring.fakes import COUNTY, FakeFeed, FakeRegistry, FakeRules


@pytest.fixture
def rules() -> FakeRules:
    return FakeRules()


@pytest.fixture
def feed() -> FakeFeed:
    return FakeFeed()


@pytest.fixture(scope="session")
def monitoring_address(databases: Databases) -> Iterator[str]:
    """Address of a migrated monitoring database that the joined tests leave empty."""
    with databases.clone("monitoring") as address:
        yield address


@pytest.fixture(scope="session")
def built_app(monitoring_address: str, issuer: LocalIssuer, clocks: FrozenClock) -> FastAPI:
    """The application of monitoring, which takes longer to build than most tests to run."""
    settings = monitoring_settings(monitoring_address, issuer, **UNLIMITED)
    database = JoinedDatabase(monitoring_address)
    return create_app(
        settings, clock=clocks, database=database, rules=FakeRules(), registry=FakeRegistry()
    )


@pytest.fixture
async def monitoring_app(
    built_app: FastAPI, clock: FrozenClock, rules: FakeRules
) -> AsyncIterator[FastAPI]:
    """The application of monitoring inside one transaction that is rolled back."""
    async with as_built(built_app, clock):
        built_app.state.rules = rules
        yield built_app


@pytest.fixture
def monitoring_database(monitoring_app: FastAPI) -> Database:
    database: Database = monitoring_app.state.database
    return database


@pytest.fixture
def judge(monitoring_app: FastAPI, rules: FakeRules, clock: FrozenClock) -> Judge:
    state = monitoring_app.state
    return Judge(state.database, rules, clock)


@pytest.fixture
async def county(monitoring_app: FastAPI, token: TokenMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A county clerk of 淳安县 with every scope."""
    caller = token(*Scope, division=COUNTY, subject="county-clerk")
    async with client_of(monitoring_app, caller) as client:
        yield client


@pytest.fixture
def signatures(monitoring_app: FastAPI, token: TokenMaker) -> Signatures:
    return Signatures(monitoring_app, token)


@pytest.fixture
def campaign(
    monitoring_database: Database,
    rules: FakeRules,
    feed: FakeFeed,
    judge: Judge,
    clock: FrozenClock,
    county: httpx.AsyncClient,
    signatures: Signatures,
) -> Campaign:
    follower = Follower(monitoring_database, "registry", feed, judge.plan, clock)
    return Campaign(rules, feed, follower, county, signatures)
