"""The columnar backend: the lowered columns of one subject as Polars expressions, with the reference backend's meaning cell by cell."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache, reduce
from typing import Any

import polars as pl

from services.rules.engine.columns import (
    check_divisions,
    checked,
    column_names,
    kind_type,
    needed_dates,
    polars_type,
)
from services.rules.engine.declarations import LEVEL_DIGITS, Parameter
from services.rules.engine.layers import Call, Constant, Expression, Input, Lowered
from services.rules.engine.lowering import lower
from services.rules.engine.plan import Plan

OPTIMIZATIONS = pl.QueryOptFlags(comm_subexpr_elim=False)  # lowering has shared what can be


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

    Raises an EngineError: a rule is unknown, a column is missing, of another type or out of range.
    """
    judge = ColumnJudge(plan, as_of, division_column, rules)
    prepared = judge.prepare(frame.lazy().collect())
    return judge.judged(prepared.lazy()).collect(optimizations=OPTIMIZATIONS)


class ColumnJudge:
    """The two steps of judge_columns, for tables that come in parts: `prepare` each part, then judge what is prepared, lazily."""

    def __init__(
        self, plan: Plan, as_of: date, division_column: str | None, rules: Sequence[str] | None
    ) -> None:
        """Raises an EngineError where a rule is unknown."""
        named = plan.deciding if rules is None else rules
        self.whole = plan
        self.plan = plan.narrowed(named)
        self.as_of = as_of
        self.division_column = division_column
        self.lowered = lower(self.plan, as_of, division_column is not None, named)
        self._taken = column_names(plan) | self.lowered.outputs.keys()

    def passed(self, columns: Iterable[str]) -> list[str]:
        """The columns of a table of facts that pass through."""
        return [name for name in columns if name not in self._taken]

    def reads(self, columns: Iterable[str]) -> list[str]:
        """The columns of a table of facts that the rules need."""
        needed = {fact.name for fact in self.plan.facts} | needed_dates(self.plan)
        return [name for name in columns if name in needed or name == self.division_column]

    def prepare(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The facts checked, with `parameter:<name>` for every parameter that varies by division."""
        frame = checked(self.plan, frame, self.division_column)
        varying = self.plan.varying
        if self.division_column is None or not varying:
            return frame
        divisions = frame.get_column(self.division_column).unique()
        check_divisions(self.division_column, divisions)
        values = {
            f"parameter:{parameter.name}": _values(parameter, self.as_of, divisions.to_list())
            for parameter in varying
        }
        return frame.join(
            pl.DataFrame({self.division_column: divisions, **values}),
            on=self.division_column,
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )

    def judged(self, prepared: pl.LazyFrame) -> pl.LazyFrame:
        """The columns of the answer."""
        names = prepared.collect_schema().names()
        passed = [name for name in self.passed(names) if not name.startswith("parameter:")]
        emitter = _Emitter(self.lowered)
        for layer in self.lowered.layers:
            prepared = prepared.with_columns(emitter.call(call).alias(name) for name, call in layer)
        outputs = self.lowered.outputs
        prepared = prepared.with_columns(  # where all are constants, a select would give one row
            emitter.expression(node).alias(name) for name, node in outputs.items()
        )
        return prepared.select(*passed, *outputs)


def _values(parameter: Parameter, as_of: date, divisions: Sequence[str | None]) -> pl.Series:
    """The value for each division; those that differ only below the lowest division with a value of its own share theirs."""
    own = [len(value.division.rstrip("0")) for value in parameter.values if value.division]
    digits = next(level for level in LEVEL_DIGITS if level >= max(own))
    places = [None if code is None else code[:digits].ljust(12, "0") for code in divisions]
    resolved = {place: parameter.at(as_of, place) for place in set(places)}
    values = {place: None if one is None else one.value for place, one in resolved.items()}
    return pl.Series([values[place] for place in places], dtype=polars_type(parameter.type))


@lru_cache(maxsize=4096)
def _literal(constant: Constant) -> pl.Expr:
    """A constant as an expression; to find one again is much quicker than to make it."""
    return pl.lit(constant.value, dtype=kind_type(constant.kind))


class _Emitter:
    def __init__(self, lowered: Lowered) -> None:
        self._names = lowered.names

    def expression(self, node: Expression) -> pl.Expr:
        match node:
            case Input():
                return pl.col(node.name)
            case Constant():
                return _literal(node)
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
