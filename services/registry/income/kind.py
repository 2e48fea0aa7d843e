"""The kind of record that income is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Query

from services.registry.households.belonging import (
    NarrowingToHousehold,
    OfOneHousehold,
    orders_in_households,
)
from services.registry.income.content import (
    IncomeEntry,
    IncomeEntryContent,
    NewIncomeEntry,
    Source,
)
from services.registry.income.domain import doubling, require_earned
from services.registry.income.tables import KEY, IncomeEntryRow
from services.registry.recording.kind import Key, Kind, Sentences
from services.registry.recording.sheet import SheetOf, Sheets
from services.registry.recording.stating import FoundOut, Stated
from services.registry.scopes import Scope
from services.registry.values.yuan import possible_amount
from shared.problems import Conflict
from shared.values.bilingual import Bilingual
from shared.values.periods import IsoDate


class IncomeAlreadyRecorded(Conflict):
    code = "income-already-recorded"
    title = Bilingual("该项收入已登记", "This income is recorded already")


@dataclass(frozen=True)
class IncomeEntryFilter(NarrowingToHousehold):
    """Which entries a list shows; None does not narrow."""

    source: Annotated[Source | None, Query(description="收入来源")] = None
    period_from: Annotated[
        IsoDate | None, Query(description="期间起 periods that start on this day")
    ] = None
    period_to: Annotated[
        IsoDate | None, Query(description="期间止（不含当日） periods with this end, exclusive")
    ] = None


_INCOME = FoundOut("income_period_to", "income_recorded_by")

INCOME_ENTRY = Kind(
    name="income_entry",
    path="income-entries",
    id_name="entry_id",
    title=Bilingual("收入记录", "income entry"),
    label="收入",
    sentences=Sentences(
        create="Record an income entry.",
        list="List the income entries of a division or a household.",
    ),
    table=IncomeEntryRow,
    content=IncomeEntryContent,
    new=NewIncomeEntry,
    recorded=IncomeEntry,
    amendment={"amount": "12600.00"},
    owner=OfOneHousehold(),
    key=Key(
        KEY,
        IncomeAlreadyRecorded,
        Bilingual(
            "该户同一期间的同一收入项目已登记（{recorded.id}）；请修改该记录，同一项目的多笔收入请合计填写。",
            "The household has an entry of this item for this period ({recorded.id}); amend it, and "
            "sum up what came in by one item.",
        ),
    ),
    possible=lambda entry, today: require_earned(entry.period, today),
    looked_at="/period/to",
    sheets=Sheets([SheetOf("收入")], free="amount", held_to=possible_amount, against=doubling),
    narrowing=IncomeEntryFilter,
    orders=orders_in_households(IncomeEntryRow, "period_to"),
    stated=Stated(
        "household",
        Path(__file__).with_name("facts.sql"),
        [
            *_INCOME.facts(
                "money",
                """
                wages_income business_income property_income transfer_income business_expenses
                one_off_income dibao_allowance_income extreme_poverty_allowance_income
                public_post_income
                """,
            ),
            *FoundOut(None, "previous_income_recorded_by").facts(
                "money", "previous_stable_net_income"
            ),
        ],
    ),
    reader=Scope.HOUSEHOLDS_READ,
    writer=Scope.HOUSEHOLDS_WRITE,
)
