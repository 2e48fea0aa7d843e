"""Reads of households."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from services.registry.households.numbers import NUMBERED
from services.registry.households.records import HOUSEHOLD
from services.registry.households.schemas import Category, Household
from services.registry.recording.kind import ExternalIdAsked, ExternalSourceAsked, VoidedAsked
from services.registry.recording.tables import VOIDING, voiding_in_sql
from shared.db.database import DriverConnection
from shared.security.access import Caller
from shared.values.divisions import DivisionCode, span
from shared.values.text import Identifier
from shared.web.pages import PageRequest
from shared.web.row_pages import RowOrder, document, read_row_page, rows_within

NESTED = {"voiding": [*VOIDING.values()]}
COLUMNS = ", ".join(
    {"phone": "phone_masked AS phone", "voiding": f"{voiding_in_sql()} AS voiding"}.get(name, name)
    for name in Household.model_fields
)
BY_ID = (
    f"SELECT {COLUMNS} FROM households "  # noqa: S608 - names of our own columns
    "WHERE id = $1 AND village_code >= $2 AND village_code < $3"
)


class HouseholdOrder(StrEnum):
    """Orders of the list 排序."""

    NUMBER = "number"
    NEWEST = "-created_at"
    VILLAGE = "village_code"


ORDERS = {
    HouseholdOrder.NUMBER: RowOrder([("number", "text"), ("id", "uuid")]),
    HouseholdOrder.NEWEST: RowOrder([("created_at", "timestamptz"), ("id", "uuid")], True),
    HouseholdOrder.VILLAGE: RowOrder([("village_code", "text"), ("id", "uuid")]),
}


@dataclass(frozen=True)
class HouseholdFilter:
    """Which households a list shows; None does not narrow."""

    division: Annotated[
        DivisionCode | None, Query(description="区划 a village or anything above it")
    ] = None
    number: Annotated[Annotated[str, Identifier(40)] | None, Query(description="户编号")] = None
    category: Annotated[Category | None, Query(description="农户类别")] = None
    external_source: ExternalSourceAsked = None
    external_id: ExternalIdAsked = None
    voided: VoidedAsked = False
    in_register: Annotated[bool | None, Query(description="在册 true: not ended; false: ended")] = (
        None
    )


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
    order: HouseholdOrder,
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
