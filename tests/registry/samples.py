"""Invented content of records, valid as it stands."""

from typing import Any

from stdnum.iso7064 import mod_11_2

VILLAGE = "330127100219"
OTHER_VILLAGE = "330127100231"
PURPOSE = "（虚构）入户核实医保参保情况"
MERGE = {"Content-Type": "application/merge-patch+json"}


def household(**changes: Any) -> dict[str, Any]:
    return {
        "number": "CA-1",
        "village_code": VILLAGE,
        "category": "dibao",
        "registered_on": "2019-10-01",
        "phone": "13812345678",
    } | changes


def identity_number(birth: str = "19630512", sequence: str = "001") -> str:
    """Return a resident identity number with its check character; odd sequences are men's."""
    digits = f"330127{birth}{sequence}"
    return digits + str(mod_11_2.calc_check_digit(digits))


def member(household_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "household_id": household_id,
        "name": "（虚构）张三",
        "document_type": "resident_id",
        "document_number": identity_number(),
        "relation_to_head": "head",
        "joined_on": "2019-10-01",
    } | changes


def lookup(number: str | None = None, **changes: Any) -> dict[str, Any]:
    return {"document_number": number or identity_number(), "purpose": PURPOSE} | changes


def income_entry(household_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "household_id": household_id,
        "source": "wages",
        "item": "public_post",
        "period": {"from": "2019-01-01", "to": "2020-01-01"},
        "amount": "12000.00",
        "recurring": True,
    } | changes


FOUND: dict[str, dict[str, Any]] = {
    "food": {"shortage": False, "found_by": "inspector"},
    "clothing": {"shortage": True, "found_by": "household"},
    "education": {
        "children_of_school_age": 2,
        "children_out_of_school": 1,
        "children_home_taught": 1,
    },
    "medical": {"uninsured_members": 0},
    "housing": {"grade": "C", "only_home": True, "appraiser": "（虚构）鉴定中心"},
    "water": {
        "litres_per_person_day": 60,
        "short_area": False,
        "quality_met": True,
        "tap_at_home": True,
        "round_trip_minutes": 0,
        "distance_metres": 0,
        "height_metres": 0,
        "cut_off_days": 3,
    },
}
"""What a check of each guarantee finds, in full."""


def guarantee_check(household_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "household_id": household_id,
        "guarantee": "housing",
        "checked_on": "2020-06-10",
        "inspector": "（虚构）李明",
        "department": "县住建局",
        "evidence": {"grade": "C", "only_home": True},
    } | changes


def circumstances(household_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "household_id": household_id,
        "checked_on": "2020-08-20",
        "inspector": "（虚构）王芳",
        "department": "县核对中心",
        "bad_credit": False,
    } | changes


def figure(**changes: Any) -> dict[str, Any]:
    return {
        "division": "330127000000",
        "figure": "dibao_monthly_standard",
        "year": 2020,
        "amount": "700.00",
        "source": "（虚构）公告",
    } | changes
