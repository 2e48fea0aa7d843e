"""What a number in a cell stands for: a date, a time, a span, or just the number."""

import re
from enum import Enum
from typing import Any

from services.registry.imports.files.tables import Special

_DAY_MS = 86_400_000
_LAST_SERIAL = 2_958_465  # 9999-12-31
_ORDINAL_1900 = 693_594  # 1899-12-30, from which serials count after the leap day that never was
_ORDINAL_1904 = 695_056  # 1904-01-01
_PHANTOM = 60  # 29 February 1900, which Lotus 1-2-3 believed in

# What is written as it stands: in quotes, behind a backslash, for spacing or filling.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKETS = re.compile(r"\[([^\]]*)\]")
_SPAN = re.compile(r"h+|m+|s+", re.IGNORECASE)
_ZEROS = re.compile("0{2,}")
_DATE_LETTER = re.compile(r"[ymdhs]|上午|下午|aaa", re.IGNORECASE)


class Shape(Enum):
    """What a number format shows a number as."""

    NUMBER = 0
    MOMENT = 1
    SPAN = 2
    PARTIAL = 3
    """A moment without its day, its month or its year: what is not shown is not meant."""


_BUILT_IN = {
    **dict.fromkeys([14, 15, 22, 30, 31], Shape.MOMENT),
    **dict.fromkeys(
        [*range(16, 22), *range(27, 30), *range(32, 37), 45, 47, *range(50, 59)], Shape.PARTIAL
    ),
    46: Shape.SPAN,
}


def shape_of(identifier: int, code: str | None) -> Shape | int:
    """Return what a number format shows; ``code`` is None for the formats that programs know.

    The Chinese date formats among those are 27 to 36 and 50 to 58. A number of digits stands for a
    format that fills up with zeros to it.
    """
    if code is None:
        return _BUILT_IN.get(identifier, Shape.NUMBER)
    if _ZEROS.fullmatch(code):
        return len(code)
    first = _LITERAL.sub("", code).partition(";")[0]
    if any(_SPAN.fullmatch(inside) for inside in _BRACKETS.findall(first)):
        return Shape.SPAN
    first = _BRACKETS.sub("", first)
    if first.strip().lower() == "general":
        return Shape.NUMBER
    if not _DATE_LETTER.search(first):
        return Shape.NUMBER
    whole = all(letter in first.lower() for letter in "ymd")
    return Shape.MOMENT if whole else Shape.PARTIAL


def moment(serial: float, shape: Shape, *, from_1904: bool) -> Special | None:
    """Return what a serial number shows, or None if it shows no day that there is."""
    if shape is Shape.SPAN:
        return ("span", round(serial * _DAY_MS)) if 0 <= serial <= _LAST_SERIAL else None
    if not 0 <= serial <= _LAST_SERIAL + 1:
        return None
    days, milliseconds = divmod(round(serial * _DAY_MS), _DAY_MS)
    if days == 0 and not from_1904:
        return ("time", milliseconds)
    if from_1904:
        ordinal = _ORDINAL_1904 + days
    elif days == _PHANTOM:
        return None
    else:
        ordinal = _ORDINAL_1900 + days + (days < _PHANTOM)
    if ordinal > _ORDINAL_1900 + _LAST_SERIAL:
        return None
    result: tuple[Any, ...] = ("datetime", ordinal, milliseconds)
    return result if milliseconds else ("date", ordinal)
