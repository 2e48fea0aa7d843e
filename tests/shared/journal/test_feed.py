"""The feed misses nothing and shows nothing twice, whoever commits when."""

import asyncio
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.database import Database
from shared.journal.feed import LAST_SEQUENCE, Cursor, EventBatch, read_end, read_events
from shared.problems import InvalidCursor
from tests.shared.journal.conftest import Entry

PROVINCE, COUNTY, OTHER_COUNTY = "330000000000", "330127000000", "330122000000"


async def read(
    database: Database,
    after: Cursor,
    *,
    division: str = PROVINCE,
    types: list[str] | None = None,
    limit: int = 100,
    wait: float = 0,
) -> EventBatch:
    return await read_events(
        database,
        "urn:qingling:test",
        after,
        division=division,
        types=types,
        limit=limit,
        wait=wait,
    )


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["data"]["state"]["name"] for event in events]


async def test_a_slow_transaction_is_not_passed_by_a_fast_one(
    database: Database, entry: Entry
) -> None:
    start = Cursor(0, 0)
    async with database.session() as slow:
        entry(slow, "slow")
        await slow.flush()
        async with database.session() as fast:
            entry(fast, "fast")
        held_back = await read(database, start)
        assert held_back.events == []
    batch = await read(database, held_back.next)
    assert sorted(names(batch.events)) == ["fast", "slow"]
    assert (await read(database, batch.next)).events == []


async def test_what_is_rolled_back_is_never_shown(database: Database, entry: Entry) -> None:
    async def fail(session: AsyncSession) -> None:
        entry(session, "lost")
        await session.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        async with database.session() as session:
            await fail(session)
    async with database.session() as session:
        entry(session, "kept")
    assert names((await read(database, Cursor(0, 0))).events) == ["kept"]


@pytest.mark.parametrize("limit", [1, 3, 100])
async def test_a_reader_beside_many_writers_sees_each_entry_once(
    database: Database, entry: Entry, limit: int
) -> None:
    chance = random.Random(limit)
    written = [f"{writer}-{number}" for writer in range(8) for number in range(6)]

    async def write(writer: int) -> None:
        for number in range(6):
            async with database.session() as session:
                entry(session, f"{writer}-{number}")
                await session.flush()
                await asyncio.sleep(chance.random() / 50)

    writers = asyncio.gather(*map(write, range(8)))
    seen: list[str] = []
    cursor = Cursor(0, 0)
    while True:
        over = writers.done()
        batch = await read(database, cursor, limit=limit)
        assert len(batch.events) <= limit
        seen += names(batch.events)
        cursor = batch.next
        if over and not batch.events:
            break
        await asyncio.sleep(0)
    await writers
    assert sorted(seen) == sorted(written)
    for writer in range(8):
        own = [name for name in seen if name.startswith(f"{writer}-")]
        assert own == sorted(own)


async def test_entries_of_one_transaction_keep_their_order_across_batches(
    database: Database, entry: Entry
) -> None:
    expected = [f"{number:02}" for number in range(10)]
    async with database.session() as session:
        for name in expected:
            entry(session, name)
    seen: list[str] = []
    batch = await read(database, Cursor(0, 0), limit=3)
    while batch.events:
        assert batch.events[-1]["cursor"] == str(batch.next) or len(batch.events) < 3
        seen += names(batch.events)
        batch = await read(database, batch.next, limit=3)
    assert seen == expected


async def test_only_the_asked_division_and_types_are_shown(
    database: Database, entry: Entry
) -> None:
    async with database.session() as session:
        entry(session, "here")
        entry(session, "there", division="330122100201")
        entry(session, "later", kind="amended")
    start = Cursor(0, 0)
    assert names((await read(database, start, division=COUNTY)).events) == ["here", "later"]
    assert names((await read(database, start, division=OTHER_COUNTY)).events) == ["there"]
    amended = ["qingling.test.note.amended"]
    assert names((await read(database, start, types=amended)).events) == ["later"]
    nothing = await read(database, start, types=["no.such.type"])
    assert nothing.events == []
    assert (await read(database, nothing.next)).events == []


async def test_waiting_ends_with_the_first_event(
    database: Database, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    found_nothing = asyncio.Event()
    sleep = asyncio.sleep

    async def told(seconds: float) -> None:
        found_nothing.set()
        await sleep(seconds)

    clock = asyncio.get_running_loop()
    start = (await read(database, Cursor(0, 0))).next
    began = clock.time()
    monkeypatch.setattr(asyncio, "sleep", told)
    waiting = asyncio.create_task(read(database, start, wait=20))
    await found_nothing.wait()
    async with database.session() as session:
        entry(session, "news")
    assert names((await waiting).events) == ["news"]
    assert clock.time() - began < 10


async def test_waiting_in_vain_ends_and_loses_nothing(database: Database, entry: Entry) -> None:
    empty = await read(database, Cursor(0, 0), wait=0.3)
    assert empty.events == []
    async with database.session() as session:
        entry(session, "afterwards")
    assert names((await read(database, empty.next)).events) == ["afterwards"]


async def test_events_are_cloud_events_without_what_is_sealed(
    database: Database, entry: Entry
) -> None:
    async with database.session() as session:
        entry(session, "a")
    (event,) = (await read(database, Cursor(0, 0))).events
    assert event["specversion"] == "1.0"
    assert event["source"] == "urn:qingling:test"
    assert event["type"] == "qingling.test.note.created"
    assert (event["subject"], event["division"]) == ("note/a", "330127100219")
    assert event["time"] == "2020-10-01T04:00:00+00:00"
    assert event["data"]["state"] == {"name": "a"}
    assert event["data"]["changes"] == {}
    assert (event["data"]["recorded_by"], event["data"]["request_id"]) == ("clerk", "request-1")


async def test_the_end_differs_with_whatever_is_recorded(database: Database, entry: Entry) -> None:
    ends = [await read_end(database)]
    async with database.session() as slow:
        entry(slow, "slow")
        await slow.flush()
        for name in "ab":
            async with database.session() as fast:
                entry(fast, name)
            ends.append(await read_end(database))
        assert await read_end(database) == ends[-1]
    ends.append(await read_end(database))
    assert [end.held_back for end in ends] == [0, 1, 2, 0]
    assert len(set(ends)) == len(ends)
    assert ends[-1] == await read_end(database)


async def test_whoever_begins_at_the_end_misses_nothing(database: Database, entry: Entry) -> None:
    async with database.session() as session:
        entry(session, "before")
    async with database.session() as slow:
        entry(slow, "slow")
        await slow.flush()
        async with database.session() as fast:
            entry(fast, "fast")
        end = await read_end(database)
    assert names((await read(database, end.cursor)).events) == ["slow", "fast"]


@given(
    transaction=st.integers(0, 10**18 - 1),
    sequence=st.integers(0, LAST_SEQUENCE),
)
def test_a_cursor_reads_back(transaction: int, sequence: int) -> None:
    cursor = Cursor(transaction, sequence)
    assert Cursor.parse(str(cursor)) == cursor
    assert Cursor.parse("") == Cursor(0, 0)


@given(text=st.text(min_size=1))
def test_other_texts_are_no_cursors(text: str) -> None:
    try:
        cursor = Cursor.parse(text)
    except InvalidCursor:
        return
    transaction, sequence = map(int, text.split("-"))
    assert cursor == Cursor(transaction, sequence)


@pytest.mark.parametrize(
    "text",
    ["-", "1", "1-", "-1", "1-1-1", "a-1", "1-a", "²-1", f"1-{2**63}", f"{10**18}-1", " 1-1"],
)
def test_malformed_cursors_are_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        Cursor.parse(text)
