"""Asking the registry for those to be judged; judging a division in columns, and counting answers."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from services.rules.clients.registry import FactsStatement, RegistryClient, SubjectKind
from services.rules.engine import FactValue, Policy, StatedBy
from shared.problems import NotFound
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.values.divisions import digits_below

UPLIFT = "village.uplift"


@dataclass(frozen=True)
class Judged:
    """Every household or village of a division, a row each: its facts, and what rules answer.

    ``outcomes`` has the columns of :meth:`Policy.judge_columns`, in the order of ``facts``.
    """

    facts: pl.DataFrame
    outcomes: pl.DataFrame


async def judge_division(
    policy: Policy,
    registry: RegistryClient,
    kind: SubjectKind,
    division: str,
    as_of: date,
    rules: Sequence[str] | None = None,
) -> Judged:
    """Judge every household or village of a division by what held on a date.

    With ``rules`` only these are answered, and only the facts that they need are asked for.
    """
    facts = await registry.facts_of_division(kind, division, as_of, _needed(policy, kind, rules))
    outcomes = await asyncio.to_thread(
        policy.judge_columns, kind, facts, as_of, "village_code", rules
    )
    return Judged(facts, outcomes)


def facts_of_row(policy: Policy, kind: str, row: Mapping[str, Any]) -> dict[str, FactValue]:
    """Return the facts of a row of :meth:`RegistryClient.facts_of_division`, without recorders."""
    return {
        name: FactValue(row[name], row.get(fact.dated_by) if fact.dated_by else None, None)
        for name, fact in policy.facts[kind].items()
        if row.get(name) is not None
    }


def _needed(policy: Policy, kind: SubjectKind, rules: Sequence[str] | None) -> list[str] | None:
    if rules is None:
        return None
    facts = policy.plan(kind).narrowed(rules).facts
    return [fact.name for fact in facts if fact.stated_by is StatedBy.REGISTRY]


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
    return sum((rules[rule] for rules in tallies.values()), Tally())


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


async def statement_of(
    registry: RegistryClient, caller: Caller, kind: SubjectKind, subject_id: str, as_of: date
) -> FactsStatement:
    """Return what the registry states of one subject.

    Raises:
        NotFound: the subject is not in the register on that day, or outside the caller's division.

    """
    statement = await registry.facts_of(kind, subject_id, as_of)
    if statement is None or not caller.covers(statement["subject"]["division"]):
        raise NotFound(not_in_register(subject_id))
    return statement


def not_in_register(subject_id: str) -> Bilingual:
    """Return the words for a subject that does not exist for the caller."""
    return Bilingual(
        f"该日期在您的区划范围内没有在册对象 {subject_id}；请核对编号和日期。",
        f"{subject_id} is not in the register of your division on that day; check id and date.",
    )
