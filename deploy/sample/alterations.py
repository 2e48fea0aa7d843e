"""What sets the households of each pattern apart from ordinary ones."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random

from deploy.sample.checks import (
    Finding,
    find_instead,
    find_repaired,
    leave_out_a_check,
    make_a_check_stale,
)
from deploy.sample.incomes import ALLOWANCES, identical_income, kept_otherwise, one_off_sale
from deploy.sample.records import Household, Income, Member, Pattern

SOURCES = ("wages", "business", "property", "transfers")
OTHER_TRANSFERS = "other_transfers"
_ACCEPTANCE = date(2020, 10, 1)


def alter(rng: Random, household: Household) -> None:
    """Change an ordinary household into one of its pattern."""
    change = _ALTERATIONS.get(household.pattern)
    if change is not None:
        change(rng, household)


def _ordinary(rng: Random, household: Household) -> None:
    household.income = kept_otherwise(rng, household.income)


def _repaired(rng: Random, household: Household) -> None:
    if rng.random() < 0.6:
        found: dict[str, Finding] = {"housing_grade": rng.choice("CD"), "only_home": True}
        find_repaired(rng, household, "housing", "（虚构）屋面漏雨，东墙开裂", **found)
    else:
        find_repaired(rng, household, "water", "（虚构）水质检测不合格", water_quality_met=False)


def _unsafe_home(rng: Random, household: Household) -> None:
    found: dict[str, Finding] = {"housing_grade": rng.choice("CD"), "only_home": True}
    find_instead(household, "housing", "（虚构）墙体开裂，尚未修缮", **found)


def _unsafe_home_cleared(_: Random, household: Household) -> None:
    found: dict[str, Finding] = {"housing_grade": "C", "only_home": False}
    find_instead(household, "housing", "（虚构）另有住房，按已清零填报", **found)


def _water_too_far(rng: Random, household: Household) -> None:
    find_instead(
        household,
        "water",
        "（虚构）自来水未入户，挑水吃",
        water_tap_at_home=False,
        water_round_trip_minutes=rng.randint(25, 60),
        water_distance_metres=rng.randint(900, 2500),
        water_height_metres=rng.randint(20, 120),
    )


def _out_of_school(rng: Random, household: Household) -> None:
    child = _child(household)
    child.school_status = "out_of_school"
    child.dropout_reason = rng.choice(("unwilling", "hardship"))
    find_instead(household, "education", "（虚构）已劝返，尚未复学", children_out_of_school=1)


def _school_status_unknown(_: Random, household: Household) -> None:
    _child(household).school_status = None


def _uninsured(rng: Random, household: Household) -> None:
    member = rng.choice(household.members)
    member.medical_insurance, member.serious_illness_insurance = "none", False
    find_instead(household, "medical", "（虚构）当年未缴费", uninsured_members=1)


def _insurance_unknown(rng: Random, household: Household) -> None:
    rng.choice(household.members).medical_insurance = None


def _short_of_food(_: Random, household: Household) -> None:
    found: dict[str, Finding] = {"shortage": True, "found_by": "household"}
    find_instead(household, "food", "（虚构）口粮不足", **found)


def _short_of_clothing(_: Random, household: Household) -> None:
    find_instead(household, "clothing", "（虚构）过冬被褥不足", shortage=True)


def _income_source_missing(rng: Random, household: Household) -> None:
    missing = rng.choice(SOURCES)
    gone = {missing, "expenses"} if missing == "business" else {missing}
    household.income = [entry for entry in household.income if entry.source not in gone]


def _one_off_sale(_: Random, household: Household) -> None:
    sale = one_off_sale(household.stable_net_fen, len(household.members))
    household.income.append(sale)
    if all(entry.source != "expenses" for entry in household.income):
        household.income.append(Income("expenses", "business_expenses", 0))


def _identical_income(_: Random, household: Household) -> None:
    household.income = identical_income()


def _illness_without_patient(_: Random, household: Household) -> None:
    _replace_health(household, {"disabled", "serious_illness", "chronic"}, "healthy")
    household.main_cause, household.other_causes = "illness", ()


def _disability_without_disabled(_: Random, household: Household) -> None:
    _replace_health(household, {"disabled"}, "chronic")
    household.main_cause, household.other_causes = "disability", ()


def _schooling_without_student(_: Random, household: Household) -> None:
    household.main_cause, household.other_causes = "schooling", ()


def _labour_enough(_: Random, household: Household) -> None:
    household.main_cause, household.other_causes = "labour", ()


def _wages_without_worker(_: Random, household: Household) -> None:
    for member in household.members:
        member.employment_months, member.employment_place = 0, None
        member.public_post, member.labour_capacity = False, "none"


def _worker_without_wages(_: Random, household: Household) -> None:
    wages = next(entry for entry in household.income if entry.source == "wages")
    _enter_as_other_transfers(household, wages.amount)
    wages.amount = 0


def _dibao_without_allowance(_: Random, household: Household) -> None:
    allowance = next(entry for entry in household.income if entry.item == ALLOWANCES["dibao"])
    household.income.remove(allowance)
    _enter_as_other_transfers(household, allowance.amount)


def _expenses_left_out(rng: Random, household: Household) -> None:
    household.income = [entry for entry in household.income if entry.source != "expenses"]
    business = next(entry for entry in household.income if entry.source == "business")
    business.amount = business.amount or 100_000 * rng.randint(3, 12)


def _school_against_age(_: Random, household: Household) -> None:
    _child(household).school_status = "graduated"


def _size_changed(rng: Random, household: Household) -> None:
    leaving = household.members[-1]
    leaving.left_on = _ACCEPTANCE - timedelta(days=rng.randint(3, 20))
    leaving.leave_reason = "moved"


def _enter_as_other_transfers(household: Household, amount: int) -> None:
    """Add to the entry of other transfers: an item has one entry a year."""
    for entry in household.income:
        if entry.item == OTHER_TRANSFERS:
            entry.amount += amount
            break
    else:
        entry = Income("transfers", OTHER_TRANSFERS, amount)
        household.income.append(entry)
    entry.description = "（虚构）项目不明"


def _child(household: Household) -> Member:
    return next(member for member in household.members if member.of_school_age)


def _replace_health(household: Household, states: set[str], by: str) -> None:
    for member in household.members:
        if member.health in states:
            member.health, member.document_type = by, "resident_id"
            member.document_number = member.document_number[:18]


_ALTERATIONS: Mapping[Pattern, Callable[[Random, Household], None]] = {
    Pattern.ORDINARY: _ordinary,
    Pattern.REPAIRED: _repaired,
    Pattern.UNSAFE_HOME: _unsafe_home,
    Pattern.WATER_TOO_FAR: _water_too_far,
    Pattern.OUT_OF_SCHOOL: _out_of_school,
    Pattern.UNINSURED: _uninsured,
    Pattern.SHORT_OF_FOOD: _short_of_food,
    Pattern.SHORT_OF_CLOTHING: _short_of_clothing,
    Pattern.INCOME_SOURCE_MISSING: _income_source_missing,
    Pattern.CHECK_MISSING: leave_out_a_check,
    Pattern.CHECK_STALE: make_a_check_stale,
    Pattern.SCHOOL_STATUS_UNKNOWN: _school_status_unknown,
    Pattern.INSURANCE_UNKNOWN: _insurance_unknown,
    Pattern.ONE_OFF_SALE: _one_off_sale,
    Pattern.IDENTICAL_INCOME: _identical_income,
    Pattern.ILLNESS_WITHOUT_PATIENT: _illness_without_patient,
    Pattern.DISABILITY_WITHOUT_DISABLED: _disability_without_disabled,
    Pattern.SCHOOLING_WITHOUT_STUDENT: _schooling_without_student,
    Pattern.LABOUR_ENOUGH: _labour_enough,
    Pattern.WAGES_WITHOUT_WORKER: _wages_without_worker,
    Pattern.WORKER_WITHOUT_WAGES: _worker_without_wages,
    Pattern.DIBAO_WITHOUT_ALLOWANCE: _dibao_without_allowance,
    Pattern.EXPENSES_LEFT_OUT: _expenses_left_out,
    Pattern.SCHOOL_AGAINST_AGE: _school_against_age,
    Pattern.SIZE_CHANGED: _size_changed,
    Pattern.UNSAFE_HOME_CLEARED: _unsafe_home_cleared,
}
