"""Writing and reading the timeline of a case 时间线."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.cases.tables import TimelineRow
from shared.web.pages import Page, PageRequest, read_page
from shared.web.work import Work


class TimelineStep(BaseModel):
    """One step of a case."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    step: str = Field(examples=["signed_off"])
    actor: str
    level: str | None = Field(description="签字层级 village, township or county")
    reason: dict[str, str] | None
    evidence: list[dict[str, Any]]


def note(
    work: Work,
    case_id: UUID,
    step: str,
    *,
    level: str | None = None,
    reason: dict[str, str] | None = None,
    evidence: list[dict[str, Any]] | None = None,
) -> None:
    """Add a step to a case's timeline, in the transaction of ``work``."""
    work.session.add(
        TimelineRow(
            case_id=case_id,
            at=work.now,
            step=step,
            actor=work.actor,
            level=level,
            reason=reason,
            evidence=evidence or [],
        )
    )


async def read_timeline(
    session: AsyncSession, case_id: UUID, asked: PageRequest
) -> Page[TimelineStep]:
    """Return a page of a case's steps, oldest first."""
    statement = select(TimelineRow).where(TimelineRow.case_id == case_id)
    return await read_page(
        session, statement, [TimelineRow.at, TimelineRow.id], asked, TimelineStep.model_validate
    )
