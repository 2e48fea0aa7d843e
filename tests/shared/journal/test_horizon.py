"""What holds the feed back and what does not, and that nothing is ever passed."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.database import Database, driver_of
from shared.journal import writers
from shared.journal.entries import JournalSubject, copy_entries
from shared.journal.entries import entry as new_entry
from shared.journal.feed import Cursor
from shared.journal.writers import tell_who_holds
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.web.work import Work
from tests.shared.journal.conftest import VILLAGE, Entry
from tests.shared.journal.test_feed import names, read

START = Cursor(0, 0)
CLOCK = FrozenClock(datetime(2020, 10, 1, tzinfo=UTC))


@pytest.fixture
async def elsewhere(databases: Databases) -> AsyncIterator[str]:
    """Another database of the same server."""
    with databases.clone("rules") as address:
        yield address


async def test_whoever_writes_no_entry_holds_nothing_back(
    database: Database, elsewhere: str, entry: Entry
) -> None:
    writes = "CREATE TABLE elsewhere (id integer)"
    here = psycopg.connect(database.url)
    there = psycopg.connect(elsewhere)
    with here, there:
        here.execute(writes)
        there.execute(writes)
        there.execute("SELECT journal_position()")
        async with database.session() as session:
            entry(session, "seen")
        assert names((await read(database, START)).events) == ["seen"]
        here.rollback()
        there.rollback()


async def test_an_open_writer_is_named_without_what_it_asks(
    database: Database,
    entry: Entry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(writers, "TOLD_AFTER_SECONDS", 0)
    async with database.session() as writer:
        entry(writer, "held")
        await writer.flush()
        async with database.driver() as connection:
            ((application, seconds),) = await tell_who_holds(connection)
        assert (application, seconds >= 0) == (database.application, True)
        (told,) = [one.msg for one in caplog.records if "feed held back" in one.getMessage()]
        assert isinstance(told, dict)
        said = {"event", "application", "pid", "seconds"}
        assert told.keys() == said | {"level", "logger", "timestamp"}
    async with database.driver() as connection:
        assert await tell_who_holds(connection) == []


async def test_entries_of_one_transaction_stand_together(database: Database, entry: Entry) -> None:
    """Also around savepoints, one of which comes to nothing, and COPY."""
    async with database.session() as session:
        entry(session, "before")
        await session.flush()
        inner = await session.begin_nested()
        entry(session, "lost")
        await session.flush()
        await inner.rollback()
        async with session.begin_nested():
            entry(session, "inside")
        async with database.session() as other:
            entry(other, "other")
        await copy(session, "copied")
        assert (await read(database, START)).events == []
    batch = await read(database, START)
    assert names(batch.events) == ["before", "inside", "copied", "other"]


async def test_a_number_of_a_savepoint_that_came_to_nothing_holds_nothing_back(
    database: Database, entry: Entry
) -> None:
    async with database.session() as session:
        inner = await session.begin_nested()
        entry(session, "lost")
        await session.flush()
        await inner.rollback()
        async with database.session() as other:
            entry(other, "seen")
        first = await read(database, START)
        assert names(first.events) == ["seen"]
        entry(session, "later")
    assert names((await read(database, first.next)).events) == ["later"]


async def test_a_cursor_never_leads_beyond_what_is_written(
    database: Database, entry: Entry
) -> None:
    """A number drawn for nothing may be drawn again after a crash."""
    async with database.session() as session:
        entry(session, "kept")
    for _ in range(3):
        async with database.session() as session:
            entry(session, "lost")
            await session.flush()
            await session.rollback()
    batch = await read(database, START)
    again = await read(database, batch.next)
    assert again.next == batch.next
    assert batch.next.transaction == batch_end(batch.events)


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_is_passed_whoever_commits_when(
    database: Database, entry: Entry, seed: int
) -> None:
    """Writers that begin, write late, by rows or COPY, in savepoints, commit or not, at random."""
    chance = random.Random(seed)
    written: list[str] = []

    async def write(number: int) -> None:
        for turn in range(5):
            name = f"{number}-{turn}"
            try:
                async with database.session() as session:
                    await session.execute(text("SELECT pg_current_xact_id()"))
                    await asyncio.sleep(chance.random() / 100)
                    if chance.random() < 0.3:
                        inner = await session.begin_nested()
                        entry(session, "lost")
                        await session.flush()
                        await inner.rollback()
                    if chance.random() < 0.5:
                        await copy(session, name)
                    else:
                        entry(session, name)
                        await session.flush()
                    await asyncio.sleep(chance.random() / 50)
                    if chance.random() < 0.3:
                        raise RuntimeError
            except RuntimeError:
                continue
            written.append(name)

    writers = asyncio.gather(*map(write, range(6)))
    seen: list[str] = []
    cursor = START
    while True:
        over = writers.done()
        batch = await read(database, cursor, limit=chance.choice([1, 4, 100]))
        seen += names(batch.events)
        cursor = batch.next
        if over and not batch.events:
            break
        await asyncio.sleep(0)
    await writers
    assert sorted(seen) == sorted(written)


def batch_end(events: list[dict[str, str]]) -> int:
    return Cursor.parse(events[-1]["cursor"]).transaction


async def copy(session: AsyncSession, name: str) -> None:
    work = Work(session, "clerk", CLOCK.now(), "request-1")
    made = new_entry(
        work,
        "qingling.test.note.created",
        JournalSubject("note", name, VILLAGE),
        version=1,
        before=None,
        after={"name": name},
    )
    await copy_entries(await driver_of(work.session), [made])
