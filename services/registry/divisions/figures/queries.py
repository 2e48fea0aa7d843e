"""Reads of division figures."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Query
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.divisions.figures.schemas import DivisionFigure, FigureCode
from services.registry.divisions.tables import DivisionFigureRow
from shared.db.columns import within
from shared.security.access import Caller
from shared.values.divisions import DivisionCode
from shared.web.pages import Page, PageRequest, read_page


class DivisionFigureOrder(StrEnum):
    """Orders of the list 排序."""

    DIVISION = "division"
    LATEST = "-year"


ORDERS = {
    DivisionFigureOrder.DIVISION: [DivisionFigureRow.division, DivisionFigureRow.id],
    DivisionFigureOrder.LATEST: [DivisionFigureRow.year, DivisionFigureRow.id],
}


@dataclass(frozen=True)
class DivisionFigureFilter:
    """Which figures a list shows; None does not narrow."""

    division: Annotated[
        DivisionCode | None, Query(description="区划 it and everything within it")
    ] = None
    figure: Annotated[FigureCode | None, Query(description="指标")] = None
    year: Annotated[int | None, Query(ge=2000, le=2100, description="年度")] = None


async def list_division_figures(
    session: AsyncSession,
    caller: Caller,
    narrow: DivisionFigureFilter,
    order: DivisionFigureOrder,
    asked: PageRequest,
) -> Page[DivisionFigure]:
    """Return a page of the figures of the caller's division.

    Raises:
        NotFound: the division asked for lies outside the caller's.

    """
    statement = select(DivisionFigureRow).where(
        within(DivisionFigureRow.division, caller.reach(narrow.division))
    )
    for name in ("figure", "year"):
        wanted = getattr(narrow, name)
        if wanted is not None:
            statement = statement.filter_by(**{name: wanted})
    descending = order.startswith("-")
    return await read_page(
        session, statement, ORDERS[order], asked, DivisionFigure.of, descending=descending
    )
