"""Voiding: a record made by mistake is kept and marked, and counts for nothing any more.

Whoever has just recorded something may void it alone. After that judgements rest on it, and so it has
decided something: one person proposes to void it, and another does.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from pydantic import Field

from services.registry.recording.domain import Voiding, decided_nothing
from services.registry.recording.standing import standing
from services.registry.recording.tables import RegisteredColumns
from shared.journal.records import RecordKind, amend
from shared.problems import Conflict
from shared.values.bilingual import Bilingual
from shared.values.text import Note
from shared.web.etags import ExpectedVersion
from shared.web.wire import WireModel
from shared.web.work import CallersWork, Work

Row = TypeVar("Row", bound=RegisteredColumns)


@dataclass(frozen=True)
class TakenAlong:
    """What is voided with a record: whether any of it decided something, and its own voiding."""

    nothing_decided: Callable[[Work, Any, timedelta], Awaitable[bool]]
    void: Callable[[Work, Any, Voiding], Awaitable[None]]


async def _nothing(*_: object) -> bool:
    return True


async def _no_more(*_: object) -> None:
    return None


ALONE = TakenAlong(_nothing, _no_more)
"""Of a record to which no others belong."""


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


@dataclass(frozen=True, slots=True)
class VoidingAsked:
    """A record that is to be voided, or to stand after all, and why."""

    record_id: UUID
    expected: ExpectedVersion
    reason: str
    alone_for: timedelta
    """For how long whoever recorded something may void it alone."""


async def _alone_for(request: Request) -> timedelta:
    alone_for: timedelta = request.app.state.void_alone_for
    return alone_for


AloneFor = Annotated[timedelta, Depends(_alone_for)]
"""For how long whoever recorded something may void it alone, as the service is set."""


async def void_one(
    work: CallersWork,
    kind: RecordKind[Row],
    asked: VoidingAsked,
    taken_along: TakenAlong = ALONE,
) -> Row:
    """Void a record, or propose to if it takes a second person.

    Raises:
        NotFound: it does not exist for the caller.
        PreconditionFailed: it has changed since it was read.
        RecordVoided: it is voided already.
        SecondPersonNeeded: the caller has proposed it, and another person has to void it.

    """
    row = await standing(work, kind, asked.record_id, asked.expected)
    proposed = row.voiding
    if proposed is not None and proposed.proposed_by == work.actor:
        raise SecondPersonNeeded(
            Bilingual(
                f"您已提请作废此{kind.title.zh}；该记录已作为判定依据，须由另一人以同一操作确认，或以 :keep 撤回。",
                f"You have proposed to void this {kind.title.en}. Judgements rest on it, so another "
                "person voids it by the same request; :keep takes the proposal back.",
            )
        )
    reasoned = replace(work, reason=asked.reason)
    if proposed is not None:
        voiding = replace(proposed, voided_by=work.actor, voided_at=work.now)
    else:
        voiding = Voiding(asked.reason, work.actor, work.now)
        if decided_nothing(
            row, work.actor, work.now, asked.alone_for
        ) and await taken_along.nothing_decided(work, row, asked.alone_for):
            voiding = replace(voiding, voided_by=work.actor, voided_at=work.now)
    done = voiding.voided_at is not None
    await amend(reasoned, kind, row, {"voiding": voiding}, "voided" if done else "void_proposed")
    if done:
        await taken_along.void(reasoned, row, voiding)
    return row


async def keep_one(work: CallersWork, kind: RecordKind[Row], asked: VoidingAsked) -> Row:
    """Let a record stand that somebody has proposed to void.

    Raises:
        NotFound: it does not exist for the caller.
        PreconditionFailed: it has changed since it was read.
        RecordVoided: it is voided already.
        NoVoidingProposed: nobody has proposed to void it.

    """
    row = await standing(work, kind, asked.record_id, asked.expected)
    if row.voiding is None:
        raise NoVoidingProposed(
            Bilingual(
                f"没有人提请作废此{kind.title.zh}，无需撤回。",
                f"Nobody has proposed to void this {kind.title.en}; there is nothing to take back.",
            )
        )
    await amend(replace(work, reason=asked.reason), kind, row, {"voiding": None}, "kept")
    return row
