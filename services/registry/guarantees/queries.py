"""Reads of checks of the guarantees."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Query
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.guarantees.schemas import Guarantee, GuaranteeCheck
from services.registry.guarantees.tables import GuaranteeCheckRow
from services.registry.households.checking import CheckFilter, checks_of_division
from shared.security.access import Caller
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
class GuaranteeCheckFilter(CheckFilter):
    """Which checks of the guarantees a list shows; None does not narrow."""

    guarantee: Annotated[Guarantee | None, Query(description="保障项目")] = None


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
    statement = checks_of_division(GuaranteeCheckRow, caller, narrow)
    if narrow.guarantee is not None:
        statement = statement.where(GuaranteeCheckRow.guarantee == narrow.guarantee)
    descending = order.startswith("-")
    return await read_page(
        session, statement, ORDERS[order], asked, GuaranteeCheck.of, descending=descending
    )
