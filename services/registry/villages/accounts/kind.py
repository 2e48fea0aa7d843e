"""The kind of record that a village's account is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Query

from services.registry.divisions.belonging import OfDivisionInYear
from services.registry.recording.kind import Key, Kind, Narrowing, Sentences
from services.registry.recording.stating import FoundOut, Stated
from services.registry.scopes import Scope
from services.registry.villages.accounts.content import (
    NewVillageAccount,
    VillageAccount,
    VillageAccountContent,
    village_account_columns,
)
from services.registry.villages.accounts.domain import require_over
from services.registry.villages.tables import VillageAccountRow
from shared.problems import Conflict
from shared.values.bilingual import Bilingual
from shared.values.divisions import DivisionLevel


class AccountAlreadyRecorded(Conflict):
    code = "account-already-recorded"
    title = Bilingual("该村该年度的收支已登记", "The village's account of this year is recorded")


@dataclass(frozen=True)
class VillageAccountFilter(Narrowing):
    """Which accounts a list shows; None does not narrow."""

    year: Annotated[int | None, Query(ge=2000, le=2100, description="年度")] = None
    relatively_weak: Annotated[bool | None, Query(description="集体经济相对薄弱村")] = None


_ACCOUNTS = FoundOut("accounts_closed_on", "accounts_recorded_by")

VILLAGE_ACCOUNT = Kind(
    name="village_account",
    path="village-accounts",
    id_name="account_id",
    title=Bilingual("村集体经济年度收支", "village account"),
    label="村集体经济年度收支",
    sentences=Sentences(
        create="Record a village's account of a year; its sums are made from its lines.",
        create_many="Record up to 1000 accounts; every one gets its outcome.",
        list="List the accounts of a division's villages.",
        amend="Amend an account with a JSON merge patch; its lines as a whole.",
    ),
    table=VillageAccountRow,
    content=VillageAccountContent,
    new=NewVillageAccount,
    recorded=VillageAccount,
    flat=village_account_columns,
    amendment={"relatively_weak": False},
    owner=OfDivisionInYear("village_code", DivisionLevel.VILLAGE),
    key=Key(
        ("village_code", "year"),
        AccountAlreadyRecorded,
        Bilingual(
            "{recorded.village_code} 的 {recorded.year} 年收支已登记；请以 PATCH 修改 "
            "/v1/village-accounts/{recorded.id}。",
            "{recorded.village_code} has an account of {recorded.year}; amend it with PATCH "
            "/v1/village-accounts/{recorded.id}.",
        ),
    ),
    possible=lambda account, today: require_over(account.year, today),
    looked_at="/year",
    narrowing=VillageAccountFilter,
    orders={
        "village_code": [
            VillageAccountRow.village_code,
            VillageAccountRow.year,
            VillageAccountRow.id,
        ],
        "-year": [VillageAccountRow.year, VillageAccountRow.id],
    },
    stated=Stated(
        "village",
        Path(__file__).with_name("facts.sql"),
        [
            *FoundOut(None, "accounts_recorded_by").facts("count", "accounting_year"),
            *_ACCOUNTS.facts("money", "total_income operating_income one_off_income"),
            *_ACCOUNTS.facts("boolean", "relatively_weak"),
            *FoundOut("accounts_closed_on", "previous_recorded_by").facts(
                "money", "previous_total_income previous_operating_income"
            ),
        ],
    ),
    reader=Scope.VILLAGES_READ,
    writer=Scope.VILLAGES_WRITE,
)
