"""The facts that the registry states of each kind of subject, as columns of its statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

SubjectKind = Literal["household", "village"]
Measure = Literal["money", "count", "boolean", "code"]


@dataclass(frozen=True, slots=True)
class FactColumn:
    """A fact, what its value is, and the columns that say when and by whom it was found out."""

    name: str
    measure: Measure
    dated_by: str | None
    recorded_by: str


@dataclass(frozen=True, slots=True)
class _FoundOut:
    """When and by whom facts of one origin were found out."""

    dated_by: str | None
    recorded_by: str

    def facts(self, measure: Measure, names: str) -> list[FactColumn]:
        return [
            FactColumn(name, measure, self.dated_by, self.recorded_by) for name in names.split()
        ]


_REGISTER = _FoundOut(None, "household_recorded_by")
_ROLL = _FoundOut(None, "roll_recorded_by")
_INCOME = _FoundOut("income_period_to", "income_recorded_by")
_CIRCUMSTANCES = _FoundOut("circumstances_checked_on", "circumstances_recorded_by")
_FOOD = _FoundOut("food_checked_on", "food_recorded_by")
_CLOTHING = _FoundOut("clothing_checked_on", "clothing_recorded_by")
_EDUCATION = _FoundOut("education_checked_on", "education_recorded_by")
_MEDICAL = _FoundOut("medical_checked_on", "medical_recorded_by")
_HOUSING = _FoundOut("housing_checked_on", "housing_recorded_by")
_WATER = _FoundOut("water_checked_on", "water_recorded_by")
_ACCOUNTS = _FoundOut("accounts_closed_on", "accounts_recorded_by")

FACTS: Mapping[SubjectKind, Sequence[FactColumn]] = {
    "household": [
        *_REGISTER.facts("code", "household_category main_cause"),
        *_REGISTER.facts("boolean", "epidemic_impact"),
        *_ROLL.facts(
            "count",
            """
            household_size heads children_out_of_school school_status_mismatches students
            seriously_ill_members chronically_ill_members disabled_members
            old_disabled_or_minor_members uninsured_members
            labourers full_labourers workers idle_labourers public_post_holders dibao_members
            extreme_poverty_members
            """,
        ),
        *_FoundOut(None, "size_recorded_by").facts("count", "days_since_size_change"),
        *_INCOME.facts(
            "money",
            """
            wages_income business_income property_income transfer_income business_expenses
            one_off_income dibao_allowance_income extreme_poverty_allowance_income
            public_post_income
            """,
        ),
        *_FoundOut(None, "previous_income_recorded_by").facts(
            "money", "previous_stable_net_income"
        ),
        *_CIRCUMSTANCES.facts(
            "boolean",
            """
            commission_signed company_shares sudden_hardship supporter_able bad_credit
            microloan_wanted housing_repair_planned
            """,
        ),
        *_CIRCUMSTANCES.facts("count", "cars homes job_refusals new_job_months relocating_members"),
        *_CIRCUMSTANCES.facts(
            "money",
            """
            financial_assets medical_spending education_spending disaster_loss rigid_spending
            new_job_income
            """,
        ),
        *_FOOD.facts("boolean", "food_shortage"),
        *_CLOTHING.facts("boolean", "clothing_shortage"),
        *_EDUCATION.facts("count", "checked_children_out_of_school"),
        *_MEDICAL.facts("count", "checked_uninsured_members"),
        *_HOUSING.facts("code", "housing_grade"),
        *_HOUSING.facts("boolean", "only_home"),
        *_WATER.facts("boolean", "water_short_area water_quality_met water_tap_at_home"),
        *_WATER.facts(
            "count",
            """
            water_litres_per_person_day water_round_trip_minutes water_distance_metres
            water_height_metres water_cut_off_days
            """,
        ),
    ],
    "village": [
        *_FoundOut(None, "accounts_recorded_by").facts("count", "accounting_year"),
        *_ACCOUNTS.facts("money", "total_income operating_income one_off_income"),
        *_ACCOUNTS.facts("boolean", "relatively_weak"),
        *_FoundOut("accounts_closed_on", "previous_recorded_by").facts(
            "money", "previous_total_income previous_operating_income"
        ),
    ],
}
FIGURES: Sequence[FactColumn] = [
    FactColumn("lowest_dibao_annual_standard", "money", None, "dibao_recorded_by"),
    FactColumn(
        "low_income_disposable_income", "money", "income_year_ended_on", "income_recorded_by"
    ),
    FactColumn(
        "previous_low_income_disposable_income",
        "money",
        "previous_income_year_ended_on",
        "previous_income_recorded_by",
    ),
]
"""What is recorded of a division as a whole."""
IDS: Mapping[SubjectKind, Sequence[str]] = {
    "household": ("household_id", "village_code"),
    "village": ("village_code",),
}


def stated_columns(
    kind: SubjectKind, only: Iterable[str] | None = None, *, recorders: bool = False
) -> list[str]:
    """Return the columns of a statement: ids, facts, what these are dated by, and their recorders.

    ``only`` names the facts that are asked for; None asks for all.
    """
    asked = None if only is None else set(only)
    facts = [fact for fact in FACTS[kind] if asked is None or fact.name in asked]
    dates = (fact.dated_by for fact in facts if fact.dated_by is not None)
    by = (fact.recorded_by for fact in facts if recorders)
    return [*IDS[kind], *(fact.name for fact in facts), *dict.fromkeys(dates), *dict.fromkeys(by)]
