"""What every record that belongs to a household has on the wire and in its table."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.households.tables import HouseholdRow, OfHousehold
from shared.db.columns import within
from shared.security.access import Caller
from shared.values.divisions import DivisionCode

Row = TypeVar("Row", bound=OfHousehold)


class NewOfHousehold(BaseModel):
    """What a new record names beside its content."""

    id: Annotated[UUID | None, Field(description="UUIDv7; made by the service if left out")] = None
    household_id: Annotated[UUID, Field(description="农户 the household that it belongs to")]


class RecordedOfHousehold(BaseModel):
    """What a recorded one has beside its content."""

    id: UUID
    household_id: UUID
    village_code: Annotated[
        DivisionCode, Field(description="所在村 the village of its household; moves with it")
    ]
    version: int
    recorded_by: Annotated[str, Field(description="记录人 who recorded this version")]
    created_at: datetime
    updated_at: datetime


def of_division(table: type[Row], caller: Caller, division: str | None) -> Select[Row]:
    """Return the select of a table's rows in a division, or in the whole of the caller's.

    Raises:
        NotFound: the division lies outside the caller's.

    """
    return select(table).where(within(table.village_code, caller.reach(division)))


async def other_of_key(
    session: AsyncSession, table: type[Row], key: Sequence[str], columns: Mapping[str, Any]
) -> UUID | None:
    """Return the id of another record that stands for the same as one with these columns."""
    same = {name: columns[name] for name in key}
    return await session.scalar(select(table.id).filter_by(**same).where(table.id != columns["id"]))


def placed_in(household: HouseholdRow) -> dict[str, Any]:
    """Return the columns that tie a record to its household."""
    return {"household_id": household.id, "village_code": household.village_code}
