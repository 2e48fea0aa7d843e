"""The columnar backend: the checked trees of one subject as Polars expressions, with the reference backend's meaning cell by cell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Literal

import polars as pl

from services.rules.engine import tree
from services.rules.engine.columns import MASK, STALE, checked, mask_column, polars_type
from services.rules.engine.declarations import Parameter, ParameterValue, Rule
from services.rules.engine.plan import BITS_A_WORD, Plan, Resolution, resolve

_ZERO = pl.lit(0, dtype=MASK)


def judge_columns(
    plan: Plan, frame: pl.DataFrame | pl.LazyFrame, as_of: date, division_column: str | None
) -> pl.DataFrame:
    """Judge every row.

    frame: one row a subject; a column for every fact of the plan (null is unknown, money Int64 fen, codes String) and for every
    date column (Date); `division_column` holds the 12-digit division that parameters are resolved for (None: the province's
    own values only). Other columns pass through.

    Gives those other columns, a nullable Boolean a rule that decides (true met, false not met, null undetermined),
    `missing:<rule>` with the bits of `plan.needs` that an undetermined answer waits for, and `stale` with those of stale facts.
    Plans with more than 64 needs have further words, `missing:<rule>:1` and so on.

    Raises ColumnMissing, ColumnTypeRefused or ColumnOutOfRange.
    """
    frame = checked(plan, frame.lazy().collect(), division_column)
    passed = [name for name in frame.columns if name not in _fact_columns(plan)]
    frame = _with_parameters(plan, frame, as_of, division_column)
    varying = frozenset(parameter.name for parameter in _varying(plan))
    columns = _Columns(plan, resolve(plan, as_of, None), varying)
    lazy = frame.lazy().with_columns(columns.facts()).with_columns(columns.fact_masks())
    for rule in plan.rules:
        lazy = columns.with_rule(lazy, rule)
    outputs: list[str | pl.Expr] = [*passed]
    for rule in plan.rules:
        if rule.decides:
            outputs.append(pl.col(f"rule:{rule.name}").alias(rule.name))
            outputs += [columns.rule_mask(rule, word) for word in range(plan.words)]
    outputs += [columns.stale(word) for word in range(plan.words)]
    return lazy.select(outputs).collect()


def _fact_columns(plan: Plan) -> set[str]:
    names = {fact.name for fact in plan.facts}
    return names | {fact.dated_by for fact in plan.facts if fact.dated_by is not None}


def _varying(plan: Plan) -> list[Parameter]:
    return [parameter for parameter in plan.parameters if parameter.varies_by_division]


def _with_parameters(
    plan: Plan, frame: pl.DataFrame, as_of: date, division_column: str | None
) -> pl.DataFrame:
    """The frame with a column `parameter:<name>` for each parameter that varies by division."""
    varying = _varying(plan)
    divisions = [None]
    if division_column is not None:
        divisions = frame.get_column(division_column).unique().to_list()
    columns = {
        f"parameter:{parameter.name}": pl.Series(
            [_value(parameter.at(as_of, division)) for division in divisions], dtype=pl.Int64
        )
        for parameter in varying
    }
    if division_column is None:
        return frame.with_columns(
            pl.lit(values.first(), pl.Int64).alias(name) for name, values in columns.items()
        )
    table = pl.DataFrame({division_column: divisions, **columns}).cast(
        {division_column: frame.schema[division_column]}
    )
    return frame.join(
        table, on=division_column, how="left", nulls_equal=True, maintain_order="left"
    )


def _value(resolved: ParameterValue | None) -> int | None:
    return None if resolved is None else resolved.value


@dataclass(frozen=True, slots=True)
class _Columns:
    plan: Plan
    resolution: Resolution
    varying: frozenset[str]

    def facts(self) -> Iterable[pl.Expr]:
        """`fact:<name>` with the usable value, `old:<name>` where a value is there and stale."""
        for fact in self.plan.facts:
            value = pl.col(fact.name).cast(polars_type(fact.type))
            if fact.dated_by is None or fact.fresh_for is None:
                yield value.alias(f"fact:{fact.name}")
            else:
                fresh = self._fresh(fact.dated_by, fact.fresh_for)
                yield pl.when(fresh).then(value).alias(f"fact:{fact.name}")
                yield (value.is_not_null() & ~fresh).alias(f"old:{fact.name}")

    def _fresh(self, dated_by: str, fresh_for: str) -> pl.Expr:
        """True where a value holds no later than the date of judgement and no longer ago than it stays fresh."""
        age = (pl.lit(self.resolution.as_of, dtype=pl.Date) - pl.col(dated_by)).dt.total_days()
        return ((age >= 0) & (age <= self._parameter(fresh_for))).fill_null(False)

    def _parameter(self, name: str) -> pl.Expr:
        if name in self.varying:
            return pl.col(f"parameter:{name}")
        return pl.lit(self.resolution.values[name], dtype=pl.Int64)

    def _bit(self, kind: Literal["fact", "parameter", "rule"], name: str, word: int) -> pl.Expr:
        """The bit of a need within a word, 0 when it stands in another word."""
        bit = self.plan.bit(kind, name) >> (word * BITS_A_WORD)
        return pl.lit(bit, dtype=MASK) if bit < 1 << BITS_A_WORD else _ZERO

    def fact_masks(self) -> Iterable[pl.Expr]:
        """`mask:<fact>:<word>`: the fact's bit where it is unknown, or its freshness parameter's where nobody set that."""
        for fact in self.plan.facts:
            for word in range(self.plan.words):
                own = self._bit("fact", fact.name, word)
                unknown = pl.col(f"fact:{fact.name}").is_null()
                mask = pl.when(unknown).then(own).otherwise(_ZERO)
                if fact.fresh_for is not None:
                    undecided = (
                        pl.col(f"old:{fact.name}") & self._parameter(fact.fresh_for).is_null()
                    )
                    other = self._bit("parameter", fact.fresh_for, word)
                    mask = pl.when(undecided).then(other).otherwise(mask)
                yield mask.alias(f"mask:{fact.name}:{word}")

    def stale(self, word: int) -> pl.Expr:
        bits = [
            pl.when(pl.col(f"old:{fact.name}"))
            .then(self._bit("fact", fact.name, word))
            .otherwise(_ZERO)
            for fact in self.plan.facts
            if fact.fresh_for is not None
        ]
        return _union(bits).alias(mask_column(STALE, word))

    def rule_mask(self, rule: Rule, word: int) -> pl.Expr:
        return pl.col(f"missing:{rule.name}:{word}").alias(
            mask_column(f"missing:{rule.name}", word)
        )

    def with_rule(self, frame: pl.LazyFrame, rule: Rule) -> pl.LazyFrame:
        """Adds `rule:<name>` and its masks, by way of a column a condition so that nothing is computed twice."""
        words = range(self.plan.words)
        if not rule.in_force(self.resolution.as_of):
            return frame.with_columns(
                pl.lit(None, dtype=polars_type(rule.node.type)).alias(f"rule:{rule.name}"),
                *(
                    self._bit("rule", rule.name, word).alias(f"missing:{rule.name}:{word}")
                    for word in words
                ),
            )
        value = self.value(rule.node).alias(f"rule:{rule.name}")
        masks = [self.mask(rule.node, word).alias(f"missing:{rule.name}:{word}") for word in words]
        return frame.with_columns(value, *masks)

    def value(self, node: tree.Node) -> pl.Expr:  # noqa: C901, PLR0912 - one case a node type
        """The value of a node, null when it is unknown."""
        match node:
            case tree.Constant():
                return pl.lit(node.value, dtype=polars_type(node.type))
            case tree.FactReference():
                return pl.col(f"fact:{node.name}")
            case tree.ParameterReference():
                return self._parameter(node.name)
            case tree.RuleReference():
                return pl.col(f"rule:{node.name}")
            case tree.Arithmetic():
                return _binary(node.operator, self.value(node.left), self.value(node.right))
            case tree.Comparison():
                return _binary(node.operator, self.value(node.left), self.value(node.right))
            case tree.PerCapita():
                amount, persons = self.value(node.amount), self.value(node.persons)
                return (amount * 2 + persons) // (persons * 2)
            case tree.DaysBetween():
                return (self.value(node.end) - self.value(node.start)).dt.total_days()
            case tree.Membership():
                operand = self.value(node.operand)
                return reduce(or_, [operand == code for code in node.codes])
            case tree.Negation():
                return ~self.value(node.operand)
            case tree.AllOf():
                return pl.all_horizontal([self.value(part) for part in node.operands])
            case tree.AnyOf():
                return pl.any_horizontal([self.value(part) for part in node.operands])
            case tree.Case():
                return self._case(
                    node, self._values(node), pl.lit(None, dtype=polars_type(node.type))
                )

    def _values(self, node: tree.Case) -> Sequence[tuple[pl.Expr, pl.Expr]]:
        unknown = pl.lit(None, dtype=polars_type(node.type))
        return [(unknown, self.value(value)) for _, value in node.branches]

    def _case(
        self, node: tree.Case, branches: Sequence[tuple[pl.Expr, pl.Expr]], otherwise: pl.Expr
    ) -> pl.Expr:
        """For each branch what an unknown guard gives and what a true one gives, tried in order."""
        result = otherwise
        for (guard_node, _), (unknown, met) in reversed(
            list(zip(node.branches, branches, strict=True))
        ):
            guard = self.value(guard_node)
            result = pl.when(guard.is_null()).then(unknown).when(guard).then(met).otherwise(result)
        return result

    def mask(self, node: tree.Node, word: int) -> pl.Expr:
        """The needs that an unknown value waits for, 0 where the value is known."""
        match node:
            case tree.Constant():
                return _ZERO
            case tree.FactReference():
                return pl.col(f"mask:{node.name}:{word}")
            case tree.ParameterReference():
                bit = self._bit("parameter", node.name, word)
                if node.name not in self.varying:
                    return bit if self.resolution.values[node.name] is None else _ZERO
                return pl.when(self._parameter(node.name).is_null()).then(bit).otherwise(_ZERO)
            case tree.RuleReference():
                return pl.col(f"missing:{node.name}:{word}")
            case tree.AllOf() | tree.AnyOf():
                waiting = _union([self.mask(part, word) for part in node.operands])
                return pl.when(self.value(node).is_null()).then(waiting).otherwise(_ZERO)
            case tree.Case():
                branches = [
                    (self.mask(guard, word), self.mask(value, word))
                    for guard, value in node.branches
                ]
                return self._case(node, branches, _ZERO)
            case _:
                return _union([self.mask(part, word) for part in tree.children(node)])


def _union(masks: Sequence[pl.Expr]) -> pl.Expr:
    return reduce(or_, masks, _ZERO)


_BINARY: Mapping[str, str] = {
    "+": "__add__",
    "-": "__sub__",
    "*": "__mul__",
    "=": "__eq__",
    "<>": "__ne__",
    "<": "__lt__",
    "<=": "__le__",
    ">": "__gt__",
    ">=": "__ge__",
}


def _binary(operator: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    result: pl.Expr = getattr(left, _BINARY[operator])(right)
    return result
