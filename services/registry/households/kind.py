"""The kind of record that a household is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Query

from services.registry.households.schemas import (
    Category,
    Household,
    HouseholdContent,
    NewHousehold,
)
from services.registry.households.tables import HouseholdRow
from services.registry.recording.kind import Narrowing, Sentences, ServedKind
from services.registry.scopes import Scope
from shared.journal.records import RecordKind
from shared.values.bilingual import Bilingual
from shared.values.text import Identifier


class HouseholdOrder(StrEnum):
    """Orders of the list 排序."""

    VILLAGE = "village_code"
    NUMBER = "number"
    NEWEST = "-created_at"


@dataclass(frozen=True)
class HouseholdFilter(Narrowing):
    """Which households a list shows; None does not narrow."""

    number: Annotated[Annotated[str, Identifier(40)] | None, Query(description="户编号")] = None
    category: Annotated[Category | None, Query(description="农户类别")] = None
    in_register: Annotated[bool | None, Query(description="在册 true: not ended; false: ended")] = (
        None
    )


HOUSEHOLD = ServedKind(
    name="household",
    path="households",
    id_name="household_id",
    title=Bilingual("农户", "household"),
    label="农户",
    sentences=Sentences(
        create="Record a household; send an ``Idempotency-Key`` to retry safely.",
        list="List the households of a division.",
        void="其名下全部记录一并作废。 All that belongs to the household is voided with it. ",
    ),
    table=HouseholdRow,
    content=HouseholdContent,
    new=NewHousehold,
    recorded=Household,
    amendment={"category": "dibao_margin"},
    narrowing=HouseholdFilter,
    orders={
        HouseholdOrder.VILLAGE: [HouseholdRow.village_code, HouseholdRow.id],
        HouseholdOrder.NUMBER: [HouseholdRow.number, HouseholdRow.id],
        HouseholdOrder.NEWEST: [HouseholdRow.created_at, HouseholdRow.id],
    },
    reader=Scope.HOUSEHOLDS_READ,
    writer=Scope.HOUSEHOLDS_WRITE,
)
MOVING_WITH_HOUSEHOLD: list[RecordKind[Any]] = []
"""The kinds of record that follow their household, each journalled: ``kinds.py`` sets them."""
