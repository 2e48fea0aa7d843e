"""Reads of checks of the guarantees."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.guarantees.schemas import Guarantee, GuaranteeCheck
from services.registry.guarantees.tables import GuaranteeCheckRow
from services.registry.households.belonging import of_division
from shared.security.access import Caller
from shared.values.divisions import DivisionCode
from shared.values.periods import IsoDate
from shared.web.pages import Page, PageRequest, read_page


class GuaranteeCheckOrder(StrEnum):
    """Orders of the list 排序."""

    VILLAGE = "village_code"
    NEWEST = "-created_at"
    LATEST = "-checked_on"


ORDERS = {
    GuaranteeCheckOrder.VILLAGE: [
        GuaranteeCheckRow.village_code,
        GuaranteeCheckRow.household_id,
        GuaranteeCheckRow.id,
    ],
    GuaranteeCheckOrder.NEWEST: [GuaranteeCheckRow.created_at, GuaranteeCheckRow.id],
    GuaranteeCheckOrder.LATEST: [GuaranteeCheckRow.checked_on, GuaranteeCheckRow.id],
}


@dataclass(frozen=True)
class GuaranteeCheckFilter:
    """Which checks a list shows; None does not narrow."""

    division: Annotated[
        DivisionCode | None, Query(description="区划 a village or anything above it")
    ] = None
    household_id: Annotated[UUID | None, Query(description="农户")] = None
    guarantee: Annotated[Guarantee | None, Query(description="保障项目")] = None
    checked_from: Annotated[
        IsoDate | None, Query(description="核查日期起 checked on this day or later")
    ] = None
    checked_to: Annotated[
        IsoDate | None, Query(description="核查日期止 checked before this day, exclusive")
    ] = None


async def list_guarantee_checks(
    session: AsyncSession,
    caller: Caller,
    narrow: GuaranteeCheckFilter,
    order: GuaranteeCheckOrder,
    asked: PageRequest,
) -> Page[GuaranteeCheck]:
    """Return a page of the checks of the caller's division.

    Raises:
        NotFound: the division asked for lies outside the caller's.

    """
    row = GuaranteeCheckRow
    statement = of_division(row, caller, narrow.division)
    if narrow.household_id is not None:
        statement = statement.where(row.household_id == narrow.household_id)
    if narrow.guarantee is not None:
        statement = statement.where(row.guarantee == narrow.guarantee)
    if narrow.checked_from is not None:
        statement = statement.where(row.checked_on >= narrow.checked_from)
    if narrow.checked_to is not None:
        statement = statement.where(row.checked_on < narrow.checked_to)
    descending = order.startswith("-")
    return await read_page(
        session, statement, ORDERS[order], asked, GuaranteeCheck.of, descending=descending
    )
