"""Records of other systems: each is put under the id that it has there, again and again the same one."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.recording.domain import ExternalIdentity
from services.registry.recording.standing import sent_before
from services.registry.recording.tables import RegisteredColumns
from shared.db.columns import within
from shared.journal.records import RecordKind
from shared.problems import Conflict
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.values.text import HeldTexts
from shared.web.validation import invalid_request
from shared.web.work import Work

Row = TypeVar("Row", bound=RegisteredColumns)
Model = TypeVar("Model", bound=BaseModel)
# Whoever puts the same waits, and then finds it there.
_ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:called, 0))")


class ExternalIdTaken(Conflict):
    code = "external-id-taken"
    title = Bilingual("外部编号已用于另一记录", "The external id stands for another record")


async def read_sent(
    work: Work,
    kind: RecordKind[Row],
    caller: Caller,
    identity: ExternalIdentity,
    model: type[Model],
    sent: object,
    content_of: Callable[[Row], BaseModel],
) -> Model:
    """Return what another system has sent under an id.

    What it has sent before stands, also if a rule is younger than the record: the same again is refused
    no more than a patch that leaves it alone.

    Raises:
        InvalidRequest: it is not valid; pointers name the faulty members.

    """
    try:
        return model.model_validate(sent)
    except ValidationError as error:
        rows = await _known(work.session, kind, caller, identity)
        held = [content_of(row) for row in rows if row.voided_at is None]
        if not held:
            raise invalid_request(error.errors(), inside="body") from error
    before = [each.model_dump(mode="json", by_alias=True) for each in held]
    try:
        return model.model_validate(sent, context=HeldTexts.of(before, work.today))
    except ValidationError as error:
        raise invalid_request(error.errors(), inside="body") from error


async def called(
    session: AsyncSession,
    kind: RecordKind[Row],
    caller: Caller,
    identity: ExternalIdentity,
    chosen: UUID | None,
    same: Callable[[Row], bool],
) -> UUID | None:
    """Return the id of the record that another system calls so, None if there is none yet.

    ``chosen`` is the id that the caller gives the record: a record that no system has sent takes on what
    this one calls it. ``same`` tells whether a voided record held what is sent now. Only the caller's
    division is looked at: nobody is told what other counties' systems have sent.

    Raises:
        ExternalIdTaken: it stands for a record that is not the chosen one, or for several that have
            come from other counties, none of them chosen; or another system's id stands for the
            chosen one.
        RecordVoided: there is none, but one with the same content was voided.

    """
    table = kind.table
    one = f"{kind.name} {identity.source} {identity.id}"
    await session.execute(_ONE_BY_ONE, {"called": one})
    rows = await _known(session, kind, caller, identity)
    standing = [row for row in rows if row.voided_at is None]
    meant = standing if chosen is None else [row for row in standing if row.id == chosen]
    if len(meant) == 1:
        return meant[0].id
    if standing:
        raise _taken(kind)
    for row in rows:
        if row.voiding is not None and same(row):
            raise sent_before(kind, row, row.voiding)
    if chosen is None:
        return None
    own = within(getattr(table, kind.division), caller.division)
    unsent = await session.scalar(select(table).where(table.id == chosen, own))
    if unsent is not None and unsent.external_id is not None:
        raise _taken(kind)
    return None if unsent is None else unsent.id


async def _known(
    session: AsyncSession, kind: RecordKind[Row], caller: Caller, identity: ExternalIdentity
) -> Sequence[Row]:
    """Return the records of the caller's division that another system calls so, voided ones too."""
    own = within(getattr(kind.table, kind.division), caller.division)
    statement = select(kind.table).filter_by(**identity.columns).where(own)
    return (await session.scalars(statement)).all()


def _taken(kind: RecordKind[Any]) -> ExternalIdTaken:
    return ExternalIdTaken(
        Bilingual(
            f"该外部编号已用于另一{kind.title.zh}，或该记录已有外部编号；请核对来源系统与编号。",
            f"This external id stands for another {kind.title.en}, or the record has an external id "
            "already; check the system and the id.",
        )
    )
