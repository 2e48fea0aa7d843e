"""What every record that belongs to a household has on the wire and in its table."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.registry.households.tables import HouseholdRow
from shared.values.divisions import DivisionCode


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


def placed_in(household: HouseholdRow) -> dict[str, Any]:
    """Return the columns that tie a record to its household."""
    return {"household_id": household.id, "village_code": household.village_code}
