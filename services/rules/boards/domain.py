"""Counting judged subjects: pure, in columns."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from shared.values.divisions import digits_below


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of some subjects meet a rule, do not, or are undetermined."""

    met: int = 0
    not_met: int = 0
    undetermined: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.met + other.met,
            self.not_met + other.not_met,
            self.undetermined + other.undetermined,
        )


Tallies = dict[str, dict[str, Tally]]
"""Child division → rule → tally."""


def tally(judged: pl.DataFrame, rules: Iterable[str], division: str) -> Tallies:
    """Count a judged table by the divisions directly below one.

    ``judged`` has a row a subject: ``village_code`` and a nullable Boolean a rule.
    """
    digits = digits_below(division)
    counted = judged.group_by(
        pl.col("village_code").str.slice(0, digits).str.pad_end(12, "0").alias("child")
    ).agg(
        *(pl.col(rule).sum().alias(f"{rule}:met") for rule in rules),
        *((~pl.col(rule)).sum().alias(f"{rule}:not_met") for rule in rules),
        *(pl.col(rule).null_count().alias(f"{rule}:undetermined") for rule in rules),
    )
    return {
        row["child"]: {
            rule: Tally(row[f"{rule}:met"], row[f"{rule}:not_met"], row[f"{rule}:undetermined"])
            for rule in rules
        }
        for row in counted.iter_rows(named=True)
    }


def total(tallies: Tallies, rule: str) -> Tally:
    """Return a rule's tally over every child."""
    return sum((rules[rule] for rules in tallies.values()), Tally())


def division_counts(
    households: Tally, villages: Tally, weak_villages: int, uplifted: Tally
) -> dict[str, dict[str, Any]]:
    """Return the facts of a division that judging its households and villages yields."""
    counts = {
        "households": _size(households),
        "households_not_cleared": households.not_met,
        "households_undetermined": households.undetermined,
        "villages": _size(villages),
        "villages_not_cleared": villages.not_met,
        "villages_undetermined": villages.undetermined,
        "weak_villages": weak_villages,
        "weak_villages_uplifted": uplifted.met,
        "weak_villages_undetermined": uplifted.undetermined,
    }
    return {name: {"value": value} for name, value in counts.items()}


def _size(tally: Tally) -> int:
    return tally.met + tally.not_met + tally.undetermined
