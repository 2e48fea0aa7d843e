"""The contract of a table of facts: which columns, of which types, within which ranges."""

import polars as pl

from services.rules.engine.declarations import Fact
from services.rules.engine.errors import ColumnMissing, ColumnOutOfRange, ColumnTypeRefused
from services.rules.engine.facts import expected
from services.rules.engine.plan import Plan
from services.rules.engine.units import Kind, Type

MASK = pl.UInt64
STALE = "stale"

_TYPES: dict[Kind, pl.DataType] = {
    Kind.INTEGER: pl.Int64(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.CODE: pl.String(),
    Kind.DATE: pl.Date(),
}


def polars_type(type_: Type) -> pl.DataType:
    """The column type of a checked type; money is Int64 fen."""
    return _TYPES[type_.kind]


def mask_column(name: str, word: int) -> str:
    """The column of a mask's word; the first word carries the bare name."""
    return name if word == 0 else f"{name}:{word}"


def checked(plan: Plan, frame: pl.DataFrame, division_column: str | None) -> pl.DataFrame:
    """The frame itself, when it has every column of the plan with the right type and no value outside its range.

    Raises ColumnMissing, ColumnTypeRefused or ColumnOutOfRange.
    """
    dates = {fact.dated_by for fact in plan.facts if fact.dated_by is not None and fact.fresh_for}
    names = {fact.name for fact in plan.facts} | dates
    if division_column is not None:
        names.add(division_column)
    if missing := sorted(names - set(frame.columns)):
        raise ColumnMissing(names=", ".join(missing))
    for fact in plan.facts:
        _check_type(fact.name, frame.schema[fact.name], polars_type(fact.type))
    for name in sorted(dates):
        _check_type(name, frame.schema[name], pl.Date())
    limited = [fact for fact in plan.facts if fact.type.kind in (Kind.INTEGER, Kind.CODE)]
    if limited:
        counts = frame.select(_outside(fact).sum().alias(fact.name) for fact in limited).row(0)
        for fact, count in zip(limited, counts, strict=True):
            if count:
                words = expected(fact)
                raise ColumnOutOfRange(
                    name=fact.name, count=count, expected_zh=words.zh, expected_en=words.en
                )
    return frame


def _check_type(name: str, found: pl.DataType, wanted: pl.DataType) -> None:
    same = found.is_integer() and found != pl.UInt64 if wanted == pl.Int64 else found == wanted
    text = wanted == pl.String and found in (pl.Categorical, pl.Enum)
    if not (same or text or found == pl.Null):
        raise ColumnTypeRefused(name=name, found=found, expected=wanted)


def _outside(fact: Fact) -> pl.Expr:
    column = pl.col(fact.name)
    if fact.type.kind is Kind.CODE:
        return ~column.cast(pl.String).is_in(fact.type.codes)
    return ~column.cast(pl.Int64).is_between(fact.type.low, fact.type.high)
