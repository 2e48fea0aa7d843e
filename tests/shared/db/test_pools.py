"""Connections: so many, for so long; one a request; and what becomes of whoever finds none."""

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from itertools import product
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from shared.db.database import Database, SessionLimits
from shared.db.failures import telling_failures
from shared.journal.tables import FeedPosition
from shared.problems import (
    DatabaseUnavailable,
    InsufficientStorage,
    Problem,
    ServiceBusy,
    TooLongAtOnce,
)
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases

HURRIED = SessionLimits(statement=1, lock=0.3, idle=2, acquire=0.5)
Lend = Callable[[Database], AbstractAsyncContextManager[Any]]
LENT: list[Lend] = [Database.session, Database.driver]
DRIVER_FIRST = (Database.driver, Database.session)


@pytest.fixture
async def narrow(databases: Databases) -> AsyncIterator[Database]:
    """A database with one connection of each kind and little time for anything."""
    with databases.clone("rules") as address:
        async with Database(address, pool_size=1, limits=HURRIED) as opened:
            yield opened


async def run(lent: Any, statement: str) -> None:
    await lent.execute(text(statement) if hasattr(lent, "get_one") else statement)


async def ask(database: Database, lend: Lend, statement: str = "SELECT 1") -> None:
    async with lend(database) as lent:
        if lend is Database.session:
            await run(lent, statement)
        else:
            async with lent.transaction():
                await run(lent, statement)


@pytest.mark.parametrize("lend", LENT)
async def test_an_empty_pool_is_waited_for_only_so_long(narrow: Database, lend: Lend) -> None:
    async with lend(narrow) as held:
        await run(held, "SELECT 1")
        with pytest.raises(ServiceBusy) as busy:
            await ask(narrow, lend)
    assert (busy.value.headers or {})["Retry-After"]
    await ask(narrow, lend)


@pytest.mark.parametrize(
    ("outer", "inner"), [pair for pair in product(LENT, LENT) if pair != DRIVER_FIRST]
)
async def test_one_request_holds_one_connection(narrow: Database, outer: Lend, inner: Lend) -> None:
    with narrow.one_connection():
        async with outer(narrow) as held, inner(narrow) as second:
            await run(held, "SELECT 1")
            await run(second, "SELECT 1")


async def test_a_session_is_opened_before_the_driver(narrow: Database) -> None:
    with narrow.one_connection():
        async with narrow.driver():
            with pytest.raises(RuntimeError, match="session first"):
                await ask(narrow, Database.session)


async def test_a_session_inside_another_comes_to_nothing_alone(
    narrow: Database, clock: FrozenClock
) -> None:
    def position(source: str) -> FeedPosition:
        return FeedPosition(source=source, cursor="", updated_at=clock.now())

    async def fail() -> None:
        async with narrow.session() as inner:
            inner.add(position("lost"))
            await inner.flush()
            raise KeyError

    with narrow.one_connection():
        async with narrow.session() as outer:
            outer.add(position("outer"))
            with pytest.raises(KeyError):
                await fail()
            async with narrow.session() as inner:
                inner.add(position("inner"))
    async with narrow.driver() as driver:
        kept = await driver.fetch("SELECT source FROM feed_positions ORDER BY source")
    assert [row["source"] for row in kept] == ["inner", "outer"]


@pytest.mark.parametrize("lend", LENT)
@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("SELECT pg_sleep(5)", TooLongAtOnce),
        ("LOCK TABLE feed_positions", ServiceBusy),
        ("SELECT pg_terminate_backend(pg_backend_pid())", DatabaseUnavailable),
        ("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$", ServiceBusy),
        ("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$", InsufficientStorage),
        ("DO $$ BEGIN RAISE SQLSTATE '53200'; END $$", ServiceBusy),
        ("DO $$ BEGIN RAISE SQLSTATE '57P03'; END $$", DatabaseUnavailable),
    ],
)
async def test_limits_and_losses_are_told_as_what_they_are(
    narrow: Database, lend: Lend, statement: str, problem: type[Problem]
) -> None:
    other = await asyncpg.connect(narrow.url)
    try:
        async with other.transaction():
            await other.execute("LOCK TABLE feed_positions")
            with pytest.raises(problem) as told:
                await ask(narrow, lend, statement)
        assert (told.value.headers or {})["Retry-After"]
    finally:
        await other.close()
    await ask(narrow, lend)


async def test_a_transaction_that_does_nothing_is_ended(narrow: Database) -> None:
    async def do_nothing_for_long() -> None:
        async with narrow.session() as session:
            await session.execute(text("SELECT 1"))
            for _ in range(300):
                if not await are_idle(narrow):
                    break
                await asyncio.sleep(0.1)
            await session.execute(text("SELECT 1"))

    with pytest.raises(DatabaseUnavailable):
        await do_nothing_for_long()


async def are_idle(database: Database) -> bool:
    async with database.driver() as driver:
        idle: int = await driver.fetchval(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND state = 'idle in transaction'"
        )
    return idle > 0


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_of_our_own_is_told_alike(code: int) -> None:
    with pytest.raises(InsufficientStorage), telling_failures():
        raise OSError(code, "a path that is not told")
