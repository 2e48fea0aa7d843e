"""Reads of circumstances."""

from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.circumstances.schemas import Circumstances
from services.registry.circumstances.tables import CircumstancesRow
from services.registry.households.checking import CheckFilter, checks_of_division
from shared.security.access import Caller
from shared.web.pages import Page, PageRequest, read_page


class CircumstancesOrder(StrEnum):
    """Orders of the list 排序."""

    VILLAGE = "village_code"
    NEWEST = "-created_at"
    LATEST = "-checked_on"


ORDERS = {
    CircumstancesOrder.VILLAGE: [
        CircumstancesRow.village_code,
        CircumstancesRow.household_id,
        CircumstancesRow.id,
    ],
    CircumstancesOrder.NEWEST: [CircumstancesRow.created_at, CircumstancesRow.id],
    CircumstancesOrder.LATEST: [CircumstancesRow.checked_on, CircumstancesRow.id],
}


async def list_circumstances(
    session: AsyncSession,
    caller: Caller,
    narrow: CheckFilter,
    order: CircumstancesOrder,
    asked: PageRequest,
) -> Page[Circumstances]:
    """Return a page of the circumstances of the caller's division.

    Raises:
        NotFound: the division asked for lies outside the caller's.

    """
    statement = checks_of_division(CircumstancesRow, caller, narrow)
    descending = order.startswith("-")
    return await read_page(
        session, statement, ORDERS[order], asked, Circumstances.of, descending=descending
    )
