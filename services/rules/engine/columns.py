"""The contract of a table of facts: which columns, of which types, within which ranges."""

from collections.abc import Mapping
from typing import Any, cast

import polars as pl

from services.rules.engine.declarations import Fact, StatedBy
from services.rules.engine.errors import EngineError
from services.rules.engine.facts import expected
from services.rules.engine.layers import ColumnKind
from services.rules.engine.plan import Plan
from services.rules.engine.units import Kind, Type

MASK = pl.UInt64
DIVISION = "^[0-9]{12}$"


_TYPES: dict[ColumnKind, pl.DataType] = {
    "mask": MASK(),
    Kind.INTEGER: pl.Int64(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.CODE: pl.String(),
    Kind.DATE: pl.Date(),
}


def polars_type(type_: Type) -> pl.DataType:
    """The column type of a checked type; money is Int64 fen."""
    return kind_type(type_.kind)


def kind_type(kind: ColumnKind) -> pl.DataType:
    """The column type of a kind of value or of a word of a mask."""
    return _TYPES[kind]


def column_names(plan: Plan) -> set[str]:
    """The columns of a plan's facts and of their dates."""
    names = {fact.name for fact in plan.facts}
    return names | {fact.dated_by for fact in plan.facts if fact.dated_by is not None}


def needed_dates(plan: Plan) -> set[str]:
    """The columns of the days on which facts were found out."""
    return {fact.dated_by for fact in plan.facts if fact.dated_by is not None}


def checked(plan: Plan, frame: pl.DataFrame, division_column: str | None) -> pl.DataFrame:
    """The frame with the plan's facts as they are computed with: whole numbers as Int64, codes as an Enum.

    Facts that the asker states, and days by which nothing ages, come as nulls where they have no column. Raises an EngineError.
    """
    check_schema(plan, frame.schema, division_column)
    dates = needed_dates(plan)
    absent = [fact for fact in plan.facts if fact.name not in frame.columns]
    read = frame.with_columns(
        *(pl.lit(None).alias(name) for name in dates - set(frame.columns)),
        *(pl.lit(None).alias(fact.name) for fact in absent),
    ).with_columns(
        *(pl.col(name).cast(pl.Date) for name in dates),
        *(pl.col(fact.name).cast(_computed(fact.type), strict=False) for fact in plan.facts),
    )
    for fact in plan.facts:
        if count := _outside(fact, read.get_column(fact.name), frame):
            raise values_refused(fact, count)
    return read


def check_schema(
    plan: Plan, schema: Mapping[str, pl.DataType], division_column: str | None
) -> None:
    """That every column is there and has its type. Raises an EngineError."""
    asked = [fact for fact in plan.facts if fact.stated_by is StatedBy.ASKER]
    aging = {fact.dated_by for fact in plan.facts if fact.fresh_for is not None}
    optional = {name for fact in asked for name in (fact.name, fact.dated_by)}
    optional |= needed_dates(plan) - aging
    names = {fact.name for fact in plan.facts} | needed_dates(plan)
    if division_column is not None:
        names.add(division_column)
    if missing := sorted(names - optional - schema.keys()):
        raise EngineError("facts-column-missing", names=", ".join(missing))
    wanted = {
        **{fact.name: polars_type(fact.type) for fact in plan.facts},
        **dict.fromkeys(sorted(needed_dates(plan)), pl.Date()),
        **({} if division_column is None else {division_column: pl.String()}),
    }
    for name, type_ in wanted.items():
        if name in schema:
            _check_type(name, schema[name], type_)


def check_divisions(name: str, divisions: pl.Series) -> None:
    """That every division is a 12-digit code or unknown. Raises an EngineError."""
    if count := (~divisions.cast(pl.String).str.contains(DIVISION)).sum():
        raise divisions_refused(name, int(count))


def divisions_refused(name: str, count: int) -> EngineError:
    """The refusal of so many rows of a column of divisions."""
    return EngineError(
        "facts-column-range",
        name=name,
        count=count,
        expected_zh="12 位数字的区划代码",
        expected_en="a division code of 12 digits",
    )


def values_refused(fact: Fact, count: int) -> EngineError:
    """The refusal of so many rows of a fact's column."""
    words = expected(fact)
    return EngineError(
        "facts-column-range",
        name=fact.name,
        count=count,
        expected_zh=words.zh,
        expected_en=words.en,
    )


def _check_type(name: str, found: pl.DataType, wanted: pl.DataType) -> None:
    same = found.is_integer() and found != pl.UInt64 if wanted == pl.Int64 else found == wanted
    text = wanted == pl.String and found in (pl.Categorical, pl.Enum)
    if not (same or text or found == pl.Null):
        raise EngineError("facts-column-type", name=name, found=found, expected=wanted)


def _computed(type_: Type) -> pl.DataType:
    return pl.Enum(type_.codes) if type_.kind is Kind.CODE else polars_type(type_)


def _outside(fact: Fact, read: pl.Series, frame: pl.DataFrame) -> int:
    """How many rows hold something that the fact's declaration does not allow."""
    match fact.type.kind:
        case Kind.CODE if fact.name in frame.columns:
            return read.null_count() - frame.get_column(fact.name).null_count()
        case Kind.INTEGER:
            low, high = cast("Any", read.min()), cast("Any", read.max())
            if low is not None and (low < fact.type.low or high > fact.type.high):
                return int((~read.is_between(fact.type.low, fact.type.high)).sum())
    return 0
