"""Reads of households."""

from typing import Any
from uuid import UUID

from sqlalchemy.dialects import postgresql

from services.registry.households.kind import HOUSEHOLD, HouseholdFilter
from services.registry.households.numbers import NUMBERED
from services.registry.households.schemas import Household
from services.registry.recording.tables import VOIDING, voiding_in_sql
from shared.db.database import DriverConnection
from shared.security.access import Caller
from shared.values.divisions import span
from shared.web.pages import PageRequest
from shared.web.row_pages import RowOrder, document, read_row_page, rows_within

POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]
NESTED = {"voiding": [*VOIDING.values()]}
COLUMNS = ", ".join(
    {"phone": "phone_masked AS phone", "voiding": f"{voiding_in_sql()} AS voiding"}.get(name, name)
    for name in Household.model_fields
)
BY_ID = (
    f"SELECT {COLUMNS} FROM households "  # noqa: S608 - names of our own columns
    "WHERE id = $1 AND village_code >= $2 AND village_code < $3"
)


ORDERS = {
    name: RowOrder(
        [(each.key, str(each.type.compile(POSTGRESQL))) for each in columns], name[0] == "-"
    )
    for name, columns in HOUSEHOLD.orders.items()
}


async def read_household(
    driver: DriverConnection, household_id: UUID, caller: Caller
) -> dict[str, Any]:
    """Return a household's wire form, as far as it takes to write it as JSON.

    Raises:
        NotFound: it does not exist for the caller.

    """
    row = await driver.fetchrow(BY_ID, household_id, *span(caller.division))
    if row is None:
        raise HOUSEHOLD.not_found(household_id)
    return document(row, NESTED)


async def list_households(
    driver: DriverConnection,
    caller: Caller,
    narrow: HouseholdFilter,
    order: str,
    asked: PageRequest,
) -> bytes:
    """Return a page of the caller's households as JSON.

    Raises:
        NotFound: the division asked for lies outside the caller's.

    """
    where = rows_within("village_code", caller.reach(narrow.division))
    where.append(("(voided_at IS NOT NULL) = {}", narrow.voided))
    if narrow.number is not None:
        where.append((NUMBERED.format("= {0}"), narrow.number))
    for name in ("category", "external_source", "external_id"):
        if (wanted := getattr(narrow, name)) is not None:
            where.append((f"{name} = {{}}", wanted))
    if narrow.in_register is not None:
        where.append(("(ended_on IS NULL) = {}", narrow.in_register))
    return await read_row_page(
        driver, COLUMNS, "households", where, ORDERS[order], asked, nested=NESTED
    )
