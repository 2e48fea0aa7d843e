"""Voiding: a record made by mistake is kept and marked, and counts for nothing any more.

Whoever has just recorded something may void it alone. After that judgements rest on it, and so it has
decided something: one person proposes to void it, and another does.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any, TypeAlias, TypeVar
from uuid import UUID

from pydantic import Field

from services.registry.recording.domain import Voiding, decided_nothing
from services.registry.recording.standing import standing
from services.registry.recording.tables import RegisteredColumns
from shared.journal.records import RecordKind, amend, change
from shared.problems import Conflict, PreconditionRequired
from shared.values.bilingual import Bilingual
from shared.values.text import Note
from shared.web.etags import ExpectedVersion
from shared.web.reading import of_application
from shared.web.wire import WireModel
from shared.web.work import CallersWork, Work

Row = TypeVar("Row", bound=RegisteredColumns)


Along: TypeAlias = Sequence[tuple[RecordKind[RegisteredColumns], RegisteredColumns]]
"""Records that are voided with another, each locked, with their kinds."""


class SecondPersonNeeded(Conflict):
    code = "second-person-needed"
    title = Bilingual("须由另一人确认作废", "Another person has to void it")


class VoidingOutdated(Conflict):
    code = "voiding-outdated"
    title = Bilingual(
        "提请作废之后又有新的登记", "More was recorded since the voiding was proposed"
    )


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


AloneFor = Annotated[timedelta, of_application("void_alone_for")]
"""For how long whoever recorded something may void it alone, as the service is set."""


async def _nothing_more(_work: Work, _row: RegisteredColumns) -> Along:
    return []


async def void_one(
    work: CallersWork,
    kind: RecordKind[Row],
    asked: VoidingAsked,
    belonging: Callable[[Work, Row], Awaitable[Along]] = _nothing_more,
) -> Row:
    """Void a record and what belongs to it, or propose to if it takes a second person.

    Raises:
        NotFound: it does not exist for the caller.
        PreconditionFailed: it has changed since it was read.
        PreconditionRequired: the caller would confirm what they need not have read.
        RecordVoided: it is voided already.
        SecondPersonNeeded: the caller has proposed it, and another person has to void it.
        VoidingOutdated: what belongs to it was recorded or changed since somebody proposed it.

    """
    row = await standing(work, kind, asked.record_id, asked.expected)
    along = await belonging(work, row)
    if row.voiding is not None:
        _require_seen(work, kind, row.voiding, asked.expected, along)
        voiding = replace(row.voiding, voided_by=work.actor, voided_at=work.now)
    else:
        voiding = Voiding(asked.reason, work.actor, work.now)
        entered: list[RegisteredColumns] = [row, *(each for _, each in along)]
        if all(decided_nothing(each, work.actor, work.now, asked.alone_for) for each in entered):
            voiding = replace(voiding, voided_by=work.actor, voided_at=work.now)
    reasoned = replace(work, reason=asked.reason)
    done = voiding.voided_at is not None
    await amend(reasoned, kind, row, {"voiding": voiding}, "voided" if done else "void_proposed")
    if done:
        for its_kind, each in along:
            change(reasoned, its_kind, each, {"voiding": voiding}, "voided")
    return row


def _require_seen(
    work: Work,
    kind: RecordKind[Any],
    proposed: Voiding,
    expected: ExpectedVersion,
    along: Along,
) -> None:
    """Require that whoever confirms is another person, and confirms what was proposed."""
    if proposed.proposed_by == work.actor:
        raise SecondPersonNeeded(
            Bilingual(
                f"您已提请作废此{kind.title.zh}；该记录已作为判定依据，须由另一人以同一操作确认，或以 :keep 撤回。",
                f"You have proposed to void this {kind.title.en}. Judgements rest on it, so another "
                "person voids it by the same request; :keep takes the proposal back.",
            )
        )
    if expected.takes_any:
        raise PreconditionRequired(
            Bilingual(
                f"此{kind.title.zh}已被提请作废（{proposed.reason}）；确认作废请先读取，并在 If-Match 中给出其 ETag。",
                f"Somebody has proposed to void this {kind.title.en} ({proposed.reason}); to confirm it, "
                "read it first and send its ETag in If-Match.",
            )
        )
    if any(each.updated_at > proposed.proposed_at for _, each in along):
        raise VoidingOutdated(
            Bilingual(
                f"提请作废此{kind.title.zh}之后，其名下又有登记或修改；请核实后以 :keep 撤回，确需作废的重新提请。",
                f"What belongs to this {kind.title.en} was recorded or changed since somebody proposed to "
                "void it; look at it, take the proposal back by :keep, and propose it anew if it is to "
                "be voided all the same.",
            )
        )


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
