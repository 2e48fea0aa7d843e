"""Counting what rules answer about many."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from shared.values.divisions import digits_below

UPLIFT = "village.uplift"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of some subjects meet a rule, do not, or are undetermined."""

    met: int = 0
    not_met: int = 0
    undetermined: int = 0

    @property
    def size(self) -> int:
        """How many there are in all."""
        return self.met + self.not_met + self.undetermined

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
    return sum((rules.get(rule, Tally()) for rules in tallies.values()), Tally())


def weak_villages(facts: pl.DataFrame, outcomes: pl.DataFrame) -> Tally:
    """Count the villages that are relatively weak by whether they are uplifted.

    One of which nobody recorded whether it is weak may be one of them, uplifted or not: it is counted
    as undetermined, so that of a division it decides nothing but what it could not change.
    """
    unrecorded = Tally(undetermined=facts["relatively_weak"].null_count())
    weak = outcomes.filter(facts["relatively_weak"])
    if UPLIFT not in weak.columns:
        return unrecorded + Tally(undetermined=weak.height)
    met, unknown = int(weak[UPLIFT].sum()), weak[UPLIFT].null_count()
    return unrecorded + Tally(met, weak.height - met - unknown, unknown)
