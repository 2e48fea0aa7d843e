"""The facts statement: one SQL text a subject kind, for one subject and for a whole province."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import yaml

from shared.values.divisions import span

FOLDER = Path(__file__).parent
SubjectKind = Literal["household", "village"]
Measure = Literal["money", "count", "boolean", "code"]
Places: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FactColumn:
    """A fact, what its value is, and the columns that say when and by whom it was found out."""

    name: str
    measure: Measure
    dated_by: str | None
    recorded_by: str


def _facts(measure: Measure, dated_by: str | None, by: str, *names: str) -> list[FactColumn]:
    return [FactColumn(name, measure, dated_by, by) for name in names]


FACTS: Mapping[SubjectKind, Sequence[FactColumn]] = {
    "household": [
        *_facts(
            "count",
            None,
            "roll_recorded_by",
            "household_size",
            "children_out_of_school",
            "uninsured_members",
        ),
        *_facts(
            "money",
            "income_period_to",
            "income_recorded_by",
            "wages_income",
            "business_income",
            "property_income",
            "transfer_income",
            "business_expenses",
            "one_off_income",
        ),
        *_facts("boolean", "food_checked_on", "food_recorded_by", "food_shortage"),
        *_facts("boolean", "clothing_checked_on", "clothing_recorded_by", "clothing_shortage"),
        *_facts(
            "count",
            "education_checked_on",
            "education_recorded_by",
            "checked_children_out_of_school",
        ),
        *_facts("count", "medical_checked_on", "medical_recorded_by", "checked_uninsured_members"),
        *_facts("code", "housing_checked_on", "housing_recorded_by", "housing_grade"),
        *_facts("boolean", "housing_checked_on", "housing_recorded_by", "only_home"),
        *_facts(
            "boolean",
            "water_checked_on",
            "water_recorded_by",
            "water_short_area",
            "water_quality_met",
            "water_tap_at_home",
        ),
        *_facts(
            "count",
            "water_checked_on",
            "water_recorded_by",
            "water_litres_per_person_day",
            "water_round_trip_minutes",
            "water_distance_metres",
            "water_height_metres",
            "water_cut_off_days",
        ),
    ],
    "village": [
        *_facts("count", None, "accounts_recorded_by", "accounting_year"),
        *_facts(
            "money",
            "accounts_closed_on",
            "accounts_recorded_by",
            "total_income",
            "operating_income",
            "one_off_income",
        ),
        *_facts("boolean", "accounts_closed_on", "accounts_recorded_by", "relatively_weak"),
        *_facts(
            "money",
            "accounts_closed_on",
            "previous_recorded_by",
            "previous_total_income",
            "previous_operating_income",
        ),
    ],
}
IDS: Mapping[SubjectKind, Sequence[str]] = {
    "household": ("household_id", "village_code"),
    "village": ("village_code",),
}


# Where a statement stands in the register, as parameters that the driver numbers.
NUMBERED = {"first": "$1::text", "past_last": "$2::text", "as_of": "$3::date"}
KEYS: Mapping[SubjectKind, tuple[str, str]] = {
    "household": ("id", "uuid"),
    "village": ("code", "text"),
}


def columns_with_provenance(kind: SubjectKind) -> str:
    """Return the select list of one subject's statement: ids, facts, dates and recorders."""
    return ", ".join(dict.fromkeys([*bulk_columns(kind), *(f.recorded_by for f in FACTS[kind])]))


def bulk_columns(kind: SubjectKind) -> list[str]:
    """Return the columns of the stream: ids, facts, and the dates that facts are dated by."""
    facts = FACTS[kind]
    dates = (fact.dated_by for fact in facts if fact.dated_by is not None)
    return [*IDS[kind], *(fact.name for fact in facts), *dict.fromkeys(dates)]


def statement_for_one(
    kind: SubjectKind, subject_id: Any, division: str, as_of: date
) -> tuple[str, list[Any]]:
    """Return the statement for a subject of a division, and its numbered values."""
    return _text(kind, False, _definitions(as_of)), [*span(division), as_of, subject_id]


def statement_for_some(
    kind: SubjectKind, ids: Sequence[Any], division: str, as_of: date
) -> tuple[str, list[Any]]:
    """Return the statement for given subjects of a division, and its numbered values."""
    return _text(kind, True, _definitions(as_of)), [*span(division), as_of, list(ids)]


def statement_for_all(kind: SubjectKind, within: tuple[str, str], as_of: date) -> str:
    """Return the statement for every subject in a range of division codes, its values written out.

    COPY takes no parameters; a division's code is twelve digits and a date is a date.
    """
    first, past_last = within
    places = {
        "first": f"'{first}'",
        "past_last": f"'{past_last}'",
        "as_of": f"DATE '{as_of.isoformat()}'",
        "only_these_ids": "",
        "only_these_households": "",
        "columns": ", ".join(bulk_columns(kind)),
    }
    return _filled(kind, dict(_definitions(as_of)) | places)


def division_statement(division: str, as_of: date) -> tuple[str, list[Any]]:
    """Return the statement of a division's own figures, and its numbered values."""
    return _filled("division", NUMBERED), [*span(division), as_of]


@cache
def _text(kind: SubjectKind, several: bool, definitions: Places) -> str:
    key, key_type = KEYS[kind]
    among = f"= ANY ($4::{key_type}[])" if several else f"= $4::{key_type}"
    places = {
        "only_these_ids": f"AND {key} {among}",
        "only_these_households": f"AND household_id {among}",
        "columns": columns_with_provenance(kind),
    }
    return _filled(kind, NUMBERED | dict(definitions) | places)


def _filled(name: str, places: Mapping[str, str]) -> str:
    text = _template(name)
    # The longest names first, since one name may begin another.
    for place in sorted(places, key=len, reverse=True):
        text = text.replace(f":{place}", places[place])
    return text


def _definitions(as_of: date) -> Places:
    school = _defined("school_age", as_of)
    village = _defined("administrative_village", as_of)
    return (
        ("school_age_from", str(school["lowest"])),
        ("school_age_to", str(school["highest"])),
        ("enrolled_from", str(_defined("enrolment_age", as_of)["lowest"])),
        ("village_from", f"'{village['lowest']}'"),
        ("village_to", f"'{village['highest']}'"),
    )


def _defined(name: str, as_of: date) -> dict[str, int]:
    """Return a definition in force on a day; before the first one, the first one."""
    values: list[dict[str, Any]] = _definitions_file()[name]["values"]
    known = [value for value in values if value["from"] <= as_of]
    return (known or values[:1])[-1]


@cache
def _definitions_file() -> dict[str, Any]:
    text = (FOLDER / "definitions.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document


@cache
def _template(name: str) -> str:
    lines = (FOLDER / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--"))
