"""The facts that a kind of record states of what its records belong to."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
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
class FoundOut:
    """When and by whom facts of one origin were found out."""

    dated_by: str | None
    recorded_by: str

    def facts(self, measure: Measure, names: str) -> list[FactColumn]:
        """Return the facts of an origin that are measured alike."""
        return [
            FactColumn(name, measure, self.dated_by, self.recorded_by) for name in names.split()
        ]


@dataclass(frozen=True, slots=True)
class Stated:
    """What a kind states of each of its subjects.

    ``sql`` holds common table expressions, the last of them called ``<name of the kind>_facts``: one
    row of ``facts`` for each subject, with what these are dated and recorded by. They join the
    statement of the subject (``services/registry/facts``), whose placeholders they may use.
    """

    subject: SubjectKind
    sql: Path
    facts: Sequence[FactColumn]
