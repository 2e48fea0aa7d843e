"""A service's PostgreSQL: an engine for ordinary work, and the driver itself for hot reads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

import asyncpg
import orjson
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from shared.db.arrow import ArrowConnections

if TYPE_CHECKING:
    DriverConnection = asyncpg.Connection[asyncpg.Record]
else:
    DriverConnection = asyncpg.Connection  # generic in its stubs only


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


async def _leave_as_it_is(_connection: DriverConnection) -> None:
    """Spare the round trip that resets a connection: reads change nothing in their session."""


def driver_url(url: str) -> URL:
    """Return a ``postgresql://`` address as SQLAlchemy's address for asyncpg."""
    return make_url(url).set(drivername="postgresql+asyncpg")


def connect_arguments(url: str) -> dict[str, Any]:
    """Return asyncpg's own arguments for an address, a socket directory in ``?host=`` included."""
    parts = make_url(url)
    host = parts.host or parts.query.get("host")
    return {
        "host": host,
        "port": parts.port,
        "user": parts.username,
        "password": parts.password,
        "database": parts.database,
    }


class Database:
    """One service's database.

    ``session`` opens one transaction that commits when the block ends well; ``driver`` lends a bare
    asyncpg connection for reads where the mapping layer would cost more than the query; ``arrow``
    lends connections that answer in Arrow.
    """

    def __init__(self, url: str, *, application: str = "qingling", pool_size: int = 10) -> None:
        self.url = url
        self._pool_size = pool_size
        self._application = application
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            hide_parameters=True,
            json_serializer=_dumps,
            json_deserializer=orjson.loads,
            connect_args={"server_settings": {"application_name": application}},
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self.arrow = ArrowConnections(url)

    async def __aenter__(self) -> Self:
        self._pool = await asyncpg.create_pool(
            **connect_arguments(self.url),
            min_size=1,
            max_size=self._pool_size,
            reset=_leave_as_it_is,
            server_settings={"application_name": f"{self._application} reads"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._pool is not None:
            await self._pool.close()
        self.arrow.close()
        await self.engine.dispose()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Open one transaction; commit at the end of the block, roll back on any error."""
        async with self._sessions() as session, session.begin():
            yield session

    @asynccontextmanager
    async def driver(self) -> AsyncIterator[DriverConnection]:
        """Lend a bare asyncpg connection, outside any transaction, for one read."""
        if self._pool is None:
            raise RuntimeError("the database is not open; use it as a context manager")
        async with self._pool.acquire() as connection:
            yield connection  # type: ignore[misc]  # a pool proxy behaves as its connection


async def driver_of(session: AsyncSession) -> DriverConnection:
    """Return the driver's connection inside a session's transaction, for COPY."""
    # The adapter begins the transaction with the first statement that goes through it.
    await session.execute(text("SELECT 1"))
    raw = await (await session.connection()).get_raw_connection()
    driver: DriverConnection = raw.driver_connection  # type: ignore[assignment]
    return driver
