"""The kind of record that circumstances are."""

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
from services.registry.scopes import Scope
from shared.values.bilingual import Bilingual

CIRCUMSTANCES = Kind(
    name="circumstances",
    path="circumstances",
    id_name="circumstances_id",
    title=Bilingual("家庭状况核对", "check of circumstances"),
    label="家庭状况核对",
    sentences=Sentences(
        create="Record what a check found of a household's circumstances.",
        list="List the circumstances of a division or a household.",
        read="Read circumstances, as they are or as they were known at a moment.",
        amend="Amend circumstances with a JSON merge patch; null makes a member unknown.",
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
    reader=Scope.HOUSEHOLDS_READ,
    writer=Scope.HOUSEHOLDS_WRITE,
)
