"""Invented checks of the six guarantees, made between June and September 2020."""

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import TypeAlias

from deploy.sample.records import Check, Household

DEPARTMENTS = {
    "food": "民政局",
    "clothing": "民政局",
    "education": "教育局",
    "medical": "医保局",
    "housing": "住建局",
    "water": "水利局",
}
Finding: TypeAlias = bool | int | str
Evidence: TypeAlias = Mapping[str, Finding]
_FIRST_CHECK, _CHECK_DAYS = date(2020, 6, 1), 90
_FIRST_REVIEW, _REVIEW_DAYS = date(2020, 9, 5), 25
_STALE = date(2018, 5, 7)
_INSPECTORS = tuple(f"样本核查员{stem}" for stem in "甲乙丙丁戊己庚辛")
_ENOUGH: Evidence = {"shortage": False, "found_by": "inspector"}
_ALL_INSURED: Evidence = {"uninsured_members": 0}
_APPRAISER = "（虚构样本）房屋安全鉴定中心"


def checks_of(rng: Random, household: Household) -> list[Check]:
    """Return one check a guarantee that finds all in order, as the roll has it."""
    visited = _FIRST_CHECK + timedelta(days=rng.randrange(_CHECK_DAYS))
    # Inspectors have their villages, as recorders do.
    inspector = _INSPECTORS[int(household.village_code[9:]) % len(_INSPECTORS)]
    evidence: dict[str, Evidence] = {
        "food": _ENOUGH,
        "clothing": _ENOUGH,
        "education": {
            "children_of_school_age": sum(member.of_school_age for member in household.members),
            "children_out_of_school": 0,
            "children_home_taught": 0,
        },
        "medical": _ALL_INSURED,
        "housing": {
            "housing_grade": rng.choice("AB"),
            "only_home": rng.random() < 0.92,
            "appraiser": _APPRAISER,
        },
        "water": _water(rng),
    }
    return [
        Check(guarantee, visited, inspector, DEPARTMENTS[guarantee], found)
        for guarantee, found in evidence.items()
    ]


def find_instead(household: Household, guarantee: str, description: str, **found: Finding) -> None:
    """Let the check of a guarantee find something else."""
    check = _check(household, guarantee)
    check.evidence = {**check.evidence, **found}
    check.description = description


def find_repaired(
    rng: Random, household: Household, guarantee: str, description: str, **found: Finding
) -> None:
    """Let the check of a guarantee find something else, and a later one find it repaired."""
    first = _check(household, guarantee)
    repaired_on = _FIRST_REVIEW + timedelta(days=rng.randrange(_REVIEW_DAYS))
    household.checks.append(
        Check(
            guarantee,
            repaired_on,
            first.inspector,
            first.department,
            first.evidence,
            "（虚构）整改后复核，已达标",
        )
    )
    find_instead(household, guarantee, description, **found)


def leave_out_a_check(rng: Random, household: Household) -> None:
    """Let one guarantee be unchecked."""
    del household.checks[rng.randrange(len(household.checks))]


def make_a_check_stale(rng: Random, household: Household) -> None:
    """Let one guarantee have been checked in 2018 and never since."""
    rng.choice(household.checks).checked_on = _STALE


def _check(household: Household, guarantee: str) -> Check:
    return next(check for check in household.checks if check.guarantee == guarantee)


def _water(rng: Random) -> Evidence:
    found: dict[str, Finding] = {
        "water_litres_per_person_day": rng.randint(40, 95),
        "water_short_area": False,
        "water_quality_met": True,
        "water_tap_at_home": rng.random() < 0.9,
        "water_cut_off_days": rng.randint(0, 20),
    }
    if not found["water_tap_at_home"]:
        found |= {
            "water_round_trip_minutes": rng.randint(4, 18),
            "water_distance_metres": rng.randint(40, 500),
            "water_height_metres": rng.randint(0, 50),
        }
    return found
