"""Keyset pages for hot lists: rows of the bare driver, written as JSON without models between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import asyncpg
import orjson

from shared.db.database import DriverConnection
from shared.values.divisions import span
from shared.web.pages import PageRequest

Row: TypeAlias = asyncpg.Record


@dataclass(frozen=True)
class RowOrder:
    """An order of a list: (column, its SQL type) pairs, never null, the last one unique."""

    columns: Sequence[tuple[str, str]]
    descending: bool = False

    @property
    def name(self) -> str:
        """The order's name in cursors."""
        return ("-" if self.descending else "") + ",".join(name for name, _ in self.columns)


def as_json(document: dict[str, Any]) -> bytes:
    """Return a document of row values as JSON; ids of the driver's own type become text."""
    return orjson.dumps(document, default=str, option=orjson.OPT_UTC_Z)


def document(row: Row, nested: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return a row as a document for :func:`as_json`.

    ``nested`` names by column of type record the members of the object that it stands for.
    """
    found = dict(row)
    for name, members in nested.items():
        if found[name] is not None:
            found[name] = dict(zip(members, found[name], strict=True))
    return found


def rows_within(column: str, division: str) -> list[tuple[str, Any]]:
    """Return the conditions that a row belongs to a division or to one inside it."""
    first, past_last = span(division)
    return [(f"{column} >= {{}}", first), (f"{column} < {{}}", past_last)]


async def read_row_page(
    driver: DriverConnection,
    columns: str,
    table: str,
    where: Sequence[tuple[str, Any]],
    order: RowOrder,
    asked: PageRequest,
    *,
    nested: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> bytes:
    """Return a page of a table as the JSON of ``shared.web.pages.Page``.

    ``columns`` are the members of an item and must include the order's columns; ``where`` holds
    conditions with ``{}`` for their value, ``nested`` the members of columns of records. Table, columns and conditions are the caller's own text,
    never a request's; every value travels as a parameter.

    Raises:
        InvalidCursor: the cursor belongs to another list or order.

    """
    conditions, values = _numbered(where)
    source = f"FROM {table} WHERE {' AND '.join(conditions) or 'true'}"
    position = asked.position(order.name)
    total = await driver.fetchval(f"SELECT count(*) {source}", *values) if asked.count else None
    if position is not None:
        marks = ", ".join(
            f"${len(values) + place}::text::{kind}"
            for place, (_, kind) in enumerate(order.columns, start=1)
        )
        names = ", ".join(name for name, _ in order.columns)
        source += f" AND ({names}) {'<' if order.descending else '>'} ({marks})"
        values.extend(position)
    direction = " DESC" if order.descending else ""
    sorting = ", ".join(name + direction for name, _ in order.columns)
    rows = await driver.fetch(
        f"SELECT {columns} {source} ORDER BY {sorting} LIMIT {asked.limit + 1}",
        *values,
    )
    page: dict[str, Any] = {
        "items": [document(row, nested) for row in rows[: asked.limit]],
        "next": None,
    }
    if len(rows) > asked.limit:
        last = rows[asked.limit - 1]
        page["next"] = asked.next_cursor(order.name, [str(last[name]) for name, _ in order.columns])
    if total is not None:
        page["total"] = total
    return as_json(page)


def _numbered(where: Sequence[tuple[str, Any]]) -> tuple[list[str], list[Any]]:
    conditions = [text.format(f"${place}") for place, (text, _) in enumerate(where, start=1)]
    return conditions, [value for _, value in where]
