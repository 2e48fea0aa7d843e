"""Long work and what has become of it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import DateTime, Index, ScalarSelect, String, Text, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from shared.db.base import SharedBase
from shared.db.columns import Division
from shared.ids import new_id
from shared.values.bilingual import Bilingual

Value = TypeVar("Value")


class JobState(StrEnum):
    """排队 queued, 运行中 running, 成功 succeeded, 失败 failed, 已取消 cancelled."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


STATES: Mapping[str, Bilingual] = {
    JobState.QUEUED: Bilingual("排队", "queued"),
    JobState.RUNNING: Bilingual("运行中", "running"),
    JobState.SUCCEEDED: Bilingual("成功", "succeeded"),
    JobState.FAILED: Bilingual("失败", "failed"),
    JobState.CANCELLED: Bilingual("已取消", "cancelled"),
}
"""In words."""
FINAL = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})


class JobRow(SharedBase):
    """One piece of long work."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_division", "division", "created_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(60))
    division: Mapped[str] = mapped_column(Division)
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(String(20), default=JobState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    counts: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)
    results: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    # What an attempt found missing, and since when the job waits for it in the queue.
    waiting_for: Mapped[str | None] = mapped_column(String(60))
    waiting_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


def of_job(column: InstrumentedAttribute[Value], job_id: Mapped[UUID]) -> ScalarSelect[Value]:
    """Return a column of the job with an id, for ``column_property`` of a row that has one."""
    found = select(column).where(JobRow.id == job_id).correlate_except(JobRow)
    return found.scalar_subquery()
