"""What becomes of a person who cannot be entered: a conflict is opened, and settled above both sides."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from services.registry.conflicts.domain import ConflictState, holding_both
from services.registry.conflicts.records import CONFLICT
from services.registry.conflicts.schemas import SettleConflict, conflict_state
from services.registry.conflicts.tables import ConflictRow
from shared.db.locking import locked
from shared.journal.records import add, change, find
from shared.problems import Conflict
from shared.values.bilingual import Bilingual
from shared.values.divisions import ancestors
from shared.web.etags import ExpectedVersion, require_version
from shared.web.work import CallersWork, Work


class ConflictSettled(Conflict):
    code = "conflict-settled"
    title = Bilingual("冲突已处理", "The conflict is settled already")


@dataclass(frozen=True, slots=True)
class Contested:
    """A person, where they were to be entered, and the membership that stands against it."""

    person: bytes
    document_masked: str
    asking_village: str
    asking_household: UUID | None
    registered_village: str
    registered_household: UUID
    registered_member: UUID


async def open_conflict(work: Work, contested: Contested) -> ConflictRow:
    """Open a conflict at the lowest division that holds both sides, or note that it was asked again."""
    division = holding_both(contested.asking_village, contested.registered_village)
    known = await work.session.scalar(
        locked(
            select(ConflictRow)
            .where(
                ConflictRow.person == contested.person,
                ConflictRow.asking_village == contested.asking_village,
                ConflictRow.state == ConflictState.OPEN,
                ConflictRow.registered_member
                == (contested.registered_member if division is not None else None),
            )
            .limit(1)
        )
    )
    if known is not None:
        again = {"asked_times": known.asked_times + 1, "last_asked_at": work.now}
        change(work, CONFLICT, known, again, "asked_again")
        return known
    content = {
        "division": division or ancestors(contested.asking_village)[0],
        "state": ConflictState.OPEN,
        "person": contested.person,
        "document_masked": contested.document_masked,
        "asking_village": contested.asking_village,
        "asking_household": contested.asking_household,
        "registered_village": contested.registered_village,
        "registered_household": contested.registered_household,
        "registered_member": contested.registered_member,
        "asked_times": 1,
        "last_asked_at": work.now,
    }
    if division is None:
        content |= dict.fromkeys(
            ("registered_village", "registered_household", "registered_member")
        )
    return add(work, CONFLICT, content, "opened")


async def settle_conflict(
    work: CallersWork,
    conflict_id: UUID,
    expected: ExpectedVersion,
    asked: SettleConflict,
) -> ConflictRow:
    """Record how a conflict was settled.

    Raises:
        NotFound: it does not exist for the caller.
        ConflictSettled: it is settled already.
        PreconditionFailed: it was asked again since the caller read it.

    """
    row = await find(work.session, CONFLICT, conflict_id, work.caller, for_update=True)
    if row.state == ConflictState.SETTLED:
        raise ConflictSettled(
            Bilingual(
                "此冲突已处理；处理结果见其 settlement 和 note。",
                "This conflict is settled; its settlement and note say how.",
            )
        )
    require_version(expected, row.version, conflict_state(row))
    content = {
        "state": ConflictState.SETTLED,
        "settlement": asked.settlement.value,
        "note": asked.note,
    }
    change(work, CONFLICT, row, content, "settled")
    await work.session.flush()
    return row
