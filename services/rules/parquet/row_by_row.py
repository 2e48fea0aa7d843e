"""A table judged row by row by the reference backend, into the columns of the columnar ones."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import polars as pl

from services.rules.engine import FactValue, Policy, Ruleset
from services.rules.engine.columns import kind_type
from services.rules.engine.lowering import UNUSABLE
from services.rules.engine.plan import BITS_A_WORD, Plan, mask_column
from services.rules.engine.polars_backend import ColumnJudge
from services.rules.engine.python_backend import Trace


def judge_rows(
    policy: Policy, subject: str, judge: ColumnJudge, prepared: pl.DataFrame
) -> pl.DataFrame:
    """The columns of the answer for facts that `judge` has prepared."""
    ruleset = cache(lambda division: policy.ruleset(subject, judge.as_of, division))
    outputs = judge.lowered.outputs
    rows = []
    for row in prepared.iter_rows(named=True):
        cells = _cells(judge, _trace(ruleset, judge, row))
        rows.append([cells[name] for name in outputs])
    types = {name: kind_type(output.kind) for name, output in outputs.items()}
    return pl.DataFrame(rows, schema=types, orient="row")


def _trace(
    ruleset: Callable[[str | None], Ruleset], judge: ColumnJudge, row: Mapping[str, Any]
) -> Trace:
    facts = {
        fact.name: FactValue(row[fact.name], row[fact.dated_by] if fact.dated_by else None)
        for fact in judge.plan.facts
        if row[fact.name] is not None
    }
    division = None if judge.division_column is None else row[judge.division_column]
    return ruleset(division).trace(facts)


def _cells(judge: ColumnJudge, trace: Trace) -> dict[str, Any]:
    """All that a trace says, by the columns of the answer and more."""
    cells: dict[str, Any] = {}
    for name in UNUSABLE:
        cells |= _words(name, getattr(trace, name), judge.whole)
    for rule, value, missing in zip(judge.whole.rules, trace.values, trace.missing, strict=True):
        cells[rule.name] = value
        cells |= _words(f"missing:{rule.name}", missing, judge.whole)
    return cells


def _words(name: str, mask: int, plan: Plan) -> dict[str, int]:
    return {
        mask_column(name, word): mask >> (word * BITS_A_WORD) & ((1 << BITS_A_WORD) - 1)
        for word in range(plan.words)
    }
