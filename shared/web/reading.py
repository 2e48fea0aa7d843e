"""Connections for reads: a session for ordinary ones, the database itself for hot ones."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from pydantic import AwareDatetime, Field
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.database import Database
from shared.settings import ServiceSettings


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    database: Database = request.app.state.database
    async with database.session() as session:
        yield session


def of_application(name: str) -> Any:
    """Return the dependency that hands a route what its application holds under a name."""

    async def held(request: Request) -> Any:
        return getattr(request.app.state, name)

    return Depends(held)


ReadSession = Annotated[AsyncSession, Depends(_session, scope="function")]
"""A session for a read; it is given back before the answer leaves."""

DatabaseInUse = Annotated[Database, of_application("database")]
"""The service's database, for hot routes that borrow the bare driver only where they need it."""

SettingsInUse = Annotated[ServiceSettings, of_application("settings")]
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
