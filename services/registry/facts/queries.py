"""Reads of facts."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.registry.facts.columns import FACTS, FIGURES, IDS
from services.registry.facts.statement import (
    division_statement,
    statement_for_one,
    statement_for_some,
)
from services.registry.recording.stating import FactColumn, SubjectKind
from shared.db.database import DriverConnection
from shared.problems import NotFound
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.values.money import format_fen
from shared.web.row_pages import Row


async def read_facts(
    driver: DriverConnection, kind: SubjectKind, subject_id: Any, caller: Caller, as_of: date
) -> dict[str, Any]:
    """Return one subject's statement.

    Raises:
        NotFound: it is not in the register of the caller's division on that day.

    """
    text, values = statement_for_one(kind, subject_id, caller.division, as_of)
    row = await driver.fetchrow(text, *values)
    if row is None:
        raise NotFound(
            Bilingual(
                f"该日期在您的区划范围内没有在册对象 {subject_id}；请核对编号和日期。",
                f"{subject_id} is not in the register of your division on that day; "
                "check id and date.",
            )
        )
    return _statement(kind, row, as_of)


async def look_up_facts(
    driver: DriverConnection, kind: SubjectKind, ids: Sequence[Any], caller: Caller, as_of: date
) -> dict[str, Any]:
    """Return the statements of many subjects, and the ids that are not in the register."""
    text, values = statement_for_some(kind, ids, caller.division, as_of)
    async with driver.transaction():
        # A plan kept for lists of any length loops over lists: a thousand ids took ten seconds.
        await driver.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        rows = await driver.fetch(text, *values)
    items = [_statement(kind, row, as_of) for row in rows]
    known = {item["subject"]["id"] for item in items}
    return {"items": items, "missing": [str(one) for one in ids if str(one) not in known]}


async def read_division_facts(
    driver: DriverConnection, division: str, as_of: date
) -> dict[str, Any]:
    """Return the facts that are recorded of a division as a whole."""
    text, values = division_statement(division, as_of)
    [row] = await driver.fetch(text, *values)
    subject = {"kind": "division", "id": division, "division": division}
    return {"subject": subject, "as_of": as_of, "facts": _facts(FIGURES, row)}


def _statement(kind: SubjectKind, row: Row, as_of: date) -> dict[str, Any]:
    subject = {"kind": kind, "id": row[IDS[kind][0]], "division": row["village_code"]}
    return {"subject": subject, "as_of": as_of, "facts": _facts(FACTS[kind], row)}


def _facts(columns: Sequence[FactColumn], row: Row) -> dict[str, dict[str, Any]]:
    return {column.name: _fact(column, row) for column in columns if row[column.name] is not None}


def _fact(column: FactColumn, row: Row) -> dict[str, Any]:
    value = row[column.name]
    return {
        "value": format_fen(value) if column.measure == "money" else value,
        "date": row[column.dated_by] if column.dated_by else None,
        "recorded_by": row[column.recorded_by],
    }
