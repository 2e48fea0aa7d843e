"""The columnar backend: the lowered columns of one subject as Polars expressions, with the reference backend's meaning cell by cell."""

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import reduce
from typing import Any

import polars as pl

from services.rules.engine.columns import checked, column_names, kind_type, polars_type
from services.rules.engine.declarations import Parameter, ParameterValue
from services.rules.engine.lowering import Call, Constant, Expression, Input, Lowered, lower
from services.rules.engine.plan import Plan

_OPTIMIZATIONS = pl.QueryOptFlags(comm_subexpr_elim=False)  # lowering has shared what can be


def judge_columns(
    plan: Plan,
    frame: pl.DataFrame | pl.LazyFrame,
    as_of: date,
    division_column: str | None,
    rules: Sequence[str] | None = None,
) -> pl.DataFrame:
    """Judge every row by the named rules (None: all that decide).

    frame: one row a subject; a column for every fact that those rules need, by way of others too (null is unknown, money Int64
    fen, codes String), and for every date column (Date). A fact that the asker states is unknown where its column is absent.
    `division_column` holds the 12-digit division that parameters are resolved for (None: the province's own values only). Other
    columns pass through, but for those that bear the name of an answer.

    Gives those other columns; a nullable Boolean a rule (true met, false not met, null undetermined), or the Int64 figure of a
    named rule that does not decide; `missing:<rule>` with the bits of `plan.needs` that an undetermined answer waits for; and
    `stale` with those of stale facts. Bits from 64 on stand in the further UInt64 words `missing:<rule>:1` and so on. A word that
    is 0 in whatever row, as none of its needs can be unknown to the rule on that date, has no column: read masks by `plan.mask`.

    Raises RuleUndeclared, ColumnMissing, ColumnTypeRefused or ColumnOutOfRange.
    """
    named = plan.deciding if rules is None else rules
    narrowed = plan.narrowed(named)
    lowered = lower(narrowed, as_of, division_column is not None, named)
    frame = checked(narrowed, frame.lazy().collect(), division_column)
    taken = column_names(plan) | lowered.outputs.keys()
    passed = [name for name in frame.columns if name not in taken]
    lazy = _with_parameters(narrowed, frame, as_of, division_column).lazy()
    emitter = _Emitter(lowered)
    for layer in lowered.layers:
        lazy = lazy.with_columns(emitter.call(call).alias(name) for name, call in layer)
    answers = (emitter.expression(node).alias(name) for name, node in lowered.outputs.items())
    lazy = lazy.with_columns(answers)  # where all are constants, a select would give one row
    return lazy.select(*passed, *lowered.outputs).collect(optimizations=_OPTIMIZATIONS)


def _with_parameters(
    plan: Plan, frame: pl.DataFrame, as_of: date, division_column: str | None
) -> pl.DataFrame:
    """The frame with a column `parameter:<name>` for each parameter that varies by division."""
    varying = [parameter for parameter in plan.parameters if parameter.varies_by_division]
    if division_column is None or not varying:
        return frame
    divisions = frame.get_column(division_column).unique()
    table = pl.DataFrame(
        {
            division_column: divisions,
            **{
                f"parameter:{parameter.name}": _values(parameter, as_of, divisions.to_list())
                for parameter in varying
            },
        }
    )
    return frame.join(
        table, on=division_column, how="left", nulls_equal=True, maintain_order="left"
    )


def _values(parameter: Parameter, as_of: date, divisions: Sequence[str | None]) -> pl.Series:
    resolved = (parameter.at(as_of, division) for division in divisions)
    return pl.Series(map(_value, resolved), dtype=polars_type(parameter.type))


def _value(resolved: ParameterValue | None) -> int | None:
    return None if resolved is None else resolved.value


class _Emitter:
    def __init__(self, lowered: Lowered) -> None:
        self._names = lowered.names

    def expression(self, node: Expression) -> pl.Expr:
        match node:
            case Input():
                return pl.col(node.name)
            case Constant():
                return pl.lit(node.value, dtype=kind_type(node.kind))
            case Call() if node in self._names:
                return pl.col(self._names[node])
            case Call():
                return self.call(node)

    def call(self, call: Call) -> pl.Expr:
        """The operator itself, whether or not it has a column."""
        operands = [self.expression(part) for part in call.operands]
        match call.operator:
            case "known":
                return operands[0].is_not_null()
            case "unknown":
                return operands[0].is_null()
            case "not":
                return ~operands[0]
            case "and" | "or" | "bits":
                return reduce(_INFIX[call.operator], operands)
            case "in":
                return reduce(operator.or_, [operands[0] == code for code in operands[1:]])
            case "choose":
                return self._choose(call)
            case "per_capita":
                amount, persons = operands
                return (amount * 2 + persons) // (persons * 2)
            case "days_between":
                start, end = (day.cast(pl.Int32) for day in operands)
                return (end - start).cast(pl.Int64)
            case _:
                return _INFIX[call.operator](*operands)

    def _choose(self, call: Call) -> pl.Expr:
        *branches, otherwise = call.operands
        chain: Any = pl
        for guard, value in zip(branches[::2], branches[1::2], strict=True):
            chain = chain.when(self.expression(guard)).then(self.expression(value))
        if otherwise != Constant(None, otherwise.kind):  # what no branch takes is null by itself
            chain = chain.otherwise(self.expression(otherwise))
        chosen: pl.Expr = chain
        return chosen


_INFIX: Mapping[str, Callable[[Any, Any], pl.Expr]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "and": operator.and_,
    "or": operator.or_,
    "bits": operator.or_,
}
