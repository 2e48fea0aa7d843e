"""The kind of record that checks of the guarantees are."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Query

from services.registry.guarantees.content import (
    Guarantee,
    GuaranteeCheck,
    GuaranteeCheckContent,
    NewGuaranteeCheck,
)
from services.registry.guarantees.evidence import EVIDENCE
from services.registry.guarantees.tables import KEY, GuaranteeCheckRow
from services.registry.households.belonging import OfOneHousehold, orders_in_households
from services.registry.households.checking import (
    CheckAlreadyRecorded,
    CheckFilter,
    possible_check,
)
from services.registry.recording.kind import Key, Kind, Sentences
from services.registry.recording.sheet import SheetOf, Sheets
from services.registry.recording.stating import FoundOut, Stated
from services.registry.scopes import Scope
from services.registry.vocabulary.code import code_list
from shared.values.bilingual import Bilingual


@dataclass(frozen=True)
class GuaranteeCheckFilter(CheckFilter):
    """Which checks of the guarantees a list shows; None does not narrow."""

    guarantee: Annotated[Guarantee | None, Query(description="保障项目")] = None


def _sheet(guarantee: str) -> SheetOf:
    return SheetOf(code_list("guarantee").label(guarantee), {"guarantee": guarantee})


def _found_out(guarantee: str) -> FoundOut:
    return FoundOut(f"{guarantee}_checked_on", f"{guarantee}_recorded_by")


GUARANTEE_CHECK = Kind(
    name="guarantee_check",
    path="guarantee-checks",
    id_name="check_id",
    title=Bilingual("保障核查", "guarantee check"),
    label="保障核查",
    sentences=Sentences(
        create="Record a check of a guarantee.",
        list="List the checks of a division or a household.",
    ),
    table=GuaranteeCheckRow,
    content=GuaranteeCheckContent,
    new=NewGuaranteeCheck,
    recorded=GuaranteeCheck,
    amendment={"evidence": {"grade": "B"}},
    owner=OfOneHousehold(),
    key=Key(
        KEY,
        CheckAlreadyRecorded,
        Bilingual(
            "该户当日的此项核查已登记（{recorded.id}）；请修改该记录。",
            "The household has a check of this guarantee on that day ({recorded.id}); amend it.",
        ),
    ),
    possible=possible_check,
    looked_at="/checked_on",
    sheets=Sheets([*map(_sheet, EVIDENCE)], repeats=True),
    narrowing=GuaranteeCheckFilter,
    orders=orders_in_households(GuaranteeCheckRow, "checked_on"),
    stated=Stated(
        "household",
        Path(__file__).with_name("facts.sql"),
        [
            *_found_out("food").facts("boolean", "food_shortage"),
            *_found_out("clothing").facts("boolean", "clothing_shortage"),
            *_found_out("education").facts("count", "checked_children_out_of_school"),
            *_found_out("medical").facts("count", "checked_uninsured_members"),
            *_found_out("housing").facts("code", "housing_grade"),
            *_found_out("housing").facts("boolean", "only_home"),
            *_found_out("water").facts(
                "boolean", "water_short_area water_quality_met water_tap_at_home"
            ),
            *_found_out("water").facts(
                "count",
                """
                water_litres_per_person_day water_round_trip_minutes water_distance_metres
                water_height_metres water_cut_off_days
                """,
            ),
        ],
    ),
    reader=Scope.HOUSEHOLDS_READ,
    writer=Scope.HOUSEHOLDS_WRITE,
)
