"""What belongs to a household goes with it, to another village or out of the register, each journalled.

One verb, whoever moves the household: a request moves one, an import thousands.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, TypeAdapter
from sqlalchemy import select, update

from services.registry.households.kind import MOVING_WITH_HOUSEHOLD
from services.registry.households.tables import HouseholdRow, OfHousehold
from services.registry.recording.kind import stands
from services.registry.recording.tables import RegisteredColumns
from services.registry.recording.voiding import Along
from shared.db.database import driver_of
from shared.db.lists import any_of
from shared.db.locking import locked
from shared.journal.entries import JournalSubject, copy_entries, entry
from shared.journal.records import RecordKind
from shared.journal.tables import JournalEntry
from shared.web.work import Work

HOUSEHOLDS_AT_ONCE = 2000
_MOMENT = TypeAdapter(AwareDatetime)


async def take_along(
    work: Work, moved: Mapping[UUID, str], journal: str = JournalEntry.__tablename__
) -> None:
    """Let what belongs to households follow them; ``moved`` names the village that each has left.

    ``journal`` is where the entries are written: the journal, or a table in which they wait for it.

    The households are locked, and stand in their new villages already; their foreign keys have
    carried the village over to what belongs to them, and :func:`stamps_of_move` says the rest.
    """
    for households in _batches(list(moved)):
        for kind in MOVING_WITH_HOUSEHOLD:
            left = {each: moved[each] for each in households}
            await copy_entries(
                await driver_of(work.session), await _moved(work, kind, left), journal
            )


def stamps_of_move(work: Work, version: int) -> dict[str, Any]:
    """Return what a move sets of a record that had a version, beside its village.

    Who recorded it stays: a move with the household says nothing of its content.
    """
    return {"version": version + 1, "updated_at": work.now}


async def belonging_to(work: Work, household: HouseholdRow) -> Along:
    """Return what belongs to a household, locked by the caller, and stands; it is locked too."""
    found: list[tuple[RecordKind[RegisteredColumns], RegisteredColumns]] = []
    for kind in MOVING_WITH_HOUSEHOLD:
        rows = await work.session.scalars(
            locked(
                select(kind.table)
                .where(kind.table.household_id == household.id, stands(kind.table))
                .order_by(kind.table.id)
            )
        )
        found.extend((kind, row) for row in rows)
    return found


async def _moved(
    work: Work, kind: RecordKind[OfHousehold], moved: Mapping[UUID, str]
) -> list[JournalEntry]:
    """Let the records of a kind follow; return their entries."""
    mine = any_of(kind.table.household_id, moved)
    rows = await work.session.scalars(
        locked(select(kind.table).where(mine).order_by(kind.table.id))
    )
    entries = []
    for row in rows:
        work.session.expunge(row)  # it is written below, with all the others at once
        left = moved[row.household_id]
        now = kind.state(row)
        stamps = stamps_of_move(work, row.version)
        written = stamps | {"updated_at": _MOMENT.dump_python(work.now, mode="json")}
        entries.append(
            entry(
                work,
                kind.event("moved"),
                JournalSubject(kind.name, str(row.id), row.village_code),
                version=stamps["version"],
                before=now | {"village_code": left},
                after=now | written,
                left=left,
            )
        )
    stamps = stamps_of_move(work, 0) | {"version": kind.table.version + 1}
    await work.session.execute(
        update(kind.table).where(mine).values(**stamps).execution_options(synchronize_session=False)
    )
    return entries


def _batches(households: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(households), HOUSEHOLDS_AT_ONCE):
        yield households[start : start + HOUSEHOLDS_AT_ONCE]
