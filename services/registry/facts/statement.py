"""The facts statement: one SQL text a subject kind, for one subject and for a whole province.

What kinds of record state of the subject stands in their folders and joins it here.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import yaml

from services.registry.facts.columns import columns_of, stated_by_kinds, stated_columns
from services.registry.recording.stating import SubjectKind
from shared.values.divisions import span

FOLDER = Path(__file__).parent
Places: TypeAlias = tuple[tuple[str, str], ...]

# Where a statement stands in the register, as parameters that the driver numbers.
NUMBERED = {"first": "$1::text", "past_last": "$2::text", "as_of": "$3::date"}
KEYS: Mapping[SubjectKind, tuple[str, str]] = {
    "household": ("id", "uuid"),
    "village": ("code", "text"),
}
# How many answer yes, of whom some may have no answer: if any is known to, and if each one is known.
COUNTED = {
    "any": r"coalesce(nullif(count(*) FILTER (WHERE \1), 0), "
    r"CASE WHEN count(\1) = count(*) THEN 0 END)",
    "each": r"CASE WHEN count(\1) = count(*) THEN count(*) FILTER (WHERE \1) END",
}
# What names the subject in the rows of a kind, and in those asked for.
JOINED_BY: Mapping[SubjectKind, tuple[str, str]] = {
    "household": ("household_id", "id"),
    "village": ("village_code", "village_code"),
}


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


def statement_for_all(
    kind: SubjectKind,
    within: tuple[str, str],
    as_of: date,
    only: Collection[str] | None = None,
    *,
    recorders: bool = False,
) -> str:
    """Return the statement for every subject in a range of division codes, its values written out.

    ``only`` names the facts that are asked for; None asks for all. COPY takes no parameters; a
    division's code is twelve digits and a date is a date.
    """
    first, past_last = within
    inside = f"village_code >= '{first}' AND village_code < '{past_last}'"
    places = {
        "first": f"'{first}'",
        "past_last": f"'{past_last}'",
        "as_of": f"DATE '{as_of.isoformat()}'",
        "only_these_ids": "",
        "of_these_households": inside,
        "of_these_villages": inside,
        "columns": ", ".join(stated_columns(kind, only, recorders=recorders)),
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
        "of_these_households": f"household_id {among}",
        "of_these_villages": f"village_code {among}",
        "columns": ", ".join(stated_columns(kind, recorders=True)),
    }
    return _filled(kind, NUMBERED | dict(definitions) | places)


def _filled(name: SubjectKind | Literal["division"], places: Mapping[str, str]) -> str:
    return _with_places(_template(name), places)


def _with_places(text: str, places: Mapping[str, str]) -> str:
    # The longest names first, since one name may begin another.
    for place in sorted(places, key=len, reverse=True):
        text = text.replace(f":{place}", places[place])
    return text


def _definitions(as_of: date) -> Places:
    village = _defined("administrative_village", as_of)
    return (
        *_ages("school_age", as_of),
        *_ages("student_age", as_of),
        *_ages("pupil_age", as_of),
        ("enrolled_from", str(_defined("enrolment_age", as_of)["lowest"])),
        ("graduated_from", str(_defined("graduation_age", as_of)["lowest"])),
        ("old_from", str(_defined("old_age", as_of)["lowest"])),
        ("minor_to", str(_defined("minor_age", as_of)["highest"])),
        ("labour_age_from", str(_defined("labour_age", as_of)["lowest"])),
        ("village_from", f"'{village['lowest']}'"),
        ("village_to", f"'{village['highest']}'"),
    )


def _ages(name: str, as_of: date) -> Places:
    ages = _defined(name, as_of)
    return ((f"{name}_from", str(ages["lowest"])), (f"{name}_to", str(ages["highest"])))


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
def _template(name: SubjectKind | Literal["division"]) -> str:
    text = _read(FOLDER / f"{name}.sql")
    for counted, expression in COUNTED.items():
        text = re.sub(rf":{counted}\(([^()]*)\)", expression, text)
    if name == "division":
        return text
    of_kind, of_asked = JOINED_BY[name]
    parts, columns, joins = [], [], []
    for kind, stated in stated_by_kinds(name).items():
        part = f"{kind}_facts"
        parts.append(_read(stated.sql).rstrip())
        columns += [f"{part}.{column}" for column in columns_of(stated.facts, recorders=True)]
        joins.append(f"LEFT JOIN {part} ON {part}.{of_kind} = asked.{of_asked}")
    places = {
        "facts_of_kinds": ", ".join(parts),
        "columns_of_kinds": ", ".join(columns),
        "joins_of_kinds": "\n".join(joins),
    }
    return _with_places(text, places)


def _read(file: Path) -> str:
    lines = file.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--"))
