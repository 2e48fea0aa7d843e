"""What records have held, by their journal: what was voided does not come back by being sent again."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.recording.kind import ServedKind
from services.registry.recording.standing import sent_before
from services.registry.recording.tables import RegisteredColumns
from services.registry.values.sealing import Sealer
from shared.db.lists import any_of
from shared.journal.entries import SEALED
from shared.journal.tables import JournalEntry
from shared.web.work import Work

Row = TypeVar("Row", bound=RegisteredColumns)
TIE = "household_id"
"""What a record belongs to, beside its content; what belongs to no household names it there."""


def said_by(kind: ServedKind[Any], content: BaseModel) -> dict[str, Any]:
    """Return what is said of a record as the journal has it, but that nothing is sealed."""
    return content.model_dump(mode="json", by_alias=True, include={*kind.content.model_fields, TIE})


def has_held(
    kind: ServedKind[Any],
    record_id: object,
    state: Mapping[str, Any],
    said: Mapping[str, Any],
    sealer: Sealer | None,
) -> bool:
    """Tell whether a state of a record, from its journal, holds all that is said."""
    masked = kind.recorded.sealed
    if any(state.get(name) != value for name, value in said.items() if name not in masked):
        return False
    for member, called in masked.items():
        sealed = state[called + SEALED]
        if sealed is None or sealer is None:
            opened = None
        else:
            opened = sealer.open(bytes.fromhex(sealed), kind.seal_context(record_id, called))
        if opened != said[member]:
            return False
    return True


async def require_never_voided(
    session: AsyncSession,
    kind: ServedKind[Row],
    voided: Sequence[Row],
    said: Mapping[str, Any],
    sealer: Sealer | None = None,
) -> None:
    """Require that none of these voided records has ever held what is said, also before it was amended.

    Raises:
        RecordVoided: one has.

    """
    entries = select(JournalEntry).where(
        JournalEntry.subject_kind == kind.name,
        any_of(JournalEntry.subject_id, [str(row.id) for row in voided]),
    )
    by_id = {str(row.id): row for row in voided}
    for entry in await session.scalars(entries) if voided else ():
        row = by_id[entry.subject_id]
        if row.voiding and has_held(kind, row.id, entry.state, said, sealer):
            raise sent_before(kind, row, row.voiding)


async def said_last(
    work: Work,
    kind: ServedKind[Row],
    row: Row,
    said: Mapping[str, Any],
    sealer: Sealer | None,
) -> bool:
    """Tell whether who writes has said just this of a record the last time, whatever others said since."""
    # What moves with its household is not said anew by who moves that.
    written = [kind.event("created"), kind.event("amended")]
    if not hasattr(kind.table, TIE):
        written.append(kind.event("moved"))
    last = await work.session.scalar(
        select(JournalEntry)
        .where(
            JournalEntry.subject_kind == kind.name,
            JournalEntry.subject_id == str(row.id),
            JournalEntry.actor == work.actor,
            any_of(JournalEntry.type, written),
        )
        .order_by(JournalEntry.version.desc())
        .limit(1)
    )
    return last is not None and has_held(kind, row.id, last.state, said, sealer)
