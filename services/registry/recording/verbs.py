"""What officials do with records of any declared kind: record one or many, amend one, list."""

from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.recording.batch import Batch, BatchAnswer, ItemOutcome, carry_out
from services.registry.recording.domain import ExternalIdentity
from services.registry.recording.external import received
from services.registry.recording.held import require_never_voided, said_by
from services.registry.recording.kind import Kind, Narrowing, ServedKind, is_voided, stands
from services.registry.recording.standing import holds, rewrite, standing
from services.registry.recording.tables import RegisteredColumns
from shared.db.columns import within
from shared.ids import new_id
from shared.journal.records import create
from shared.problems import Conflict
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.web.etags import ExpectedVersion
from shared.web.merge_patch import patched
from shared.web.pages import Page, PageRequest, read_page
from shared.web.validation import refusing_at
from shared.web.work import CallersWork

Row = TypeVar("Row", bound=RegisteredColumns)


async def record_one(
    work: CallersWork,
    kind: Kind[Row],
    new: Any,
    identity: ExternalIdentity | None = None,
) -> Row:
    """Record one; ``identity`` is what another system calls it.

    Raises:
        NotFound: what it belongs to lies outside the caller's division.
        InvalidRequest: its content cannot be.
        Conflict: there is one already that stands for the same, or the id is taken.

    """
    columns = await _columns(work, kind, new)
    recorded = await _same(work.session, kind, columns)
    if recorded is not None:
        raise _taken(kind, recorded)
    return await create(work, kind, columns | (identity.columns if identity else {}))


async def put_one(
    work: CallersWork,
    kind: Kind[Row],
    identity: ExternalIdentity,
    expected: ExpectedVersion,
    body: object,
) -> tuple[Row, bool]:
    """Record what another system calls so, or replace its content; tell also whether it is new.

    Raises:
        NotFound: what it belongs to lies outside the caller's division.
        PreconditionFailed: it is not there as the caller expects.
        InvalidRequest: its content cannot be.
        ExternalIdTaken: the id stands for another record.
        RecordVoided: what was sent under the id was voided, and is sent again.
        VoidingProposed: somebody has proposed to void it.
        Conflict: it belongs to something else, or there is another that stands for the same.

    """

    def key_of(new: BaseModel) -> dict[str, Any]:
        columns = {**vars(new), **kind.columns(new)}
        return {name: columns[name] for name in kind.key.columns}

    sent = await received(work, kind, identity, kind.new, body, key_of)
    if sent.record_id is None:
        expected.require_nothing_there()
        return await record_one(work, kind, sent.new, identity), True
    row = await standing(work, kind, sent.record_id, expected)
    if not sent.again:
        await _rewrite(work, kind, row, sent.new, identity)
    return row, False


async def record_many(work: CallersWork, kind: Kind[Row], batch: Batch[Any]) -> BatchAnswer:
    """Record many; one recorded already with the same content is left unchanged.

    One with the same content that was voided fails: it does not come back by being sent again.

    Raises:
        BatchRefused: one failed and the mode is all_or_nothing.

    """

    async def write(new: Any) -> tuple[ItemOutcome, UUID]:
        columns = await _columns(work, kind, new)
        recorded = await _same(work.session, kind, columns)
        if recorded is None:
            voided = await work.session.scalars(_of_key(kind, columns).where(is_voided(kind.table)))
            await require_never_voided(work.session, kind, voided.all(), said_by(kind, new))
            return ItemOutcome.CREATED, (await create(work, kind, columns)).id
        if not holds(recorded, columns):
            raise _taken(kind, recorded)
        return ItemOutcome.UNCHANGED, recorded.id

    return await carry_out(work, batch, kind.new, write)


async def amend_one(
    work: CallersWork,
    kind: Kind[Row],
    record_id: UUID,
    expected_version: ExpectedVersion,
    patch: dict[str, Any],
) -> Row:
    """Apply a merge patch to a record.

    Raises:
        NotFound: it does not exist for the caller, or what it would belong to.
        PreconditionFailed: it has changed since it was read.
        RecordVoided: it is voided.
        VoidingProposed: somebody has proposed to void it.
        InvalidRequest: the result is not valid.
        Conflict: there is another that stands for what it would.

    """
    row = await standing(work, kind, record_id, expected_version)
    after = patched(kind.content, kind.recorded.of(row), patch)
    await _rewrite(work, kind, row, after)
    return row


async def page_of(
    session: AsyncSession,
    caller: Caller,
    kind: ServedKind[Row],
    narrowing: Narrowing,
    order: str,
    asked: PageRequest,
) -> Page[Any]:
    """Return a page of the records of the caller's division.

    Raises:
        NotFound: the division asked for lies outside the caller's.

    """
    place = getattr(kind.table, kind.division)
    statement = select(kind.table).where(
        within(place, caller.reach(narrowing.division)), *narrowing.conditions(kind.table)
    )
    descending = order.startswith("-")
    columns = kind.orders[order]
    return await read_page(
        session, statement, [*columns], asked, kind.recorded.of, descending=descending
    )


async def _rewrite(
    work: CallersWork,
    kind: Kind[Row],
    row: Row,
    after: BaseModel,
    identity: ExternalIdentity | None = None,
) -> None:
    """Let a record hold other content, and bear what another system calls it."""
    columns = await _columns(work, kind, after, row)
    recorded = await _same(work.session, kind, columns)
    if recorded is not None and recorded is not row:
        raise _taken(kind, recorded)
    await rewrite(work, kind, row, columns, identity)


async def _columns(
    work: CallersWork, kind: Kind[Row], content: BaseModel, row: Row | None = None
) -> dict[str, Any]:
    """Return all columns of a record that may be, whose content is new or amended."""
    tied = await kind.owner.tie(work, content, row)
    with refusing_at(kind.looked_at):
        kind.possible(content, work.today)
    record_id = getattr(content, "id", None) or new_id() if row is None else row.id
    return {"id": record_id, **kind.columns(content), **tied}


async def _same(session: AsyncSession, kind: Kind[Row], columns: dict[str, Any]) -> Row | None:
    """Return the record that stands for what one with these columns does."""
    return await session.scalar(_of_key(kind, columns).where(stands(kind.table)))


def _of_key(kind: Kind[Row], columns: dict[str, Any]) -> Select[Row]:
    """Return the select of the records that stand, or stood, for what one with these columns does."""
    return select(kind.table).filter_by(**{name: columns[name] for name in kind.key.columns})


def _taken(kind: Kind[Row], recorded: Row) -> Conflict:
    words = kind.key.words
    members: dict[str, Any] = {f"{kind.name}_id": str(recorded.id)}
    return kind.key.failure(
        Bilingual(words.zh.format(recorded=recorded), words.en.format(recorded=recorded)),
        **members,
    )
