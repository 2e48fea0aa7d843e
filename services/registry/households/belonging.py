"""What every record that belongs to a household has: on the wire, in its table, and how it is tied to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import ConfigDict, Field, JsonValue
from sqlalchemy.orm import InstrumentedAttribute

from services.registry.households.kind import HOUSEHOLD
from services.registry.households.tables import HouseholdRow, OfHousehold
from services.registry.recording.kind import Narrowing, NewRecord, RecordedModel
from services.registry.recording.standing import require_not_voided
from shared.journal.records import find
from shared.problems import Conflict
from shared.values.bilingual import Bilingual
from shared.values.divisions import DivisionCode
from shared.web.work import CallersWork

Row = TypeVar("Row", bound=OfHousehold)


class OfAnotherHousehold(Conflict):
    code = "of-another-household"
    title = Bilingual("该记录属于另一农户", "The record belongs to another household")


@dataclass(frozen=True)
class NarrowingToHousehold(Narrowing):
    """Which records of households a list shows; None does not narrow."""

    household_id: Annotated[UUID | None, Query(description="农户")] = None


class NewOfHousehold(NewRecord):
    """What a new record names beside its content."""

    household_id: Annotated[UUID, Field(description="农户 the household that it belongs to")]


def with_example(content: Mapping[str, JsonValue]) -> ConfigDict:
    """Return the configuration of a new record's model whose example has this content."""
    example = {"household_id": "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d", **content}
    return ConfigDict(json_schema_extra={"examples": [example]})


class RecordedOfHousehold(RecordedModel):
    """What a recorded one has beside its content."""

    household_id: UUID
    village_code: Annotated[
        DivisionCode, Field(description="所在村 the village of its household; moves with it")
    ]


def orders_in_households(
    table: type[OfHousehold], latest: str
) -> dict[str, list[InstrumentedAttribute[Any]]]:
    """Return the orders of a list: by household, by what was recorded last, and by a column's latest."""
    return {
        "village_code": [table.village_code, table.household_id, table.id],
        "-created_at": [table.created_at, table.id],
        f"-{latest}": [getattr(table, latest), table.id],
    }


def placed_in(household: HouseholdRow) -> dict[str, Any]:
    """Return the columns that tie a record to its household."""
    return {"household_id": household.id, "village_code": household.village_code}


def concerned(kind: str, record_id: str, state: Mapping[str, Any]) -> str | None:
    """Return the household that an event of the registry concerns, or else the village."""
    household = record_id if kind == HOUSEHOLD.name else state.get("household_id")
    if household is not None:
        return f"household/{household}"
    village = state.get("village_code")
    return None if village is None else f"village/{village}"


def require_same_household(row: OfHousehold, new: Any) -> None:
    """Require that what is put in a record's place belongs to the same household, if it names one.

    Raises:
        OfAnotherHousehold: it does not.

    """
    if getattr(new, "household_id", row.household_id) != row.household_id:
        raise OfAnotherHousehold(
            Bilingual(
                f"该记录属于另一农户（{row.household_id}）；登记错户的请先作废，再重新登记。",
                f"The record belongs to another household ({row.household_id}); one recorded for the wrong "
                "household is voided first, and then recorded anew.",
            )
        )


class OfOneHousehold:
    """Ties a record to a household of the caller's division, which is locked while it is written."""

    async def tie(
        self, work: CallersWork, content: Any, row: OfHousehold | None
    ) -> Mapping[str, Any]:
        """Return the columns that tie a record to its household; it stays with it.

        Raises:
            NotFound: the household lies outside the caller's division.
            RecordVoided: it is voided.
            OfAnotherHousehold: the record belongs to another.

        """
        if row is not None:
            require_same_household(row, content)
            return {"household_id": row.household_id}
        household = await find(
            work.session, HOUSEHOLD, content.household_id, work.caller, for_update=True
        )
        require_not_voided(HOUSEHOLD, household)
        return placed_in(household)
