"""Connections for reads: a session for ordinary ones, the database itself for hot ones."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import AwareDatetime, Field
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.database import Database
from shared.settings import ServiceSettings


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    database: Database = request.app.state.database
    async with database.session() as session:
        yield session


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def _settings(request: Request) -> ServiceSettings:
    settings: ServiceSettings = request.app.state.settings
    return settings


ReadSession = Annotated[AsyncSession, Depends(_session, scope="function")]
"""A session for a read; it is given back before the answer leaves."""

DatabaseInUse = Annotated[Database, Depends(_database)]
"""The service's database, for hot routes that borrow the bare driver only where they need it."""

SettingsInUse = Annotated[ServiceSettings, Depends(_settings)]
"""The settings that the service runs with."""

KnownAt = Annotated[
    # Bounded, since the driver cannot hold a moment whose offset leads out of the calendar.
    Annotated[
        AwareDatetime,
        Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC)),
    ]
    | None,
    Query(description="当时所知 the record as it was known at a moment, with its offset"),
]
"""The moment at which a record is asked for; None for now."""
