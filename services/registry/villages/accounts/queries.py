"""Reads of village accounts."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Query
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.villages.accounts.schemas import VillageAccount
from services.registry.villages.tables import VillageAccountRow
from shared.db.columns import within
from shared.security.access import Caller
from shared.values.divisions import DivisionCode
from shared.web.pages import Page, PageRequest, read_page


class VillageAccountOrder(StrEnum):
    """Orders of the list 排序."""

    VILLAGE = "village_code"
    LATEST = "-year"


ORDERS = {
    VillageAccountOrder.VILLAGE: [
        VillageAccountRow.village_code,
        VillageAccountRow.year,
        VillageAccountRow.id,
    ],
    VillageAccountOrder.LATEST: [VillageAccountRow.year, VillageAccountRow.id],
}


@dataclass(frozen=True)
class VillageAccountFilter:
    """Which accounts a list shows; None does not narrow."""

    division: Annotated[
        DivisionCode | None, Query(description="区划 a village or anything above it")
    ] = None
    year: Annotated[int | None, Query(ge=2000, le=2100, description="年度")] = None
    relatively_weak: Annotated[bool | None, Query(description="集体经济相对薄弱村")] = None


async def list_village_accounts(
    session: AsyncSession,
    caller: Caller,
    narrow: VillageAccountFilter,
    order: VillageAccountOrder,
    asked: PageRequest,
) -> Page[VillageAccount]:
    """Return a page of the accounts of the caller's division.

    Raises:
        NotFound: the division asked for lies outside the caller's.

    """
    statement = select(VillageAccountRow).where(
        within(VillageAccountRow.village_code, caller.reach(narrow.division))
    )
    for name in ("year", "relatively_weak"):
        wanted = getattr(narrow, name)
        if wanted is not None:
            statement = statement.filter_by(**{name: wanted})
    descending = order.startswith("-")
    return await read_page(
        session, statement, ORDERS[order], asked, VillageAccount.of, descending=descending
    )
