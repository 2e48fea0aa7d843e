"""How a subject was judged over time: by published runs, and by determinations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.rules.determinations.places import lies_within
from services.rules.determinations.tables import DeterminationRow
from services.rules.runs.parts.domain import Order
from services.rules.runs.schemas import PastOutcome
from services.rules.runs.tables import RunOutcomeRow, RunRow
from services.rules.subjects import SubjectKind
from shared.db.columns import within
from shared.security.access import Caller
from shared.web.pages import Page, PageRequest

ORDER = "-judged_at,source_id"


async def list_past(
    session: AsyncSession, caller: Caller, kind: SubjectKind, subject_id: str, asked: PageRequest
) -> Page[PastOutcome]:
    """Return a page of a subject's outcomes within the caller's division, newest first."""
    position = asked.position(ORDER)
    last = None if position is None else (datetime.fromisoformat(position[0]), UUID(position[1]))
    runs = _runs(caller, kind, subject_id)
    determinations = _determinations(caller, kind, subject_id)
    found = sorted(
        [
            *await _judged_by_runs(session, runs, kind, last, asked.limit + 1),
            *await _determined(session, determinations, last, asked.limit + 1),
        ],
        key=lambda one: (one.judged_at, one.source_id),
        reverse=True,
    )
    page = found[: asked.limit]
    cursor = None
    if len(found) > asked.limit:
        cursor = asked.next_cursor(ORDER, [page[-1].judged_at.isoformat(), str(page[-1].source_id)])
    total = None
    if asked.count:
        total = await _count(session, runs) + await _count(session, determinations)
    return Page(items=page, next=cursor, total=total)


def _runs(caller: Caller, kind: SubjectKind, subject_id: str) -> Select[RunOutcomeRow, RunRow]:
    return (
        select(RunOutcomeRow, RunRow)
        .join(RunRow, RunRow.id == RunOutcomeRow.run_id)
        .where(
            RunOutcomeRow.subject_id == subject_id,
            RunOutcomeRow.kind == kind,
            lies_within(RunOutcomeRow.subject_id, RunOutcomeRow.village_code, caller.division),
            RunRow.published_at.is_not(None),
        )
    )


def _determinations(caller: Caller, kind: SubjectKind, subject_id: str) -> Select[DeterminationRow]:
    row = DeterminationRow
    return select(row).where(
        row.subject_id == subject_id,
        row.subject_kind == kind,
        within(row.division, caller.division),
    )


async def _count(session: AsyncSession, statement: Select[*tuple[Any, ...]]) -> int:
    counted = statement.with_only_columns(func.count(), maintain_column_froms=True)
    return await session.scalar(counted) or 0


async def _judged_by_runs(
    session: AsyncSession,
    runs: Select[RunOutcomeRow, RunRow],
    kind: SubjectKind,
    last: tuple[datetime, UUID] | None,
    limit: int,
) -> list[PastOutcome]:
    statement = (
        runs.where(*_after(RunRow.published_at, RunRow.id, last))
        .order_by(RunRow.published_at.desc(), RunRow.id.desc())
        .limit(limit)
    )
    return [
        PastOutcome(
            source="run",
            source_id=run.id,
            as_of=run.as_of,
            release=run.release,
            judged_at=run.published_at,
            village_code=row.village_code,
            outcomes=Order.of_json(run.orders[kind]).outcomes(row.met, row.undetermined),
        )
        for row, run in await session.execute(statement)
    ]


async def _determined(
    session: AsyncSession,
    determinations: Select[DeterminationRow],
    last: tuple[datetime, UUID] | None,
    limit: int,
) -> list[PastOutcome]:
    row = DeterminationRow
    statement = (
        determinations.where(*_after(row.created_at, row.id, last))
        .order_by(row.created_at.desc(), row.id.desc())
        .limit(limit)
    )
    return [
        PastOutcome.model_validate(
            {
                "source": "determination",
                "source_id": one.id,
                "as_of": one.as_of,
                "release": one.release_digest,
                "judged_at": one.created_at,
                "village_code": one.judged_in,
                "outcomes": one.outcomes,
            }
        )
        for one in await session.scalars(statement)
    ]


def _after(
    moment: InstrumentedAttribute[Any],
    own_id: InstrumentedAttribute[UUID],
    last: tuple[datetime, UUID] | None,
) -> list[ColumnElement[bool]]:
    return [] if last is None else [tuple_(moment, own_id) < last]
