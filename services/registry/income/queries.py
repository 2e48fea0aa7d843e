"""Reads of income entries."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.households.belonging import of_division
from services.registry.income.schemas import IncomeEntry, Source
from services.registry.income.tables import IncomeEntryRow
from shared.security.access import Caller
from shared.values.divisions import DivisionCode
from shared.values.periods import IsoDate
from shared.web.pages import Page, PageRequest, read_page


class IncomeEntryOrder(StrEnum):
    """Orders of the list 排序."""

    VILLAGE = "village_code"
    NEWEST = "-created_at"
    LATEST = "-period_to"


ORDERS = {
    IncomeEntryOrder.VILLAGE: [
        IncomeEntryRow.village_code,
        IncomeEntryRow.household_id,
        IncomeEntryRow.id,
    ],
    IncomeEntryOrder.NEWEST: [IncomeEntryRow.created_at, IncomeEntryRow.id],
    IncomeEntryOrder.LATEST: [IncomeEntryRow.period_to, IncomeEntryRow.id],
}


@dataclass(frozen=True)
class IncomeEntryFilter:
    """Which entries a list shows; None does not narrow."""

    division: Annotated[
        DivisionCode | None, Query(description="区划 a village or anything above it")
    ] = None
    household_id: Annotated[UUID | None, Query(description="农户")] = None
    source: Annotated[Source | None, Query(description="收入来源")] = None
    period_from: Annotated[
        IsoDate | None, Query(description="期间起 periods that start on this day")
    ] = None
    period_to: Annotated[
        IsoDate | None, Query(description="期间止（不含当日） periods with this end, exclusive")
    ] = None


async def list_income_entries(
    session: AsyncSession,
    caller: Caller,
    narrow: IncomeEntryFilter,
    order: IncomeEntryOrder,
    asked: PageRequest,
) -> Page[IncomeEntry]:
    """Return a page of the income entries of the caller's division.

    Raises:
        NotFound: the division asked for lies outside the caller's.

    """
    statement = of_division(IncomeEntryRow, caller, narrow.division)
    for name in ("household_id", "source", "period_from", "period_to"):
        wanted = getattr(narrow, name)
        if wanted is not None:
            statement = statement.filter_by(**{name: wanted})
    descending = order.startswith("-")
    return await read_page(
        session, statement, ORDERS[order], asked, IncomeEntry.of, descending=descending
    )
