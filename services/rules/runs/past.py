"""How a subject was judged over time: by published runs, and by determinations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.rules.determinations.tables import DeterminationRow
from services.rules.runs.domain import Order
from services.rules.runs.schemas import PastOutcome, SubjectKind
from services.rules.runs.tables import RunOutcomeRow, RunRow
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
    runs = await _of_runs(session, caller, kind, subject_id, last, asked.limit + 1)
    determined = await _determined(session, caller, kind, subject_id, last, asked.limit + 1)
    found = sorted(
        [*runs, *determined], key=lambda one: (one.judged_at, one.source_id), reverse=True
    )
    page = found[: asked.limit]
    cursor = None
    if len(found) > asked.limit:
        cursor = asked.next_cursor(ORDER, [page[-1].judged_at.isoformat(), str(page[-1].source_id)])
    return Page(items=page, next=cursor)


async def _of_runs(
    session: AsyncSession,
    caller: Caller,
    kind: SubjectKind,
    subject_id: str,
    last: tuple[datetime, UUID] | None,
    limit: int,
) -> list[PastOutcome]:
    statement = (
        select(RunOutcomeRow, RunRow)
        .join(RunRow, RunRow.id == RunOutcomeRow.run_id)
        .where(
            RunOutcomeRow.subject_id == subject_id,
            RunOutcomeRow.kind == kind,
            within(RunOutcomeRow.village_code, caller.division),
            RunRow.published_at.is_not(None),
            *_after(RunRow.published_at, RunRow.id, last),
        )
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
    caller: Caller,
    kind: SubjectKind,
    subject_id: str,
    last: tuple[datetime, UUID] | None,
    limit: int,
) -> list[PastOutcome]:
    row = DeterminationRow
    statement = (
        select(row)
        .where(
            row.subject_id == subject_id,
            row.subject_kind == kind,
            within(row.division, caller.division),
            *_after(row.created_at, row.id, last),
        )
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
                "village_code": one.division,
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
