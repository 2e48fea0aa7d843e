"""Addresses of cells: ``B3``, ``B3:D9``."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from services.registry.imports.files.limits import COLUMNS
from services.registry.imports.files.markup import Malformed
from services.registry.imports.files.tables import Rect

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})", re.ASCII)


def cell_of(address: str) -> tuple[int, int]:
    """Return row and column of an address, from 1. Raises Malformed."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise Malformed
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    row = int(found[2])
    if not (0 < row <= LAST_ROW and column <= LAST_COLUMN):
        raise Malformed
    return row, column


def rect_of(reach: str) -> Rect:
    """Return the corners of a range. Raises Malformed."""
    first, _, last = reach.partition(":")
    (top, left), (bottom, right) = cell_of(first), cell_of(last or first)
    if top > bottom or left > right:
        raise Malformed
    return top, left, bottom, right


def letters_of(column: int) -> str:
    """Return the letters of a column, from 1."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


COLUMN_OF: Mapping[str, int] = MappingProxyType(
    {letters_of(column): column for column in range(1, COLUMNS + 1)}
)
"""The columns that are kept, by their letters."""
