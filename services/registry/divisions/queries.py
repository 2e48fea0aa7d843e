"""Reads of divisions; they are reference data, the same for every caller."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.divisions.domain import DivisionRefusal, in_force_in
from services.registry.divisions.records import KIND, division_not_found, division_state
from services.registry.divisions.schemas import Division
from services.registry.divisions.tables import DivisionRow
from shared.db.database import Database
from shared.journal.history import HistoryEntry, read_history
from shared.journal.tables import JournalEntry
from shared.problems import InvalidRequest
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.values.divisions import DivisionCode, DivisionLevel
from shared.values.periods import IsoDate
from shared.values.text import Line
from shared.web.pages import Page, PageRequest, read_page
from shared.web.validation import refusing_at

AsOf = Annotated[
    IsoDate | None, Query(description="存续于 only those in force on this day; all if left out")
]


@dataclass(frozen=True)
class DivisionFilter:
    """Which divisions a list shows; None does not narrow."""

    parent: Annotated[DivisionCode | None, Query(description="上级区划 directly below it")] = None
    level: Annotated[DivisionLevel | None, Query(description="级别")] = None
    name: Annotated[
        Annotated[str, Line(60)] | None, Query(description="名称的一部分 part of the name")
    ] = None
    code: Annotated[
        str | None, Query(pattern=r"^[0-9]{1,12}$", description="代码开头 first digits of the code")
    ] = None
    as_of: AsOf = None


async def find_division(
    session: AsyncSession, code: str, *, for_update: bool = False
) -> DivisionRow:
    """Return a division, closed ones included.

    Raises:
        NotFound: no division has that code.

    """
    row = await session.get(DivisionRow, code, with_for_update=for_update)
    if row is None:
        raise division_not_found(code)
    return row


class RecordedDivisions:
    """The divisions on record, closed ones included: what is recorded of them stays theirs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # No division is ever deleted.
        self._known: set[str] = set()

    async def require(self, caller: Caller, code: str, as_of: date | None = None) -> None:
        """Refuse a division that is not on record within the caller's own, whatever the day.

        Raises:
            NotFound: it is not.

        """
        caller.require_within(code)
        if code in self._known:
            return
        async with self._database.session() as session:
            await find_division(session, code)
        self._known.add(code)


async def list_divisions(
    session: AsyncSession, narrow: DivisionFilter, asked: PageRequest
) -> Page[Division]:
    """Return a page of divisions in the order of their codes."""
    statement = _in_force(select(DivisionRow), narrow.as_of)
    if narrow.parent is not None:
        statement = statement.where(DivisionRow.parent == narrow.parent)
    if narrow.level is not None:
        statement = statement.where(DivisionRow.level == narrow.level)
    if narrow.name is not None:
        statement = statement.where(DivisionRow.name.contains(narrow.name, autoescape=True))
    if narrow.code is not None:
        statement = statement.where(DivisionRow.code.startswith(narrow.code))
    return await read_page(session, statement, [DivisionRow.code], asked, Division.of)


async def list_children(
    session: AsyncSession, code: str, as_of: date | None, asked: PageRequest
) -> Page[Division]:
    """Return a page of the divisions directly below one.

    Raises:
        NotFound: no division has that code.

    """
    await find_division(session, code)
    return await list_divisions(session, DivisionFilter(parent=code, as_of=as_of), asked)


async def read_division(
    session: AsyncSession, code: str, known_at: datetime | None
) -> dict[str, Any]:
    """Return a division's JSON state: as it is, or as it was known at a moment.

    Divisions of an edition have no journal entry for their first state, so the past is the present
    less what was recorded since.

    Raises:
        NotFound: no division has that code, or had by then.

    """
    row = await find_division(session, code)
    state = division_state(row)
    if known_at is None:
        return state
    if row.created_at > known_at:
        raise division_not_found(code)
    later = select(JournalEntry).where(
        JournalEntry.subject_kind == KIND,
        JournalEntry.subject_id == code,
        JournalEntry.recorded_at > known_at,
    )
    for entry in await session.scalars(later.order_by(JournalEntry.version.desc())):
        state |= {name: change["from"] for name, change in entry.changes.items()}
    return state


async def division_history(
    session: AsyncSession, code: str, asked: PageRequest
) -> Page[HistoryEntry]:
    """Return a page of a division's journal, oldest first.

    Raises:
        NotFound: no division has that code.

    """
    await find_division(session, code)
    return await read_history(session, KIND, code, asked)


async def require_village(session: AsyncSession, code: str, on: date) -> None:
    """Make sure that a code is a village in force on a day.

    Raises:
        InvalidRequest: there is no such division, it is not a village, or it is closed.

    """
    row = await session.get(DivisionRow, code)
    if row is None or row.level != DivisionLevel.VILLAGE:
        raise _not_a_village(code, Bilingual("不是已登记的村", "is not a village on record"))
    if row.valid_from > on or (row.valid_to is not None and row.valid_to <= on):
        raise _not_a_village(code, Bilingual("当日不存续", "is not in force on that day"))


async def require_division_in(
    session: AsyncSession, code: str, year: int, pointer: str, level: DivisionLevel | None = None
) -> None:
    """Make sure that a code is a division, of a level if one is given, in force in a year.

    Raises:
        InvalidRequest: it is not; ``pointer`` names the field with the code.

    """
    row = await session.get(DivisionRow, code)
    with refusing_at(pointer):
        if (
            row is None
            or (level is not None and row.level != level)
            or not in_force_in(year, row.valid_from, row.valid_to)
        ):
            village = level is DivisionLevel.VILLAGE
            raise DivisionRefusal(
                "not-a-division",
                division=code,
                year=year,
                level="village" if village else "division",
                level_zh="村" if village else "区划",
            )


def _in_force(statement: Select[DivisionRow], on: date | None) -> Select[DivisionRow]:
    if on is None:
        return statement
    return statement.where(
        DivisionRow.valid_from <= on,
        or_(DivisionRow.valid_to.is_(None), DivisionRow.valid_to > on),
    )


def _not_a_village(code: str, why: Bilingual) -> InvalidRequest:
    detail = Bilingual(
        f"区划代码 {code} {why.zh}；请在 /v1/divisions 中查询村的 12 位代码。",
        f"Division {code} {why.en}; look up the village's 12-digit code in /v1/divisions.",
    )
    return InvalidRequest(detail, errors=[("/village_code", "not-a-village", detail)])
