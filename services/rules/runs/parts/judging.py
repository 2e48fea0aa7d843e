"""A batch of counties judged in columns, and all that a run keeps of each county."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import polars as pl
import pyarrow as pa

from services.rules.engine import OUTCOMES, Policy
from services.rules.engine.flips import flips
from services.rules.judging.tallies import Tally, weak_villages
from services.rules.runs.parts.checks import (
    RECORDER,
    STABLE_INCOME,
    Finding,
    Limits,
    are_incomes_alike,
    household_findings,
)
from services.rules.runs.parts.checks import one_off_villages as village_findings
from services.rules.runs.parts.domain import Order
from services.rules.runs.parts.packing import copy_rows, has_bits, masks, sized, text
from services.rules.runs.parts.snapshots import written
from services.rules.subjects import ID_COLUMN, KINDS, SubjectKind
from shared.values.divisions import contains, span

COUNTY, TOWNSHIP = 6, 9
ID_BYTES: Mapping[SubjectKind, int] = {"household": 36, "village": 12}


@dataclass(frozen=True)
class Before:
    """What earlier runs found of a batch: outcomes by subject kind, and incomes since a day.

    Tables of outcomes have ``subject_id`` and a nullable Boolean a rule; of incomes ``subject_id``
    and the stable income per head (fen).
    """

    outcomes: Mapping[SubjectKind, pl.DataFrame] = field(default_factory=dict)
    incomes: pl.DataFrame | None = None
    since: date | None = None


@dataclass(frozen=True)
class Part:
    """What a run keeps of a county; outcomes and flips are rows of COPY, facts Parquet."""

    code: str
    subjects: Mapping[SubjectKind, int]
    weak_villages: Tally
    outcomes: bytes
    totals: list[tuple[SubjectKind, str, int, list[int], list[int]]]
    flips: bytes
    findings: list[Finding]
    facts: Mapping[SubjectKind, bytes]


@dataclass(frozen=True)
class _JudgedPart:
    """The subjects of one kind in the order of villages: facts with figures, and answers."""

    facts: pl.DataFrame
    outcomes: pl.DataFrame
    masks: Mapping[str, pa.BinaryArray]
    totals: pl.DataFrame
    flips: pl.DataFrame

    def within(self, part: str) -> "_JudgedPart":
        first, length = _range(self.facts, part)
        return _JudgedPart(
            self.facts.slice(first, length),
            self.outcomes.slice(first, length),
            {name: mask.slice(first, length) for name, mask in self.masks.items()},
            self.totals.slice(*_range(self.totals, part, "division")),
            self.flips.slice(*_range(self.flips, part)),
        )


@dataclass(frozen=True)
class Judging:
    """What is the same for every batch of a run."""

    run_id: UUID
    policy: Policy
    as_of: date
    orders: Mapping[SubjectKind, Order]

    def are_incomes_alike(self, households: pl.DataFrame) -> bool:
        """Return whether the recorders of the incomes of a batch have to be known."""
        return any(are_incomes_alike(some, limits) for limits, some in self._by_limits(households))

    def judge(
        self,
        facts: Mapping[SubjectKind, pl.DataFrame],
        recorders: pl.DataFrame | None,
        parts: Sequence[str],
        before: Before,
    ) -> Iterator[Part]:
        """Judge a batch, given as tables of facts by subject kind as the registry states them.

        ``recorders`` has a row a household with who recorded its income, where that has to be known.

        Raises:
            EngineError: the facts are not what the release declares.

        """
        judged = {kind: self._judged(kind, facts[kind], before) for kind in KINDS}
        findings = self._findings(judged, recorders, before)
        for part in parts:
            within = {kind: one.within(part) for kind, one in judged.items()}
            yield Part(
                code=part,
                subjects={kind: one.facts.height for kind, one in within.items()},
                weak_villages=weak_villages(within["village"].facts, within["village"].outcomes),
                outcomes=b"".join(self._rows(kind, one) for kind, one in within.items()),
                totals=[(kind, *row) for kind, one in within.items() for row in one.totals.rows()],
                flips=b"".join(self._flip_rows(kind, one.flips) for kind, one in within.items()),
                findings=[one for one in findings if contains(part, one.division)],
                facts={kind: written(one.facts) for kind, one in within.items()},
            )

    def _judged(self, kind: SubjectKind, facts: pl.DataFrame, before: Before) -> _JudgedPart:
        facts = _in_order(kind, facts)
        rules = self.orders[kind].rules
        plan = self.policy.plan(kind)
        figures = [name for name in (STABLE_INCOME,) if name in plan.rule_named]
        outcomes = self.policy.judge_columns(
            kind, facts, self.as_of, "village_code", [*rules, *figures]
        )
        flipped = _flips(before.outcomes.get(kind), outcomes, rules)
        totals = totals_of(outcomes, rules, TOWNSHIP)
        kept = facts.with_columns(outcomes[name] for name in figures)
        return _JudgedPart(kept, outcomes, masks(outcomes, self.orders[kind]), totals, flipped)

    def _findings(
        self,
        judged: Mapping[SubjectKind, _JudgedPart],
        recorders: pl.DataFrame | None,
        before: Before,
    ) -> list[Finding]:
        households, villages = judged["household"].facts, judged["village"]
        if recorders is not None:
            by_id = recorders.select(pl.col("household_id").alias("subject_id"), RECORDER)
            households = households.join(by_id, on="subject_id", how="left")
        found: list[Finding] = []
        for limits, some in self._by_limits(households):
            found += household_findings(some, limits, before.incomes, before.since)
        return [*found, *village_findings(villages.facts, villages.outcomes)]

    def _by_limits(self, households: pl.DataFrame) -> Iterator[tuple[Limits, pl.DataFrame]]:
        """Yield households by what counts as odd in their counties; mostly it is the same."""
        county = households["village_code"].str.slice(0, COUNTY)
        alike: dict[Limits, list[str]] = {}
        for digits in county.unique(maintain_order=True):
            limits = Limits.of_policy(self.policy, self.as_of, digits.ljust(12, "0"))
            alike.setdefault(limits, []).append(digits)
        for limits, counties in alike.items():
            yield limits, households.filter(county.is_in(counties))

    def _flip_rows(self, kind: SubjectKind, flipped: pl.DataFrame) -> bytes:
        return copy_rows(
            [
                self.run_id.bytes,
                (12, text(flipped["village_code"])),
                (ID_BYTES[kind], text(flipped["subject_id"])),
                *(sized(flipped[name]) for name in ("rule", "before", "after")),
            ]
        )

    def _rows(self, kind: SubjectKind, judged: _JudgedPart) -> bytes:
        order, packed = self.orders[kind], judged.masks
        rules, needs = 8 * order.rule_words, 8 * order.need_words
        return copy_rows(
            [
                self.run_id.bytes,
                kind.encode(),
                (12, text(judged.facts["village_code"])),
                (ID_BYTES[kind], text(judged.facts["subject_id"])),
                (rules, packed["met"]),
                (rules, packed["undetermined"]),
                (needs, packed["missing"]),
                (needs, packed["stale"]),
                *(
                    (needs, packed[name]) if has_bits(packed[name]) else None
                    for name in ("later", "undated")
                ),
            ]
        )


def totals_of(outcomes: pl.DataFrame, rules: Sequence[str], digits: int) -> pl.DataFrame:
    """Count outcomes by the divisions that the first ``digits`` of a village's code tell apart.

    Gives ``division``, ``subjects``, and the lists ``met`` and ``undetermined`` with a count a rule.
    """
    division = pl.col("village_code").str.slice(0, digits).str.pad_end(12, "0").alias("division")
    counted = outcomes.group_by(division).agg(
        pl.len().alias("subjects"),
        *(pl.col(rule).sum().alias(f"met:{rule}") for rule in rules),
        *(pl.col(rule).null_count().alias(f"undetermined:{rule}") for rule in rules),
    )
    return counted.sort("division").select(
        "division",
        "subjects",
        met=pl.concat_list(f"met:{rule}" for rule in rules),
        undetermined=pl.concat_list(f"undetermined:{rule}" for rule in rules),
    )


def _in_order(kind: str, facts: pl.DataFrame) -> pl.DataFrame:
    told_apart = facts.with_columns(subject_id=pl.col(ID_COLUMN[kind])).drop(
        "household_id", strict=False
    )
    return told_apart.sort("village_code", "subject_id")


def _flips(before: pl.DataFrame | None, after: pl.DataFrame, rules: Sequence[str]) -> pl.DataFrame:
    """Return the rows of ``run_flips`` in their order; rules that one run does not know are left out."""
    if before is None:
        before = after.clear()
    shared = [rule for rule in rules if rule in before.columns]
    found = flips(before, after, "subject_id", shared).with_columns(
        _named("before"), _named("after")
    )
    return found.select("village_code", "subject_id", "rule", "before", "after").sort(
        "village_code", "subject_id", "rule"
    )


def _named(column: str) -> pl.Expr:
    names = {truth: outcome.value for truth, outcome in OUTCOMES.items()}
    return pl.col(column).replace_strict(names, return_dtype=pl.String)


def _range(frame: pl.DataFrame, part: str, column: str = "village_code") -> tuple[int, int]:
    """Return where a division begins in a table in the order of its codes, and how many rows it has."""
    first, past_last = (frame[column].search_sorted(code) for code in span(part))
    return first, past_last - first
