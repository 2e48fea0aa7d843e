"""The yardstick: the same rules as one plain Polars query, outcomes only; no masks, no checks of ranges."""

import operator
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from services.rules.engine import Plan, tree
from services.rules.engine.columns import polars_type
from services.rules.engine.plan import resolve

_OPERATORS: dict[str, Callable[[Any, Any], pl.Expr]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def judge_bare(plan: Plan, as_of: date, facts: Path, out: Path) -> None:
    """From a Parquet file of facts to one of outcomes."""
    lazy = _with_parameters(pl.scan_parquet(facts), plan, as_of)
    dated = {
        fact.name: (fact.dated_by, fact.fresh_for)
        for fact in plan.facts
        if fact.dated_by is not None and fact.fresh_for is not None
    }
    value = partial(_value, dated, as_of, resolve(plan, as_of, None).values, _varying(plan))
    for rule in plan.rules:
        unknown = pl.lit(None, polars_type(rule.node.type))
        answer = value(rule.node) if rule.in_force(as_of) else unknown
        lazy = lazy.with_columns(answer.alias(rule.name))
    lazy.select("household_id", "village_code", *plan.deciding).sink_parquet(out, compression="lz4")


def _varying(plan: Plan) -> set[str]:
    return {parameter.name for parameter in plan.varying}


def _with_parameters(lazy: pl.LazyFrame, plan: Plan, as_of: date) -> pl.LazyFrame:
    if not plan.varying:
        return lazy
    villages = lazy.select(pl.col("village_code").unique()).collect().to_series().to_list()
    resolved = [resolve(plan, as_of, village).values for village in villages]
    values = {name: [one[name] for one in resolved] for name in _varying(plan)}
    table = pl.LazyFrame({"village_code": villages, **values})
    return lazy.join(table, on="village_code", how="left", maintain_order="left")


def _value(  # noqa: C901, PLR0912 - one case a node type
    dated: Mapping[str, tuple[str, str]],
    as_of: date,
    parameters: Mapping[str, int | None],
    varying: set[str],
    node: tree.Node,
) -> pl.Expr:
    value = partial(_value, dated, as_of, parameters, varying)

    def parameter(name: str) -> pl.Expr:
        return pl.col(name) if name in varying else pl.lit(parameters[name])

    match node:
        case tree.Constant():
            return pl.lit(node.value)
        case tree.FactReference(name=name) if name in dated:
            day, days = dated[name]
            age = (pl.lit(as_of) - pl.col(day)).dt.total_days()
            return pl.when((age >= 0) & (age <= parameter(days))).then(pl.col(name))
        case tree.FactReference() | tree.RuleReference():
            return pl.col(node.name)
        case tree.ParameterReference():
            return parameter(node.name)
        case tree.Arithmetic() | tree.Comparison():
            return _OPERATORS[node.operator](value(node.left), value(node.right))
        case tree.PerCapita():
            amount, persons = value(node.amount), value(node.persons)
            return (amount * 2 + persons) // (persons * 2)
        case tree.DaysBetween():
            return (value(node.end) - value(node.start)).dt.total_days()
        case tree.ZeroIfUnrecorded():
            known, recorded = value(node.fact), pl.col(node.fact.name).is_not_null()
            nothing = pl.when(value(node.excused)).then(pl.lit(0))
            return pl.when(recorded).then(known).otherwise(nothing)
        case tree.Membership():
            return value(node.operand).is_in(list(node.codes))
        case tree.Negation():
            return ~value(node.operand)
        case tree.AllOf():
            return pl.all_horizontal(map(value, node.operands))
        case tree.AnyOf():
            return pl.any_horizontal(map(value, node.operands))
        case tree.Case():
            result = pl.lit(None, polars_type(node.type))
            for guard, branch in reversed(node.branches):
                met = value(guard)
                result = (
                    pl.when(met.is_null())
                    .then(None)
                    .when(met)
                    .then(value(branch))
                    .otherwise(result)
                )
            return result
