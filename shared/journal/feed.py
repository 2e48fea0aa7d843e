"""The event feed of a service: its journal as CloudEvents, in an order that loses nothing."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeAlias
from uuid import uuid5

import asyncpg
import orjson

from shared.db.database import Database
from shared.journal.entries import shown
from shared.problems import InvalidCursor
from shared.values.bilingual import Bilingual
from shared.values.divisions import span

Concerned: TypeAlias = Callable[[str, str, Mapping[str, Any]], str | None]
"""Tells from a subject's kind, its id and its state whom it concerns, named as subjects are."""
POLL_SECONDS = 0.25
LAST_SEQUENCE = 2**63 - 1

# Read by a statement of its own, before that which reads the entries: only those up to the horizon
# are shown, and whatever commits later has a place behind every cursor already handed out.
HORIZON = "SELECT journal_horizon()"
# The newest entry up to the horizon is the farthest that a cursor may lead: it is there for good,
# while a number that was drawn for nothing may be drawn again after a crash.
#
# A record's file travels with it. Where it belonged before it is told that it left, and nothing of
# its past any more; where it belongs now, and above both, that it moved.
READ = """
WITH newest AS (SELECT max(transaction) AS newest_seen FROM journal WHERE transaction <= $7)
SELECT j.*, newest.newest_seen
FROM newest LEFT JOIN LATERAL (
    SELECT transaction, sequence, id, shown.type, subject_kind, subject_id, shown.division, version,
           actor, reason, request_id, recorded_at, changes, state, shown.here
    FROM journal entry, LATERAL (
        SELECT here,
               CASE WHEN here THEN entry.division ELSE entry.left_division END AS division,
               CASE WHEN here THEN entry.type
                    ELSE regexp_replace(entry.type, '[^.]+$', 'left') END AS type
        FROM (SELECT entry.division >= $3 AND entry.division < $4 AS here) place
    ) shown
    WHERE (transaction, sequence) > ($1, $2) AND transaction <= $7
      AND shown.division >= $3 AND shown.division < $4
      AND ($5::text[] IS NULL OR shown.type = ANY($5))
      AND (NOT here OR coalesce((
          SELECT move.division >= $3 AND move.division < $4
          FROM journal move
          WHERE move.subject_kind = entry.subject_kind AND move.subject_id = entry.subject_id
            AND move.left_division IS NOT NULL
          ORDER BY move.version DESC
          LIMIT 1
      ), true))
    ORDER BY transaction, sequence
    LIMIT $6
) j ON true
"""

# Nothing is ever taken out of the journal, and whatever is written up to the horizon is there: two
# answers are alike if and only if nothing was committed in between.
END = """
SELECT (SELECT coalesce(max(transaction), 0) FROM journal WHERE transaction <= $1) AS newest,
       (SELECT count(*) FROM journal WHERE transaction > $1) AS held_back
"""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the feed: everything up to and including it has been seen."""

    transaction: int
    sequence: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a cursor; the empty text is the feed's beginning.

        Raises:
            InvalidCursor: the text is not a cursor of a feed.

        """
        if not text:
            return cls(0, 0)
        transaction, _, sequence = text.partition("-")
        if not (transaction.isascii() and transaction.isdigit() and len(transaction) <= 18):
            raise _invalid_cursor()
        if not (sequence.isascii() and sequence.isdigit() and int(sequence) <= LAST_SEQUENCE):
            raise _invalid_cursor()
        return cls(int(transaction), int(sequence))

    def __str__(self) -> str:
        return f"{self.transaction}-{self.sequence}"


@dataclass(frozen=True, slots=True)
class EventBatch:
    """Events in order, and the cursor to ask for what follows them."""

    events: list[dict[str, Any]]
    next: Cursor


@dataclass(frozen=True, slots=True)
class FeedEnd:
    """The cursor behind every event shown, and how many are recorded that are yet to be shown."""

    cursor: Cursor
    held_back: int


def subject_in_state(_kind: str, _id: str, state: Mapping[str, Any]) -> str | None:
    """Tell whom an event concerns whose state names a subject of its own."""
    if "subject_kind" not in state or "subject_id" not in state:
        return None
    return f"{state['subject_kind']}/{state['subject_id']}"


async def read_events(
    database: Database,
    source: str,
    after: Cursor,
    *,
    division: str,
    types: list[str] | None,
    limit: int,
    wait: float,
    concerned: Concerned = subject_in_state,
) -> EventBatch:
    """Return the events after a cursor; with none yet, wait up to ``wait`` seconds for some."""
    deadline = asyncio.get_running_loop().time() + wait
    while True:
        rows, following = await _read(database, after, division, types, limit)
        left = deadline - asyncio.get_running_loop().time()
        if rows or left <= 0:
            return EventBatch([_cloud_event(source, row, concerned) for row in rows], following)
        after = following
        await asyncio.sleep(min(POLL_SECONDS, left))


async def read_end(database: Database) -> FeedEnd:
    """Return where the feed ends now; it differs whenever anything has been recorded meanwhile."""
    async with database.driver() as connection:
        horizon = await connection.fetchval(HORIZON)
        [end] = await connection.fetch(END, horizon)
    return FeedEnd(Cursor(end["newest"], LAST_SEQUENCE), end["held_back"])


async def _read(
    database: Database, after: Cursor, division: str, types: list[str] | None, limit: int
) -> tuple[list[asyncpg.Record], Cursor]:
    first, past_last = span(division)
    async with database.driver() as connection:
        horizon = await connection.fetchval(HORIZON)
        rows = await connection.fetch(
            READ, after.transaction, after.sequence, first, past_last, types, limit, horizon
        )
    found = [row for row in rows if row["id"] is not None]
    if len(found) == limit:
        following = Cursor(found[-1]["transaction"], found[-1]["sequence"])
    else:
        seen = Cursor(rows[0]["newest_seen"] or 0, LAST_SEQUENCE)
        following = max(after, seen, key=lambda c: (c.transaction, c.sequence))
    return found, following


def _cloud_event(source: str, row: asyncpg.Record, concerned: Concerned) -> dict[str, Any]:
    # To leave is another event than to move, and says nothing of the record or of where it went.
    here = row["here"]
    state = orjson.loads(row["state"])
    return {
        "specversion": "1.0",
        "id": str(row["id"] if here else uuid5(row["id"], "left")),
        "source": source,
        "type": row["type"],
        "subject": f"{row['subject_kind']}/{row['subject_id']}",
        "time": row["recorded_at"].isoformat(),
        "datacontenttype": "application/json",
        "cursor": f"{row['transaction']}-{row['sequence']}",
        "division": row["division"],
        "concerns": concerned(row["subject_kind"], row["subject_id"], state if here else {}),
        "data": {
            "version": row["version"],
            "recorded_by": row["actor"],
            "reason": row["reason"] if here else None,
            "request_id": row["request_id"],
            "changes": shown(orjson.loads(row["changes"])) if here else {},
            "state": shown(state) if here else {},
        },
    }


def _invalid_cursor() -> InvalidCursor:
    return InvalidCursor(
        Bilingual(
            "after 不是有效的事件游标；请使用事件的 cursor，或留空从头开始。",
            "after is not a cursor of this feed; pass an event's cursor, or nothing to start over.",
        )
    )
