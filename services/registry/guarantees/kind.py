"""The kind of record that checks of the guarantees are."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from services.registry.guarantees.content import (
    Guarantee,
    GuaranteeCheck,
    GuaranteeCheckContent,
    NewGuaranteeCheck,
    guarantee_check_columns,
    guarantee_check_written,
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
from services.registry.scopes import Scope
from services.registry.vocabulary.code import code_list
from shared.values.bilingual import Bilingual


@dataclass(frozen=True)
class GuaranteeCheckFilter(CheckFilter):
    """Which checks of the guarantees a list shows; None does not narrow."""

    guarantee: Annotated[Guarantee | None, Query(description="保障项目")] = None


def _sheet(guarantee: str) -> SheetOf:
    name = code_list("guarantee").label(guarantee)
    return SheetOf(name, {"guarantee": guarantee}, {"evidence": EVIDENCE[guarantee]})


GUARANTEE_CHECK = Kind(
    name="guarantee_check",
    path="guarantee-checks",
    id_name="check_id",
    title=Bilingual("保障核查", "guarantee check"),
    label="保障核查",
    sentences=Sentences(
        create="Record a check of a guarantee.",
        list="List the checks of a division or a household.",
        read="Read a check of a guarantee, as it is or as it was known at a moment.",
        amend="Amend a check of a guarantee with a JSON merge patch; null makes a member unknown.",
    ),
    table=GuaranteeCheckRow,
    content=GuaranteeCheckContent,
    new=NewGuaranteeCheck,
    recorded=GuaranteeCheck,
    flat=guarantee_check_columns,
    nested=guarantee_check_written,
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
    reader=Scope.HOUSEHOLDS_READ,
    writer=Scope.HOUSEHOLDS_WRITE,
)
