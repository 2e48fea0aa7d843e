"""A service's PostgreSQL: an engine for ordinary work, and the driver itself for hot reads."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

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
from shared.db.connecting import DriverConnection, SessionLimits, open_connection
from shared.db.failures import telling_failures
from shared.problems import ServiceBusy

__all__ = ["Database", "DriverConnection", "SessionLimits", "driver_of", "driver_url"]


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


async def _leave_as_it_is(_connection: DriverConnection) -> None:
    """Spare the round trip that resets a connection: reads change nothing in their session."""


def driver_url(url: str) -> URL:
    """Return a ``postgresql://`` address as SQLAlchemy's address for asyncpg."""
    return make_url(url).set(drivername="postgresql+asyncpg")


@dataclass
class _InHand:
    """What one request holds of one database: at most one connection."""

    database: "Database"
    session: AsyncSession | None = None
    driver: DriverConnection | None = None


_IN_HAND: ContextVar[_InHand | None] = ContextVar("in_hand", default=None)


class Database:
    """One service's database.

    ``session`` opens one transaction that commits when the block ends well; ``driver`` lends a bare
    asyncpg connection for reads where the mapping layer would cost more than the query; ``arrow``
    lends connections that answer in Arrow. All of them raise ``DatabaseUnavailable``,
    ``ServiceBusy`` or ``InsufficientStorage`` where the database cannot do its part.
    """

    def __init__(
        self,
        url: str,
        *,
        application: str = "qingling",
        pool_size: int = 15,
        limits: SessionLimits | None = None,
    ) -> None:
        """``pool_size`` sessions at most, and as many bare connections; whoever comes later waits."""
        self.url = url
        self.application = application
        self.limits = limits or SessionLimits()
        self._pool_size = pool_size
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            async_creator=partial(open_connection, url, application, self.limits),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=self.limits.acquire,
            pool_pre_ping=True,
            hide_parameters=True,
            json_serializer=_dumps,
            json_deserializer=orjson.loads,
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self.arrow = ArrowConnections(url, f"{application} arrow", self.limits)

    async def __aenter__(self) -> Self:
        # No connection is opened yet: a service starts, and says so, while its database is away.
        self._pool = await asyncpg.create_pool(
            min_size=0,
            max_size=self._pool_size,
            reset=_leave_as_it_is,
            connect=self._open_for_reads,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._pool is not None:
            await self._pool.close()
        self.arrow.close()
        await self.engine.dispose()

    @contextmanager
    def one_connection(self) -> Iterator[None]:
        """Let whoever asks for a connection inside the block share the one that is in hand.

        A request that holds a connection and waits for a second one can wait for ever: for others
        that do the same. Sessions inside another are savepoints of it. For one task; jobs, which
        show their progress beside their transaction, do without.
        """
        before = _IN_HAND.set(_InHand(self))
        try:
            yield
        finally:
            _IN_HAND.reset(before)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Open one transaction; commit at the end of the block, roll back on any error."""
        held = self._held()
        if held is not None and held.driver is not None:
            raise RuntimeError("open the session first: the driver's connection cannot be shared")
        with telling_failures():
            if held is not None and held.session is not None:
                async with savepoint_of(held.session) as inner:
                    yield inner
                return
            async with self._sessions() as session, session.begin():
                if held is None:
                    yield session
                    return
                held.session = session
                try:
                    yield session
                finally:
                    held.session = None

    @asynccontextmanager
    async def driver(self) -> AsyncIterator[DriverConnection]:
        """Lend a bare asyncpg connection for one read.

        It is outside any transaction, or the one that the request has in hand.
        """
        held = self._held()
        with telling_failures():
            if held is not None and held.session is not None:
                yield await driver_of(held.session)
            elif held is not None and held.driver is not None:
                yield held.driver
            else:
                async with self._lent() as connection:
                    if held is not None:
                        held.driver = connection
                    try:
                        yield connection
                    finally:
                        if held is not None:
                            held.driver = None

    def _held(self) -> _InHand | None:
        held = _IN_HAND.get()
        return held if held is not None and held.database is self else None

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[DriverConnection]:
        if self._pool is None:
            raise RuntimeError("the database is not open; use it as a context manager")
        try:
            connection = await self._pool.acquire(timeout=self.limits.acquire)
        except TimeoutError:
            raise ServiceBusy.of_pool() from None
        try:
            yield connection  # type: ignore[misc]  # a pool proxy behaves as its connection
        finally:
            await self._pool.release(connection)

    async def _open_for_reads(self, *_: Any, **more: Any) -> DriverConnection:
        return await open_connection(self.url, f"{self.application} reads", self.limits, **more)


@asynccontextmanager
async def savepoint_of(session: AsyncSession) -> AsyncIterator[AsyncSession]:
    """Open a session that is a savepoint of another one's transaction."""
    async with (
        AsyncSession(
            bind=await session.connection(),
            join_transaction_mode="create_savepoint",
            expire_on_commit=False,
        ) as inner,
        inner.begin(),
    ):
        yield inner


async def driver_of(session: AsyncSession) -> DriverConnection:
    """Return the driver's connection inside a session's transaction, for COPY."""
    # The adapter begins the transaction with the first statement that goes through it.
    await session.execute(text("SELECT 1"))
    raw = await (await session.connection()).get_raw_connection()
    driver: DriverConnection = raw.driver_connection  # type: ignore[assignment]
    return driver
