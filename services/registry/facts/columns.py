"""The facts that the registry states of each kind of subject, as columns of its statements."""

from collections.abc import Iterable, Mapping, Sequence

from services.registry.kinds import KINDS
from services.registry.recording.stating import FactColumn, FoundOut, Stated, SubjectKind

_REGISTER = FoundOut(None, "household_recorded_by")
_ROLL = FoundOut(None, "roll_recorded_by")


def stated_by_kinds(subject: SubjectKind) -> Mapping[str, Stated]:
    """Return what kinds of record state of a subject, by the name of the kind."""
    stated = {kind.name: kind.stated for kind in KINDS if kind.stated is not None}
    return {name: each for name, each in stated.items() if each.subject == subject}


def _facts_of_kinds(subject: SubjectKind) -> list[FactColumn]:
    return [fact for each in stated_by_kinds(subject).values() for fact in each.facts]


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
        *FoundOut(None, "size_recorded_by").facts("count", "days_since_size_change"),
        *_facts_of_kinds("household"),
    ],
    "village": _facts_of_kinds("village"),
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
    return [*IDS[kind], *columns_of(facts, recorders=recorders)]


def columns_of(facts: Sequence[FactColumn], *, recorders: bool) -> list[str]:
    """Return the columns of facts: themselves, what they are dated by, and their recorders."""
    dates = (fact.dated_by for fact in facts if fact.dated_by is not None)
    by = (fact.recorded_by for fact in facts if recorders)
    return [*(fact.name for fact in facts), *dict.fromkeys(dates), *dict.fromkeys(by)]
