"""Wire models of jobs 任务."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from shared.jobs.tables import JobRow, JobState
from shared.values.bilingual import Language


class Progress(BaseModel):
    """How far a job is."""

    done: int
    total: int | None = Field(description="总量 null until it is known")


class Job(BaseModel):
    """Long work and what has become of it 任务."""

    id: UUID
    kind: str = Field(examples=["import"])
    state: JobState = Field(description=JobState.__doc__)
    division: str
    progress: Progress
    counts: dict[str, int] = Field(description="计数")
    results: dict[str, str] = Field(description="结果链接 links by name")
    problem: dict[str, Any] | None = Field(description="失败原因 the problem document of a failure")
    waiting_for: str | None = Field(
        description="等待的条件 what a queued job met and waits for, tried again by itself: the code of "
        "a problem; null while nothing is missing",
        examples=["dependency-unavailable"],
    )
    waiting_since: datetime | None = Field(description="自何时起等待")
    cancel_requested: bool
    created_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, row: JobRow, language: Language) -> Self:
        """Return the wire form of a job, its problem in the language asked."""
        plain = {
            name: getattr(row, name)
            for name in cls.model_fields
            if name not in ("progress", "problem")
        }
        return cls(
            **plain,
            progress=Progress(done=row.done, total=row.total),
            problem=row.problem[language] if row.problem else None,
        )
