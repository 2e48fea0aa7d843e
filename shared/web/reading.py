"""Connections for reads: a session for ordinary ones, the bare driver for hot ones."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.database import Database, DriverConnection


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    database: Database = request.app.state.database
    async with database.session() as session:
        yield session


async def _driver(
    request: Request,
) -> AsyncIterator[DriverConnection]:
    database: Database = request.app.state.database
    async with database.driver() as connection:
        yield connection


ReadSession = Annotated[AsyncSession, Depends(_session, scope="function")]
"""A session for a read; it is given back before the answer leaves."""

ReadDriver = Annotated[DriverConnection, Depends(_driver, scope="function")]
"""A bare asyncpg connection for a read on a hot route."""
