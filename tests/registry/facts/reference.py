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


def facts_of_roll(members: Sequence[Row], as_of: date) -> dict[str, Any]:
    """What the members of the day say."""
    present = [
        member
        for member in members
        if member["joined_on"] <= as_of and (member["left_on"] is None or as_of < member["left_on"])
    ]
    if not present:
        return {}
    facts: dict[str, Any] = {"household_size": len(present)}
    schooling = [_out_of_school(member, as_of) for member in present]
    if None not in schooling:
        facts["children_out_of_school"] = schooling.count(True)
    insurance = [member["medical_insurance"] for member in present]
    if None not in insurance:
        facts["uninsured_members"] = insurance.count("none")
    return facts


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
    facts["one_off_income"] = sum(
        entry["amount_fen"]
        for entry in counted
        if not entry["recurring"] and entry["source"] != "expenses"
    )
    return facts


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
    return {name: value for name, value in facts.items() if value is not None}


def _out_of_school(member: Row, as_of: date) -> bool | None:
    """Whether a member is a child who should be at school and is not; None if nobody knows."""
    born, status = member["birth_date"], member["school_status"]
    if born is None:
        return None
    age = age_on(born, as_of) if born <= as_of else -1
    if not 6 <= age <= 15:
        return False
    if status is None or (status == "out_of_school" and member["dropout_reason"] is None):
        return None
    if status == "not_enrolled":
        return age >= 7
    return bool(status == "out_of_school" and member["dropout_reason"] != "health")
