"""Records of other systems: each is put under the id that it has there, again and again the same one."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy import select, text

from services.registry.recording.domain import ExternalIdentity
from services.registry.recording.held import (
    has_held,
    require_never_voided,
    said_by,
    said_last,
)
from services.registry.recording.kind import ServedKind, is_voided
from services.registry.recording.tables import RegisteredColumns
from services.registry.values.sealing import Sealer
from shared.db.columns import within
from shared.journal.records import RecordKind
from shared.problems import Conflict
from shared.values.bilingual import Bilingual
from shared.values.text import HeldTexts
from shared.web.validation import invalid_request
from shared.web.work import CallersWork

Row = TypeVar("Row", bound=RegisteredColumns)
Model = TypeVar("Model", bound=BaseModel)
# Whoever puts the same waits, and then finds it there.
_ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:called, 0))")


class ExternalIdTaken(Conflict):
    code = "external-id-taken"
    title = Bilingual("外部编号已用于另一记录", "The external id stands for another record")


class Received(NamedTuple, Generic[Model]):
    """What another system sends, and the id of the record that it calls so, if there is one."""

    new: Model
    record_id: UUID | None
    again: bool
    """Whether it is what the system has sent the last time: what others have changed since stands."""


async def received(
    work: CallersWork,
    kind: ServedKind[Row],
    identity: ExternalIdentity,
    model: type[Model],
    body: object,
    key_of: Callable[[Model], Mapping[str, Any]],
    sealer: Sealer | None = None,
) -> Received[Model]:
    """Return what another system sends under an id.

    What it has sent before stands, also if a rule is younger than the record: the same again is refused
    no more than a patch that leaves it alone. A record that no system has sent takes on what this one
    calls it if it sends the record's own id. What was voided does not come back, whatever it is called
    now: ``key_of`` gives the columns that say what the sent one stands for. Only the caller's division
    is looked at: nobody is told what other counties' systems have sent.

    Raises:
        InvalidRequest: what is sent is not valid; pointers name the faulty members.
        ExternalIdTaken: the id stands for another record than the one whose own id is sent, or for
            several that have come from other counties, none of them named so; or another system's id
            stands for the one that is.
        RecordVoided: it would let a record hold what one that was voided has held.

    """
    one = f"{kind.name} {identity.source} {identity.id}"
    await work.session.execute(_ONE_BY_ONE, {"called": one})
    own = select(kind.table).where(within(getattr(kind.table, kind.division), work.caller.division))
    rows = (await work.session.scalars(own.filter_by(**identity.columns))).all()
    there = [row for row in rows if row.voided_at is None]
    new = _read(model, body, lambda: (kind.content_of(each, sealer) for each in there), work.today)
    chosen: UUID | None = getattr(new, "id", None)
    meant = there if chosen is None else [row for row in there if row.id == chosen]
    if there and len(meant) != 1:
        raise _taken(kind)
    # None, which no record has, where no id of its own is sent.
    row = meant[0] if meant else await work.session.scalar(own.where(kind.table.id == chosen))
    if row is not None and not meant and row.external_id is not None:
        raise _taken(kind)
    said = said_by(kind, new)
    same = row is not None and has_held(kind, row.id, kind.state(row), said, sealer)
    for each in meant:
        if same or await said_last(work, kind, each, said, sealer):
            return Received(new, each.id, again=True)
    if not same:
        alike = own.where(is_voided(kind.table)).filter_by(**key_of(new))
        called = [each for each in rows if each.voided_at is not None]
        voided = {*called, *await work.session.scalars(alike)}
        await require_never_voided(work.session, kind, [*voided], said, sealer)
    return Received(new, None if row is None else row.id, again=False)


def _read(
    model: type[Model], body: object, held: Callable[[], Iterable[BaseModel]], today: date
) -> Model:
    """Return a body as a model; what is held already passes where a younger rule would refuse it."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        before = [each.model_dump(mode="json", by_alias=True) for each in held()]
        if not before:
            raise invalid_request(error.errors(), inside="body") from error
    try:
        return model.model_validate(body, context=HeldTexts.of(before, today))
    except ValidationError as error:
        raise invalid_request(error.errors(), inside="body") from error


def _taken(kind: RecordKind[Any]) -> ExternalIdTaken:
    return ExternalIdTaken(
        Bilingual(
            f"该外部编号已用于另一{kind.title.zh}，或该记录已有外部编号；请核对来源系统与编号。",
            f"This external id stands for another {kind.title.en}, or the record has an external id "
            "already; check the system and the id.",
        )
    )
