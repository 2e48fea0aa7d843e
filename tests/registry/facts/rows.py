"""Rows of the register, put there without the application, and the statement that reads them."""

from datetime import date
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg

from services.registry.facts.statement import statement_for_all
from shared.values.divisions import span
from tests.registry.samples import VILLAGE

STAMPS = {
    "version": 1,
    "recorded_by": "tester",
    "created_at": "2020-10-01T00:00:00Z",
    "updated_at": "2020-10-01T00:00:00Z",
}


def statement(as_of: date, division: str = "330000000000") -> bytes:
    return statement_for_all("household", span(division), as_of).encode()


def record(
    registry: psycopg.Connection[dict[str, Any]],
    household_id: UUID,
    members: list[dict[str, Any]],
    entries: list[dict[str, Any]],
    checks: list[dict[str, Any]],
    found: list[dict[str, Any]],
    **household: Any,
) -> None:
    """Put one household and what belongs to it into the register, without the application."""
    insert(
        registry,
        "households",
        {
            "id": household_id,
            "village_code": VILLAGE,
            "number": str(household_id),
            "county": VILLAGE[:6],
            "category": "dibao",
            "other_causes": [],
            "registered_on": date(2019, 10, 1),
            **household,
        },
    )
    person = {
        "name": "（虚构）",
        "document_type": "other",
        "document_masked": "*",
        "document_sealed": b"",
        "relation_to_head": "other",
    }
    inspection = {"inspector": "（虚构）", "department": "（虚构）"}
    belongs = {"household_id": household_id, "village_code": VILLAGE}
    for member in members:
        content = belongs | person | member
        insert(registry, "members", content | {"id": uuid4(), "document_digest": uuid4().bytes})
    for entry in entries:
        insert(registry, "income_entries", belongs | entry | {"id": uuid4()})
    for check in checks:
        insert(registry, "guarantee_checks", belongs | inspection | check | {"id": uuid4()})
    for check in found:
        insert(registry, "circumstances", belongs | inspection | check | {"id": uuid4()})


def insert(
    registry: psycopg.Connection[dict[str, Any]], table: LiteralString, content: dict[str, Any]
) -> None:
    row = content | STAMPS
    names, marks = ", ".join(row), ", ".join(f"%({name})s" for name in row)
    registry.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})".encode(), row)  # noqa: S608
