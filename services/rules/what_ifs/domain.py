"""Subjects judged twice, and what flips between: pure, in columns."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from services.rules.engine import FactValue, Outcome, Policy
from services.rules.engine.columns import polars_type
from services.rules.engine.flips import flips

KEY, VILLAGE = "subject_id", "village_code"
KEYS = {"household": "household_id", "village": "village_code"}
SLICE = 50_000
"""How many subjects are judged at once."""
TRUTHS = {Outcome.MET: True, Outcome.NOT_MET: False, Outcome.UNDETERMINED: None}

ChangedFacts = Mapping[str, FactValue | None]
"""By fact, the value supposed instead; None withdraws it."""


@dataclass(frozen=True)
class SupposedSubject:
    """One subject with its checked facts; ``id`` is None when the facts were given."""

    id: str | None
    division: str
    facts: Mapping[str, FactValue]


@dataclass(frozen=True)
class Cohort:
    """Subjects of one kind judged before and after.

    Both tables have a row a subject, in the same order: ``subject_id``, ``village_code`` and a
    nullable Boolean a rule. ``same`` are the facts supposed that every subject has already.
    ``flips`` has the columns of :func:`services.rules.engine.flips.flips`.
    """

    kind: str
    before: pl.DataFrame
    after: pl.DataFrame
    same: frozenset[str] = frozenset()

    @cached_property
    def flips(self) -> pl.DataFrame:
        """What flips, for the rules that are there both before and after."""
        rules = [name for name in rules_of(self.before) if name in self.after.columns]
        return flips(self.before, self.after, KEY, rules)


def rules_of(outcomes: pl.DataFrame) -> list[str]:
    """Return the rules that a table of outcomes has a column for."""
    return [name for name in outcomes.columns if name not in (KEY, VILLAGE)]


def chosen(policy: Policy, kind: str, wanted: Collection[str] | None) -> list[str]:
    """Return the rules that decide about a kind of subject, or those of them that are wanted."""
    rules = policy.plan(kind).deciding
    return [rule for rule in rules if wanted is None or rule in wanted]


def compare_columns(
    kind: str,
    policies: tuple[Policy, Policy],
    facts: pl.DataFrame,
    changes: ChangedFacts,
    as_of: date,
    wanted: Collection[str] | None,
) -> Cohort:
    """Judge a table of facts by one policy, and with changed facts by another."""
    before, after = policies
    changed_policy, changed_facts = with_facts(after, kind, facts, changes)
    return Cohort(
        kind,
        _judged(before, kind, facts, as_of, wanted),
        _judged(changed_policy, kind, changed_facts, as_of, wanted),
        frozenset(
            name
            for name, supposed in changes.items()
            if name in facts.columns
            and facts[name].eq_missing(changed_facts[name]).all()
            and (supposed is None or after.facts[kind][name].fresh_for is None)
        ),
    )


def compare_subjects(
    kind: str,
    policies: tuple[Policy, Policy],
    subjects: Sequence[SupposedSubject],
    changes: ChangedFacts,
    as_of: date,
    wanted: Collection[str] | None,
) -> Cohort:
    """Judge subjects one by one by one policy, and with changed facts by another."""
    before, after = (chosen(policy, kind, wanted) for policy in policies)
    first, second = [], []
    for one in subjects:
        rulesets = [policy.ruleset(kind, as_of, one.division) for policy in policies]
        first.append((one, rulesets[0].judge(one.facts)))
        second.append((one, rulesets[1].judge(changed(one.facts, changes))))
    same = frozenset(
        name
        for name, fact in changes.items()
        if all(_alike(one.facts.get(name), fact) for one in subjects)
    )
    return Cohort(kind, _table(before, first), _table(after, second), same)


def _alike(recorded: FactValue | None, supposed: FactValue | None) -> bool:
    if recorded is None or supposed is None:
        return recorded is supposed
    return (recorded.value, recorded.date) == (supposed.value, supposed.date)


def changed(facts: Mapping[str, FactValue], changes: ChangedFacts) -> dict[str, FactValue]:
    """Return facts with some of them replaced or withdrawn."""
    supposed = {**facts, **changes}
    return {name: fact for name, fact in supposed.items() if fact is not None}


def with_facts(
    policy: Policy, kind: str, facts: pl.DataFrame, changes: ChangedFacts
) -> tuple[Policy, pl.DataFrame]:
    """Return a table with facts replaced or withdrawn in every row, and the policy that reads it.

    A replaced fact gets a column of its own for its date, since others may share the one it has.
    """
    if not changes:
        return policy, facts
    declared = dict(policy.facts[kind])
    columns: list[pl.Expr] = []
    for name, supposed in changes.items():
        fact = declared[name]
        value = None if supposed is None else supposed.value
        columns.append(pl.lit(value, dtype=polars_type(fact.type)).alias(name))
        if supposed is not None and fact.dated_by is not None:
            declared[name] = replace(fact, dated_by=f"{name} supposed on")
            day = pl.lit(supposed.date, dtype=pl.Date)
            columns.append(day.alias(f"{name} supposed on"))
    return replace(policy, facts={**policy.facts, kind: declared}), facts.with_columns(columns)


def flipped_subjects(flipped: Iterable[pl.DataFrame], digits: int) -> dict[str, int]:
    """Return, by the divisions that so many digits tell apart, how many subjects flip at all."""
    counts: dict[str, int] = {}
    for frame in flipped:
        division = pl.col(VILLAGE).str.slice(0, digits).str.pad_end(12, "0")
        each = frame.select(KEY, division.alias(VILLAGE)).unique().group_by(VILLAGE).len()
        for code, count in each.iter_rows():
            counts[code] = counts.get(code, 0) + count
    return counts


def _judged(
    policy: Policy, kind: str, facts: pl.DataFrame, as_of: date, wanted: Collection[str] | None
) -> pl.DataFrame:
    rules = chosen(policy, kind, wanted)
    # The masks of a whole province would take far more memory than its outcomes, which are kept.
    slices = list(facts.iter_slices(SLICE)) or [facts]
    return pl.concat(
        policy.judge_columns(kind, part, as_of, VILLAGE, rules).select(
            pl.col(KEYS[kind]).alias(KEY), VILLAGE, *rules
        )
        for part in slices
    )


def _table(
    rules: Sequence[str], judged: Sequence[tuple[SupposedSubject, Mapping[str, Outcome]]]
) -> pl.DataFrame:
    columns: dict[str, list[Any]] = {
        KEY: [one.id for one, _ in judged],
        VILLAGE: [one.division for one, _ in judged],
        **{rule: [TRUTHS[outcomes[rule]] for _, outcomes in judged] for rule in rules},
    }
    schema = {KEY: pl.String, VILLAGE: pl.String, **dict.fromkeys(rules, pl.Boolean)}
    return pl.DataFrame(columns, schema=schema)
