"""Voiding: a record made by mistake is kept and marked, and counts for nothing any more.

Whoever recorded something today may void it alone. From the next day on judgements rest on it, and so
it has decided something: one person proposes to void it, and another does.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import Field

from services.registry.recording.domain import Voiding, decided_nothing
from services.registry.recording.tables import RegisteredColumns
from shared.journal.entries import shown
from shared.journal.records import RecordKind, amend, find
from shared.problems import Conflict
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.values.text import Note
from shared.web.etags import ExpectedVersion, require_version
from shared.web.wire import WireModel
from shared.web.work import Work

Row = TypeVar("Row", bound=RegisteredColumns)


@dataclass(frozen=True)
class TakenAlong:
    """What is voided with a record: whether any of it decided something, and its own voiding."""

    nothing_decided: Callable[[Work, Any], Awaitable[bool]]
    void: Callable[[Work, Any, Voiding], Awaitable[None]]


async def _nothing(*_: object) -> bool:
    return True


async def _no_more(*_: object) -> None:
    return None


ALONE = TakenAlong(_nothing, _no_more)
"""Of a record to which no others belong."""


class RecordVoided(Conflict):
    code = "record-voided"
    title = Bilingual("该记录已作废", "The record is voided")


class SecondPersonNeeded(Conflict):
    code = "second-person-needed"
    title = Bilingual("须由另一人确认作废", "Another person has to void it")


class NoVoidingProposed(Conflict):
    code = "no-voiding-proposed"
    title = Bilingual("未提请作废", "Nobody has proposed to void it")


class WhyVoided(WireModel):
    """Why a record is voided, or stands after all."""

    reason: Annotated[
        str,
        Note(500, least=4),
        Field(
            description="原因 kept with the record and in its history",
            examples=["（虚构）登记到了另一户名下"],
        ),
    ]


async def void_one(
    work: Work,
    caller: Caller,
    kind: RecordKind[Row],
    record_id: UUID,
    expected: ExpectedVersion,
    why: WhyVoided,
    taken_along: TakenAlong = ALONE,
) -> Row:
    """Void a record, or propose to if it takes a second person.

    Raises:
        NotFound: it does not exist for the caller.
        PreconditionFailed: it has changed since it was read.
        RecordVoided: it is voided already.
        SecondPersonNeeded: the caller has proposed it, and another person has to void it.

    """
    row = await _found(work, caller, kind, record_id, expected)
    proposed = row.voiding
    if proposed is not None and proposed.proposed_by == work.actor:
        raise SecondPersonNeeded(
            Bilingual(
                f"您已提请作废此{kind.title.zh}；该记录已作为判定依据，须由另一人以同一操作确认，或以 :keep 撤回。",
                f"You have proposed to void this {kind.title.en}. Judgements rest on it, so another "
                "person voids it by the same request; :keep takes the proposal back.",
            )
        )
    reasoned = replace(work, reason=why.reason)
    if proposed is not None:
        voiding = replace(proposed, voided_by=work.actor, voided_at=work.now)
    else:
        voiding = Voiding(why.reason, work.actor, work.now)
        if decided_nothing(row, work.actor, work.today) and await taken_along.nothing_decided(
            work, row
        ):
            voiding = replace(voiding, voided_by=work.actor, voided_at=work.now)
    done = voiding.voided_at is not None
    await amend(reasoned, kind, row, {"voiding": voiding}, "voided" if done else "void_proposed")
    if done:
        await taken_along.void(reasoned, row, voiding)
    return row


async def keep_one(
    work: Work,
    caller: Caller,
    kind: RecordKind[Row],
    record_id: UUID,
    expected: ExpectedVersion,
    why: WhyVoided,
) -> Row:
    """Let a record stand that somebody has proposed to void.

    Raises:
        NotFound: it does not exist for the caller.
        PreconditionFailed: it has changed since it was read.
        RecordVoided: it is voided already.
        NoVoidingProposed: nobody has proposed to void it.

    """
    row = await _found(work, caller, kind, record_id, expected)
    if row.voiding is None:
        raise NoVoidingProposed(
            Bilingual(
                f"没有人提请作废此{kind.title.zh}，无需撤回。",
                f"Nobody has proposed to void this {kind.title.en}; there is nothing to take back.",
            )
        )
    await amend(replace(work, reason=why.reason), kind, row, {"voiding": None}, "kept")
    return row


def require_not_voided(kind: RecordKind[Any], row: RegisteredColumns) -> None:
    """Require that a record stands, to be changed or to have others belong to it.

    Raises:
        RecordVoided: it is voided.

    """
    if row.voided_at is not None:
        raise RecordVoided(
            Bilingual(
                f"此{kind.title.zh}（{row.id}）已作废，只能查阅；请另行登记正确的记录。",
                f"This {kind.title.en} ({row.id}) is voided and can only be read; record the right one "
                "anew.",
            )
        )


async def _found(
    work: Work, caller: Caller, kind: RecordKind[Row], record_id: UUID, expected: ExpectedVersion
) -> Row:
    row = await find(work.session, kind, record_id, caller, for_update=True)
    require_not_voided(kind, row)
    require_version(expected, row.version, shown(kind.state(row)))
    return row
