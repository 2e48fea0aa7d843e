"""Reads of villages with their accounts."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.divisions.queries import AsOf
from services.registry.divisions.records import division_not_found
from services.registry.divisions.schemas import Division
from services.registry.divisions.tables import DivisionRow
from services.registry.recording.kind import stands
from services.registry.villages.accounts.content import VillageAccount
from services.registry.villages.schemas import Village, VillageSummary
from services.registry.villages.tables import VillageAccountRow
from shared.db.database import DriverConnection
from shared.security.access import Caller
from shared.values.divisions import DivisionCode, DivisionLevel
from shared.values.text import Line
from shared.web.pages import PageRequest
from shared.web.row_pages import RowOrder, read_row_page, rows_within

COLUMNS = ", ".join(VillageSummary.model_fields)
LATEST_ACCOUNT = """
    SELECT year AS account_year,
           (total_income_fen / 100.0)::numeric(20, 2)::text AS total_income,
           (operating_income_fen / 100.0)::numeric(20, 2)::text AS operating_income,
           relatively_weak
    FROM village_accounts
    WHERE village_code = divisions.code AND voided_at IS NULL
    ORDER BY year DESC
    LIMIT 1
"""
SOURCE = f"divisions LEFT JOIN LATERAL ({LATEST_ACCOUNT}) AS latest ON true"
BY_CODE = RowOrder([("code", "text")])


@dataclass(frozen=True)
class VillageFilter:
    """Which villages a list shows; None does not narrow."""

    division: Annotated[
        DivisionCode | None, Query(description="区划 a village or anything above it")
    ] = None
    name: Annotated[
        Annotated[str, Line(60)] | None, Query(description="名称的一部分 part of the name")
    ] = None
    relatively_weak: Annotated[
        bool | None, Query(description="集体经济相对薄弱村 by the latest account")
    ] = None
    as_of: AsOf = None


async def list_villages(
    driver: DriverConnection, caller: Caller, narrow: VillageFilter, asked: PageRequest
) -> bytes:
    """Return a page of the caller's villages, with their latest accounts, as JSON.

    Raises:
        NotFound: the division asked for lies outside the caller's.

    """
    where = [
        ("level = {}", DivisionLevel.VILLAGE),
        *rows_within("code", caller.reach(narrow.division)),
    ]
    if narrow.name is not None:
        where.append(("strpos(name, {}) > 0", narrow.name))
    if narrow.relatively_weak is not None:
        where.append(("relatively_weak = {}", narrow.relatively_weak))
    if narrow.as_of is not None:
        where.append(("valid_from <= {}", narrow.as_of))
        where.append(("(valid_to IS NULL OR valid_to > {})", narrow.as_of))
    return await read_row_page(driver, COLUMNS, SOURCE, where, BY_CODE, asked)


async def read_village(session: AsyncSession, caller: Caller, code: str) -> Village:
    """Return a village with its accounts, newest first.

    Raises:
        NotFound: it is not a village on record within the caller's division.

    """
    caller.require_within(code)
    statement = (
        select(DivisionRow, VillageAccountRow)
        .outerjoin(
            VillageAccountRow,
            and_(
                VillageAccountRow.village_code == DivisionRow.code,
                stands(VillageAccountRow),
            ),
        )
        .where(DivisionRow.code == code, DivisionRow.level == DivisionLevel.VILLAGE)
        .order_by(VillageAccountRow.year.desc())
    )
    rows = (await session.execute(statement)).all()
    if not rows:
        raise division_not_found(code)
    return Village.model_construct(
        **dict(Division.of(rows[0][0])),
        accounts=[VillageAccount.of(account) for _, account in rows if account is not None],
    )
