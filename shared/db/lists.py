"""Lists in statements: each travels as one array, so that no statement grows with its input.

A list written out – ``IN (…)`` with a parameter a value, ``VALUES`` with a row a record – makes the
statement as long as what a caller sends; the server then runs out of stack or of parameters. Here
ten ids and a hundred thousand make the same statement.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    Table,
    Text,
    any_,
    column,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute
from sqlalchemy.types import TypeEngine


def any_of(wanted: InstrumentedAttribute[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Return the condition that a column holds one of some values."""
    return wanted == any_(_array(wanted.type, values))


def any_row_of(
    wanted: Sequence[InstrumentedAttribute[Any]], rows: Iterable[Sequence[Any]]
) -> ColumnElement[bool]:
    """Return the condition that columns together hold one of some rows of values."""
    return tuple_(*wanted).in_(select(_rows([(one.key, one.type) for one in wanted], rows)))


def insert_all(table: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]]) -> Insert:
    """Return the statement that inserts rows, all of which name the same columns.

    It is PostgreSQL's own, so that it may go on with ``on_conflict_do_update``.
    """
    target = table.__table__
    assert isinstance(target, Table)  # noqa: S101 - the mapped classes of this house are tables
    names = list(rows[0])
    values = ([row[name] for name in names] for row in rows)
    given = _rows([(name, target.c[name].type) for name in names], values)
    return insert(table).from_select(names, _whole(given))


def _whole(rows: FromClause) -> Select[Any]:
    return select(*rows.c)


def _rows(
    columns: Sequence[tuple[str, TypeEngine[Any]]], rows: Iterable[Sequence[Any]]
) -> FromClause:
    by_column = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = (_array(kind, values) for (_, kind), values in zip(columns, by_column, strict=True))
    named = (column(name, kind) for name, kind in columns)
    return func.unnest(*arrays).table_valued(*named).render_derived()


def _array(kind: TypeEngine[Any], values: Iterable[Any]) -> ColumnElement[Any]:
    # An array is cast to its type: one of texts with a length would be cut to it in silence.
    element = Text() if isinstance(kind, String) else kind
    return literal(list(values), ARRAY(element))
