"""Parts of a run into the database by COPY, and out of it again when the run comes to nothing."""

import io
from dataclasses import asdict
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.rules.runs.parts.judging import Part
from services.rules.runs.parts.packing import COPY_HEADER, COPY_TRAILER
from services.rules.runs.tables import (
    RunFindingRow,
    RunFlipRow,
    RunOutcomeRow,
    RunPartRow,
    RunRow,
    RunTotalRow,
)
from shared.db.database import DriverConnection
from shared.ids import new_id
from shared.jobs.tables import FINAL, JobRow

OUTCOMES = (
    "run_id",
    "kind",
    "village_code",
    "subject_id",
    "met",
    "undetermined",
    "missing",
    "stale",
    "later",
    "undated",
)
TOTALS = ("run_id", "kind", "township", "subjects", "met", "undetermined")
FLIPS = ("run_id", "village_code", "subject_id", "rule", "before", "after")
FINDINGS = ("id", "run_id", "check", "division", "figures", "subjects")
PARTS = (
    "run_id",
    "part",
    "households",
    "villages",
    "weak_villages",
    "household_facts",
    "village_facts",
)


async def write_part(driver: DriverConnection, run_id: UUID, part: Part) -> None:
    """Write a part, in the transaction that is open on ``driver``."""
    for table, columns, rows in (
        ("run_outcomes", [*OUTCOMES], part.outcomes),
        ("run_flips", [*FLIPS], part.flips),
    ):
        source = io.BytesIO(COPY_HEADER + rows + COPY_TRAILER)
        await driver.copy_to_table(table, source=source, columns=columns, format="binary")
    findings = [
        (new_id(), run_id, one.check, one.division, _json(one.figures), one.subjects)
        for one in part.findings
    ]
    counts, facts = part.subjects, part.facts
    whole: tuple[Any, ...] = (
        *(run_id, part.code, counts["household"], counts["village"]),
        *(_json(asdict(part.weak_villages)), facts["household"], facts["village"]),
    )
    totals = [(run_id, *row) for row in part.totals]
    copies: list[tuple[str, list[str], list[tuple[Any, ...]]]] = [
        ("run_totals", [*TOTALS], [*totals]),
        ("run_findings", [*FINDINGS], [*findings]),
        ("run_parts", [*PARTS], [whole]),
    ]
    for table, columns, records in copies:
        if records:
            await driver.copy_records_to_table(table, columns=columns, records=records)


async def forget_unpublished(session: AsyncSession, which: ColumnElement[bool]) -> None:
    """Delete what was stored of runs that never were published; the runs themselves stay."""
    runs = select(RunRow.id).where(RunRow.published_at.is_(None), which)
    for table in (RunOutcomeRow, RunFlipRow, RunTotalRow, RunFindingRow, RunPartRow):
        await session.execute(delete(table).where(table.run_id.in_(runs)))


def is_over() -> ColumnElement[bool]:
    """Return the condition that a run's job has ended, however it did."""
    return RunRow.id.in_(select(JobRow.id).where(JobRow.state.in_(FINAL)))


def _json(document: object) -> str:
    return orjson.dumps(document).decode()
