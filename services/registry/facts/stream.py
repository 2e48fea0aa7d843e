"""Facts of a whole division as an Arrow stream: part by part, on two connections, one snapshot."""

from collections import deque
from collections.abc import AsyncGenerator, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing, contextmanager
from datetime import date
from functools import partial
from itertools import pairwise
from queue import SimpleQueue
from typing import Any

import pyarrow as pa
from pyarrow import ipc

from services.registry.facts.statement import statement_for_all
from services.registry.recording.stating import SubjectKind
from shared.db.database import Database
from shared.settings import ServiceSettings
from shared.values.divisions import span
from shared.web.streams import Write, read_ahead

MEDIA_TYPE = "application/vnd.apache.arrow.stream"
CONNECTIONS = 2
AHEAD = 4
COUNTIES = """
SELECT code FROM divisions
WHERE level = 'county' AND code > $1 AND code < $2 ORDER BY code
"""


async def stream_facts(
    database: Database,
    kind: SubjectKind,
    division: str,
    as_of: date,
    only: Collection[str] | None = None,
    *,
    recorders: bool = False,
    settings: ServiceSettings,
) -> AsyncGenerator[bytes, None]:
    """Yield an Arrow IPC stream with a row a subject: all facts, or ``only`` those named.

    The division is cut where counties begin: a county's rows are a few thousand, so that the
    database groups them in memory and no more than a few counties are held here at once. Every part
    is read from the same snapshot, ahead of the reader: however slow that is, the connections are
    given back as soon as the database is done.
    """
    statements = [
        statement_for_all(kind, part, as_of, only, recorders=recorders)
        for part in await _parts(database, division)
    ]
    ahead = read_ahead(
        partial(_write_facts, database, statements),
        most=settings.stream_spool_bytes,
        patience=settings.stream_wait_seconds,
    )
    async with aclosing(ahead) as parts:
        async for part in parts:
            yield part


def _write_facts(database: Database, statements: list[str], write: Write) -> None:
    sink = _Sink(write)
    count = min(CONNECTIONS, len(statements))
    with database.arrow.lend(count) as connections, _readers(connections) as read:
        writer = None
        for table in _in_order(read, statements):
            if writer is None:
                writer = ipc.new_stream(sink, table.schema)
            writer.write_table(table)
        if writer is not None:
            writer.close()


def _in_order(read: "_Readers", statements: list[str]) -> Iterator[pa.Table]:
    """Yield the statements' tables in order, reading a few ahead."""
    waiting: deque[Future[pa.Table]] = deque()
    for statement in statements:
        waiting.append(read.pool.submit(read.table, statement))
        if len(waiting) >= AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


async def _parts(database: Database, division: str) -> list[tuple[str, str]]:
    """Cut a division into half-open ranges of codes that leave none of it out."""
    first, past_last = span(division)
    async with database.driver() as connection:
        counties = await connection.fetch(COUNTIES, first, past_last)
    return list(pairwise([first, *(county["code"] for county in counties), past_last]))


class _Readers:
    """Threads with a connection each, all on one snapshot."""

    def __init__(self, connections: list[Any]) -> None:
        self.pool = ThreadPoolExecutor(len(connections), thread_name_prefix="facts")
        self._idle: SimpleQueue[Any] = SimpleQueue()
        for connection in connections:
            self._idle.put(connection)

    def table(self, statement: str) -> pa.Table:
        """Run a statement on an idle connection."""
        connection = self._idle.get()
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetch_arrow_table()
        finally:
            self._idle.put(connection)


@contextmanager
def _readers(connections: list[Any]) -> Iterator[_Readers]:
    snapshot = None
    for connection in connections:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            if snapshot is None:
                cursor.execute("SELECT pg_export_snapshot()")
                [snapshot] = cursor.fetchone()
            else:
                cursor.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
    readers = _Readers(connections)
    try:
        yield readers
    finally:
        readers.pool.shutdown(wait=True, cancel_futures=True)


class _Sink:
    """A file that passes on what is written to it."""

    closed = False

    def __init__(self, write: Write) -> None:
        self._write = write

    def write(self, data: bytes) -> int:
        """Pass on what the writer of the stream writes."""
        self._write(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing: nothing is held back."""
