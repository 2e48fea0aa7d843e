"""The kind of record that circumstances are."""

from pathlib import Path

from services.registry.circumstances.content import (
    Circumstances,
    CircumstancesContent,
    NewCircumstances,
)
from services.registry.circumstances.tables import KEY, CircumstancesRow
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
from shared.values.bilingual import Bilingual

_FOUND = FoundOut("circumstances_checked_on", "circumstances_recorded_by")

CIRCUMSTANCES = Kind(
    name="circumstances",
    path="circumstances",
    id_name="circumstances_id",
    title=Bilingual("家庭状况核对", "check of circumstances"),
    label="家庭状况核对",
    sentences=Sentences(
        create="Record what a check found of a household's circumstances.",
        list="List the circumstances of a division or a household.",
    ),
    table=CircumstancesRow,
    content=CircumstancesContent,
    new=NewCircumstances,
    recorded=Circumstances,
    amendment={"cars": 1},
    owner=OfOneHousehold(),
    key=Key(
        KEY,
        CheckAlreadyRecorded,
        Bilingual(
            "该户当日的家庭状况核对已登记（{recorded.id}）；请修改该记录。",
            "The household's circumstances were checked on that day already ({recorded.id}); amend "
            "that record.",
        ),
    ),
    possible=possible_check,
    looked_at="/checked_on",
    sheets=Sheets([SheetOf("家庭状况")]),
    narrowing=CheckFilter,
    orders=orders_in_households(CircumstancesRow, "checked_on"),
    stated=Stated(
        "household",
        Path(__file__).with_name("facts.sql"),
        [
            *_FOUND.facts(
                "boolean",
                """
                commission_signed company_shares sudden_hardship supporter_able bad_credit
                microloan_wanted housing_repair_planned
                """,
            ),
            *_FOUND.facts("count", "cars homes job_refusals new_job_months relocating_members"),
            *_FOUND.facts(
                "money",
                """
                financial_assets medical_spending education_spending disaster_loss rigid_spending
                new_job_income
                """,
            ),
        ],
    ),
    reader=Scope.HOUSEHOLDS_READ,
    writer=Scope.HOUSEHOLDS_WRITE,
)
