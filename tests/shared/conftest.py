"""A committed database with the tables that every service has, and applications on it."""

from collections.abc import AsyncIterator, Callable
from typing import TypeAlias

import pytest
from fastapi import APIRouter, FastAPI

from shared.db.database import Database
from shared.security.issuer import LocalIssuer
from shared.settings import ServiceSettings
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.testing.plugin import settings_for
from shared.web.app import create_app
from tests.shared import notes

SERVICE = "rules"
"""The service with the fewest tables of its own."""
AppMaker: TypeAlias = Callable[..., FastAPI]


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    """A fresh database that commits."""
    with databases.clone(SERVICE) as address:
        async with Database(address) as opened:
            yield opened


@pytest.fixture
def make_app(database: Database, issuer: LocalIssuer, clock: FrozenClock) -> AppMaker:
    """Make an application of some routers on the fresh database."""

    def make(*routers: APIRouter, **settings: object) -> FastAPI:
        app = create_app(
            SERVICE,
            settings_for(ServiceSettings, database.url, issuer.public_keys, **settings),
            routers,
            title="Test",
            description="A small application under the house's conventions",
            clock=clock,
            database=database,
        )
        app.state.divisions = notes.EveryDivision()
        return app

    return make
