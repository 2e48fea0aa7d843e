"""Connections for reads: a session for ordinary ones, the database itself for hot ones."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.database import Database


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    database: Database = request.app.state.database
    async with database.session() as session:
        yield session


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


ReadSession = Annotated[AsyncSession, Depends(_session, scope="function")]
"""A session for a read; it is given back before the answer leaves."""

DatabaseInUse = Annotated[Database, Depends(_database)]
"""The service's database, for hot routes that borrow the bare driver only where they need it."""
