"""Column types that several services use."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, String, and_
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeDecorator

from shared.values.divisions import span
from shared.values.money import Fen

Division = String(12, collation="C")
"""A division's code; sorted by code point, so that a division is one range."""


def within(
    column: InstrumentedAttribute[Any] | ColumnElement[Any], division: str
) -> ColumnElement[bool]:
    """Return the condition that a row belongs to a division or to one inside it."""
    first, past_last = span(division)
    return and_(column >= first, column < past_last)


class Money(TypeDecorator[Fen]):
    """An amount as a whole number of fen."""

    impl = BigInteger
    cache_ok = True

    @property
    def python_type(self) -> type[Any]:
        return int

    def process_bind_param(self, value: int | None, _dialect: Dialect) -> int | None:
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> Fen | None:
        return None if value is None else Fen(value)
