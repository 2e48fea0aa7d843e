"""Facts of one household in plain Python, to hold the statement to: slow, and easy to read."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from shared.values.periods import age_on

Row = Mapping[str, Any]
SOURCES = {
    "wages": "wages_income",
    "business": "business_income",
    "property": "property_income",
    "transfers": "transfer_income",
    "expenses": "business_expenses",
}
ITEMS = {
    "dibao_allowance": "transfers",
    "extreme_poverty_allowance": "transfers",
    "public_post": "wages",
}
CHECKED = {
    "food": {"food_shortage": "shortage"},
    "clothing": {"clothing_shortage": "shortage"},
    "education": {"checked_children_out_of_school": "children_out_of_school"},
    "medical": {"checked_uninsured_members": "uninsured_members"},
    "housing": {"housing_grade": "housing_grade", "only_home": "only_home"},
    "water": {
        name: name
        for name in (
            "water_litres_per_person_day",
            "water_short_area",
            "water_quality_met",
            "water_tap_at_home",
            "water_round_trip_minutes",
            "water_distance_metres",
            "water_height_metres",
            "water_cut_off_days",
        )
    },
}


MONEY_FOUND = {
    "financial_assets",
    "medical_spending",
    "education_spending",
    "disaster_loss",
    "rigid_spending",
    "new_job_income",
}
OTHERWISE_FOUND = {
    "commission_signed",
    "cars",
    "homes",
    "company_shares",
    "sudden_hardship",
    "supporter_able",
    "job_refusals",
    "new_job_months",
    "relocating_members",
    "bad_credit",
    "microloan_wanted",
    "housing_repair_planned",
}
RECKONED_WITH = {"students", "full_labourers", "old_disabled_or_minor_members"}
"""What the rules multiply, or compare with the household's size: one unknown leaves it unknown."""
LABOURERS = {"ordinary", "skilled", "weak"}
STUDENTS = {"in_school", "home_taught"}


def facts_of_household(household: Row, members: Sequence[Row], as_of: date) -> dict[str, Any]:
    """What the household's own record says, and since when its size has been the same."""
    changes = [household["registered_on"]]
    for member in members:
        changes += [day for day in (member["joined_on"], member["left_on"]) if day is not None]
    return _known(
        {
            "household_category": household["category"],
            "main_cause": household["main_cause"],
            "epidemic_impact": household["epidemic_impact"],
            "days_since_size_change": (as_of - max(day for day in changes if day <= as_of)).days,
        }
    )


def facts_of_roll(members: Sequence[Row], as_of: date) -> dict[str, Any]:
    """What the members of the day say."""
    present = [
        member
        for member in members
        if member["joined_on"] <= as_of and (member["left_on"] is None or as_of < member["left_on"])
    ]
    if not present:
        return {}
    questions = {
        "children_out_of_school": [_out_of_school(member, as_of) for member in present],
        "school_status_mismatches": [_against_age(member, as_of) for member in present],
        "students": [_studies(member, as_of) for member in present],
        "seriously_ill_members": [_is(member["health"], "serious_illness") for member in present],
        "chronically_ill_members": [_is(member["health"], "chronic") for member in present],
        "disabled_members": [_is(member["health"], "disabled") for member in present],
        "old_disabled_or_minor_members": [
            _old_disabled_or_minor(member, as_of) for member in present
        ],
        "uninsured_members": [_is(member["medical_insurance"], "none") for member in present],
        "labourers": [_labours(member, as_of, LABOURERS) for member in present],
        "full_labourers": [_labours(member, as_of, LABOURERS - {"weak"}) for member in present],
        "workers": [_works(member, as_of) for member in present],
        "idle_labourers": [_idles(member, as_of) for member in present],
        "public_post_holders": [_holds_public_post(member, as_of) for member in present],
        "dibao_members": [member["dibao"] for member in present],
        "extreme_poverty_members": [member["extreme_poverty_support"] for member in present],
    }
    return {
        "household_size": len(present),
        "heads": [member["relation_to_head"] for member in present].count("head"),
        **_known({name: _counted(name, answers) for name, answers in questions.items()}),
    }


def _counted(name: str, answers: Sequence[bool | None]) -> int | None:
    """How many are known to be; none only of those of whom nothing is unknown."""
    counted = answers.count(True)
    if None not in answers or (counted and name not in RECKONED_WITH):
        return counted
    return None


def facts_of_income(entries: Sequence[Row], as_of: date) -> dict[str, Any]:
    """What the latest accounting year that has ended says."""
    ended = [entry for entry in entries if entry["period_to"] <= as_of]
    if not ended:
        return {}
    latest = max(entry["period_to"] for entry in ended)
    counted = [entry for entry in ended if entry["period_to"] == latest]
    facts: dict[str, Any] = {"income_period_to": latest}
    for source, name in SOURCES.items():
        amounts = [entry["amount_fen"] for entry in counted if entry["source"] == source]
        if amounts:
            facts[name] = sum(amounts)
    facts["one_off_income"] = _one_off(counted)
    for item, source in ITEMS.items():
        if SOURCES[source] in facts:
            amounts = [entry["amount_fen"] for entry in counted if entry["item"] == item]
            facts[f"{item}_income"] = sum(amounts)
    return facts | _known({"previous_stable_net_income": _stable_before(ended, latest)})


def facts_of_checks(checks: Sequence[Row], as_of: date) -> dict[str, Any]:
    """What the latest check of each guarantee found."""
    facts: dict[str, Any] = {}
    for guarantee, found in CHECKED.items():
        made = [
            check
            for check in checks
            if check["guarantee"] == guarantee and check["checked_on"] <= as_of
        ]
        if made:
            latest = max(made, key=lambda check: check["checked_on"])
            facts[f"{guarantee}_checked_on"] = latest["checked_on"]
            facts |= {name: latest.get(column) for name, column in found.items()}
    return _known(facts)


def facts_of_circumstances(found: Sequence[Row], as_of: date) -> dict[str, Any]:
    """What the latest check of circumstances found, and nothing that an earlier one did."""
    made = [check for check in found if check["checked_on"] <= as_of]
    if not made:
        return {}
    latest = max(made, key=lambda check: check["checked_on"])
    return _known(
        {"circumstances_checked_on": latest["checked_on"]}
        | {name: latest.get(f"{name}_fen") for name in MONEY_FOUND}
        | {name: latest.get(name) for name in OTHERWISE_FOUND}
    )


def _known(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


def _one_off(entries: Sequence[Row]) -> int:
    return sum(
        entry["amount_fen"]
        for entry in entries
        if not entry["recurring"] and entry["source"] != "expenses"
    )


def _stable_before(entries: Sequence[Row], latest: date) -> int | None:
    """Stable net income of the year that ended when the latest began; None if not all known."""
    year = [
        entry for entry in entries if entry["period_to"] == latest.replace(year=latest.year - 1)
    ]
    by_source = {
        source: [entry["amount_fen"] for entry in year if entry["source"] == source]
        for source in SOURCES
    }
    if not all(by_source[source] for source in SOURCES if source != "expenses"):
        return None
    income = sum(sum(by_source[source]) for source in SOURCES if source != "expenses")
    if not by_source["expenses"] and sum(by_source["business"]) > 0:
        return None
    stable: int = income - sum(by_source["expenses"]) - _one_off(year)
    return stable


def _age(member: Row, as_of: date) -> int | None:
    born: date | None = member["birth_date"]
    if born is None:
        return None
    return age_on(born, as_of) if born <= as_of else -1


def _is(state: str | None, asked: str) -> bool | None:
    return None if state is None else state == asked


def _under_labour_age(member: Row, as_of: date) -> bool:
    """Whether a member is known to be younger than 16."""
    age = _age(member, as_of)
    return age is not None and age < 16


def _studies(member: Row, as_of: date) -> bool | None:
    if member["school_status"] is not None:
        return member["school_status"] in STUDENTS
    age = _age(member, as_of)
    return None if age is None or 6 <= age <= 22 else False


def _against_age(member: Row, as_of: date) -> bool | None:
    status, age = member["school_status"], _age(member, as_of)
    if status is None:
        return False
    if age is None:
        return None
    if status in STUDENTS:
        return not 3 <= age <= 35
    return bool(status == "graduated" and age < 12)


def _labours(member: Row, as_of: date, capacities: set[str]) -> bool | None:
    if _under_labour_age(member, as_of):
        return False
    capacity = member["labour_capacity"]
    return None if capacity is None else capacity in capacities


def _works(member: Row, as_of: date) -> bool | None:
    months = member["employment_months"]
    if months is None:
        return False if _under_labour_age(member, as_of) else None
    return bool(months > 0)


def _idles(member: Row, as_of: date) -> bool | None:
    able, works = _labours(member, as_of, LABOURERS), _works(member, as_of)
    if able is False or works is True:
        return False
    return None if able is None or works is None else True


def _old_disabled_or_minor(member: Row, as_of: date) -> bool | None:
    age, disabled = _age(member, as_of), _is(member["health"], "disabled")
    if disabled or (age is not None and not 16 <= age < 60):
        return True
    return None if age is None or disabled is None else False


def _holds_public_post(member: Row, as_of: date) -> bool | None:
    if member["public_post"] is None and _under_labour_age(member, as_of):
        return False
    post: bool | None = member["public_post"]
    return post


def _out_of_school(member: Row, as_of: date) -> bool | None:
    """Whether a member is a child who should be at school and is not; None if nobody knows."""
    status, age = member["school_status"], _age(member, as_of)
    if age is None:
        return None
    if not 6 <= age <= 15:
        return False
    if status is None or (status == "out_of_school" and member["dropout_reason"] is None):
        return None
    if status == "not_enrolled":
        return age >= 7
    return bool(status == "out_of_school" and member["dropout_reason"] != "health")
