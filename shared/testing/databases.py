"""Databases for tests: a template for each service, clones of it, and a joined session."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Self
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.db.database import Database, DriverConnection
from shared.db.embedded import drop_database, ensure_database
from shared.db.migrations import upgrade


class Databases:
    """Clones of migrated template databases on one server."""

    def __init__(self, server: str) -> None:
        self._server = server
        # Workers of pytest-xdist may share a server, but not a template: nobody may be connected to
        # one that is being cloned.
        self._worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
        self._templates: set[str] = set()

    @contextmanager
    def clone(self, service: str) -> Iterator[str]:
        """Yield the address of a fresh, migrated database of a service; drop it afterwards."""
        template = f"template_{service}_{self._worker}"
        if template not in self._templates:
            upgrade(service, ensure_database(self._server, template))
            self._templates.add(template)
        name = f"test_{service}_{uuid4().hex[:12]}"
        yield ensure_database(self._server, name, template)
        drop_database(self._server, name)


class JoinedDatabase(Database):
    """A database whose every session is a savepoint of one transaction that is never committed.

    ``join_transaction_mode="create_savepoint"`` lets the application commit and roll back as it
    likes without ending the test's own transaction.
    """

    _connection: AsyncConnection

    async def __aenter__(self) -> Self:
        self._connection = await self.engine.connect()
        self._outer = await self._connection.begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._outer.rollback()
        await self._connection.close()
        self.arrow.close()
        await self.engine.dispose()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        session = AsyncSession(
            bind=self._connection,
            join_transaction_mode="create_savepoint",
            expire_on_commit=False,
        )
        async with session, session.begin():
            yield session

    @asynccontextmanager
    async def driver(self) -> AsyncIterator[DriverConnection]:
        raw = await self._connection.get_raw_connection()
        assert raw.driver_connection is not None
        yield raw.driver_connection
