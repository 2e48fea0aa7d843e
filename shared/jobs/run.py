"""What a job's task works with, and how its outcome is recorded."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import Clock
from shared.db.database import Database
from shared.jobs.tables import JobRow, JobState
from shared.web.work import Work


class JobCancelled(Exception):
    """Somebody asked for the job to be cancelled; its task stops and leaves nothing half done."""


@dataclass(frozen=True)
class JobResult:
    """What a job has to show for itself: counts by name, and links by name."""

    counts: Mapping[str, int] = field(default_factory=dict)
    results: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class JobRun:
    """One attempt at a job."""

    id: UUID
    arguments: dict[str, Any]
    created_by: str
    division: str
    database: Database
    clock: Clock

    async def progress(
        self, done: int, total: int | None = None, counts: Mapping[str, int] | None = None
    ) -> None:
        """Show how far the job is, at once.

        Raises:
            JobCancelled: somebody asked for it.

        """
        values: dict[str, Any] = {"done": done}
        if total is not None:
            values["total"] = total
        if counts is not None:
            values["counts"] = dict(counts)
        async with self.database.session() as session:
            cancelled = await session.scalar(
                update(JobRow)
                .where(JobRow.id == self.id)
                .values(**values)
                .returning(JobRow.cancel_requested)
            )
        if cancelled:
            raise JobCancelled

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """Open one transaction for a use case, in the name of whoever asked for the job."""
        async with self.database.session() as session:
            yield Work(session, self.created_by, self.clock.now(), str(self.id))

    @asynccontextmanager
    async def finishing(self, result: JobResult) -> AsyncIterator[Work]:
        """Open the job's last transaction: its effect and its success commit together.

        ``result`` may be filled while the block runs.
        """
        async with self.work() as work:
            yield work
            await finish(work.session, self.id, self.clock, JobState.SUCCEEDED, result=result)


Task = Callable[[JobRun], Awaitable[JobResult]]


async def finish(
    session: AsyncSession,
    job_id: UUID,
    clock: Clock,
    state: JobState,
    *,
    result: JobResult | None = None,
    problem: dict[str, Any] | None = None,
) -> None:
    """Record how a running job ended; one that has ended already is left as it is."""
    values: dict[str, Any] = {"state": state, "problem": problem, "finished_at": clock.now()}
    if result is not None:
        values |= {"counts": dict(result.counts), "results": dict(result.results)}
    await session.execute(
        update(JobRow).where(JobRow.id == job_id, JobRow.state == JobState.RUNNING).values(**values)
    )
