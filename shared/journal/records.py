"""Records: rows with a version, an owner division and a journal behind every change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import DateTime, Text, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from shared.db.columns import within
from shared.db.locking import locked
from shared.ids import new_id
from shared.journal.entries import JournalSubject, record, shown
from shared.journal.history import HistoryEntry, read_history, state_known_at
from shared.problems import Collision, NotFound
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.web.pages import Page, PageRequest
from shared.web.work import Work


class RecordColumns:
    """What every record has beside its content."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(default=1)
    recorded_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


Row = TypeVar("Row", bound=RecordColumns)
NOT_CONTENT = "not_content"
"""What marks, by who writes it, a column that holds nothing of a record's content."""


def beside_content(table: type[Any]) -> frozenset[str]:
    """Return the attributes of a table that hold nothing of a record's content.

    Who recorded the content stays when one of them changes. What is computed of columns is none.
    """
    mapper: Mapper[Any] = inspect(table)
    marked = {each for each in table.__table__.columns if NOT_CONTENT in each.info}
    attributes = (*mapper.column_attrs, *mapper.composites)
    return frozenset(each.key for each in attributes if marked.issuperset(each.columns))


@dataclass(frozen=True)
class RecordKind(Generic[Row]):
    """A kind of record: its table, its names, and how a row is written down in the journal."""

    service: str
    name: str
    title: Bilingual
    table: type[Row]
    state: Callable[[Row], dict[str, Any]]
    division: str = "village_code"
    """The column with the division that a row belongs to."""

    def division_of(self, row: Row) -> str:
        """Return the division that a row belongs to."""
        code: str = getattr(row, self.division)
        return code

    def event(self, what: str) -> str:
        """Return the CloudEvents type of something that happened to such a record."""
        return f"qingling.{self.service}.{self.name}.{what}"

    def not_found(self, record_id: UUID) -> NotFound:
        """Return the failure for an id that does not exist for the caller."""
        return NotFound.of(self.title, record_id)


async def find(
    session: AsyncSession,
    kind: RecordKind[Row],
    record_id: UUID,
    caller: Caller,
    *,
    for_update: bool = False,
) -> Row:
    """Return a record of the caller's division.

    Raises:
        NotFound: it does not exist, or lies outside the caller's division.

    """
    division = getattr(kind.table, kind.division)
    statement = select(kind.table).where(
        kind.table.id == record_id, within(division, caller.division)
    )
    row = await session.scalar(locked(statement) if for_update else statement)
    if row is None:
        raise kind.not_found(record_id)
    return row


async def create(work: Work, kind: RecordKind[Row], content: Mapping[str, Any]) -> Row:
    """Add a record with its first journal entry; ``content`` names the table's columns.

    Raises:
        Collision: its id, or what identifies it in the field, is taken.

    """
    try:
        async with work.session.begin_nested():
            return add(work, kind, content)
    except IntegrityError as error:
        raise Collision(
            Bilingual(
                f"{kind.title.zh}已存在，或其上级记录不存在；请先查询再修改或换用新编号。",
                f"This {kind.title.en} is already recorded, or what it belongs to is not; "
                "look it up and amend it, or use another id.",
            )
        ) from error


def add(
    work: Work, kind: RecordKind[Row], content: Mapping[str, Any], what: str = "created"
) -> Row:
    """Add a record with its first journal entry, both written at the session's next flush.

    For many records at once; :func:`create` also says when one is taken.
    """
    stamps = {
        "version": 1,
        "recorded_by": work.actor,
        "created_at": work.now,
        "updated_at": work.now,
    }
    row = kind.table(**{"id": new_id(), **content, **stamps})
    work.session.add(row)
    _journal(work, kind, row, what, before=None)
    return row


async def amend(
    work: Work, kind: RecordKind[Row], row: Row, content: Mapping[str, Any], what: str = "amended"
) -> bool:
    """Set a locked record's columns, with a journal entry; return False if nothing differs.

    Raises:
        Collision: the change collides with another record.

    """
    if not change(work, kind, row, content, what):
        return False
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise Collision(
            Bilingual(
                f"修改后的{kind.title.zh}与另一条记录冲突；请核对后再试。",
                f"The changed {kind.title.en} collides with another record; check it and retry.",
            )
        ) from error
    return True


def change(
    work: Work, kind: RecordKind[Row], row: Row, content: Mapping[str, Any], what: str = "amended"
) -> bool:
    """Set a locked record's columns with a journal entry, written at the session's next flush.

    Returns False if nothing differs. A record that is amended into another division has moved. For
    many records at once; :func:`amend` also says when the change collides with another record.
    """
    changed = {name: value for name, value in content.items() if getattr(row, name) != value}
    if not changed:
        return False
    before, division = kind.state(row), kind.division_of(row)
    for name, value in changed.items():
        setattr(row, name, value)
    row.version += 1
    row.updated_at = work.now
    if changed.keys() - beside_content(kind.table):
        row.recorded_by = work.actor
    left = None if kind.division_of(row) == division else division
    event = "moved" if left is not None and what == "amended" else what
    _journal(work, kind, row, event, before=before, left=left)
    return True


async def known_state(
    session: AsyncSession,
    kind: RecordKind[Row],
    record_id: UUID,
    caller: Caller,
    known_at: datetime,
) -> dict[str, Any]:
    """Return a record's JSON state as it was known at a moment.

    A record's file travels with it: whoever may see the record now may see all of its past, wherever
    it belonged then, and nobody else may.

    Raises:
        NotFound: it does not exist for the caller, or was not known then.

    """
    await find(session, kind, record_id, caller)
    return shown((await state_known_at(session, kind.name, str(record_id), known_at)).state)


async def state_of(
    session: AsyncSession,
    kind: RecordKind[Row],
    record_id: UUID,
    caller: Caller,
    known_at: datetime | None,
) -> dict[str, Any]:
    """Return a record's JSON state: as it is, or as it was known at a moment.

    Raises:
        NotFound: it does not exist for the caller, or did not then.

    """
    if known_at is not None:
        return await known_state(session, kind, record_id, caller, known_at)
    return shown(kind.state(await find(session, kind, record_id, caller)))


async def history(
    session: AsyncSession,
    kind: RecordKind[Row],
    record_id: UUID,
    caller: Caller,
    asked: PageRequest,
) -> Page[HistoryEntry]:
    """Return a page of a record's journal, oldest first.

    Raises:
        NotFound: the record does not exist for the caller.

    """
    await find(session, kind, record_id, caller)
    return await read_history(session, kind.name, str(record_id), asked)


def _journal(
    work: Work,
    kind: RecordKind[Row],
    row: Row,
    what: str,
    before: dict[str, Any] | None,
    left: str | None = None,
) -> None:
    record(
        work,
        kind.event(what),
        JournalSubject(kind.name, str(row.id), kind.division_of(row)),
        version=row.version,
        before=before,
        after=kind.state(row),
        left=left,
    )
