"""What a job's task works with, and how its outcome is recorded.

A worker that is slow to answer may be taken for dead, and its job given to another one. Every
attempt therefore writes under its number: what an overtaken attempt still tries is refused and
rolled back. A task that writes in several transactions (``JobRun.work``, ``JobRun.step``) may start
over after any of them and has to bear it; one that writes in ``JobRun.finishing`` alone takes
effect once.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import Clock
from shared.db.database import Database
from shared.jobs.tables import JobRow, JobState
from shared.problems import Problem
from shared.web.work import Work

Value = TypeVar("Value")
CHECK_SECONDS = 1.0
"""How often a long part of a job looks whether it is still asked for."""


class JobCancelled(Exception):
    """Somebody asked for the job to be cancelled; its task stops and leaves nothing half done."""


class JobOvertaken(Exception):
    """The job has ended or another worker runs it; this attempt stops and changes nothing more."""


@dataclass
class JobResult:
    """What a job has to show for itself: counts by name, and links by name.

    ``refusal`` is why the job has failed all the same, though what it recorded is kept.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    results: Mapping[str, str] = field(default_factory=dict)
    refusal: Problem | None = None


@dataclass(frozen=True)
class JobRun:
    """One attempt at a job."""

    id: UUID
    attempt: int
    arguments: dict[str, Any]
    created_by: str
    division: str
    database: Database
    clock: Clock

    @property
    def going_on(self) -> ColumnElement[bool]:
        """The condition under which the job's row is still this attempt's to change."""
        return and_(
            JobRow.id == self.id,
            JobRow.state == JobState.RUNNING,
            JobRow.attempts == self.attempt,
        )

    async def progress(
        self, done: int, total: int | None = None, counts: Mapping[str, int] | None = None
    ) -> None:
        """Show how far the job is, at once.

        Raises:
            JobCancelled: somebody asked for it.
            JobOvertaken: another worker runs the job.

        """
        values: dict[str, Any] = {"done": done}
        if total is not None:
            values["total"] = total
        if counts is not None:
            values["counts"] = dict(counts)
        async with self.database.session() as session:
            cancelled = await session.scalar(
                update(JobRow)
                .where(self.going_on)
                .values(**values)
                .returning(JobRow.cancel_requested)
            )
        _require_going_on(cancelled)

    async def require_going_on(self) -> None:
        """Stop the task if it is not to go on.

        Raises:
            JobCancelled: somebody asked for it.
            JobOvertaken: another worker runs the job.

        """
        async with self.database.session() as session:
            cancelled = await session.scalar(select(JobRow.cancel_requested).where(self.going_on))
        _require_going_on(cancelled)

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """Open one transaction for a use case, in the name of whoever asked for the job."""
        async with self.database.session() as session:
            yield Work(session, self.created_by, self.clock.now(), str(self.id))

    @asynccontextmanager
    async def step(self) -> AsyncIterator[Work]:
        """Open a transaction for a part of the job that need not be done again.

        Raises:
            JobCancelled: somebody asked for it in time; nothing of the block is kept.
            JobOvertaken: another worker runs the job; nothing of the block is kept.

        """
        async with self.work() as work:
            yield work
            await self._hold(work)

    @asynccontextmanager
    async def finishing(self, result: JobResult) -> AsyncIterator[Work]:
        """Open the job's last transaction: its effect and its end commit together.

        ``result`` may be filled while the block runs; the job succeeds unless it holds a refusal.

        Raises:
            JobCancelled: somebody asked for it in time; nothing of the block is kept.
            JobOvertaken: another worker runs the job; nothing of the block is kept.

        """
        async with self.work() as work:
            yield work
            await self._hold(work)
            await finish(work.session, self, result)

    async def _hold(self, work: Work) -> None:
        """Lock the job's row at the end of a block, so that progress can be shown while it runs."""
        cancelled = await work.session.scalar(
            select(JobRow.cancel_requested).where(self.going_on).with_for_update()
        )
        _require_going_on(cancelled)


Task = Callable[[JobRun], Awaitable[JobResult]]


async def while_asked_for(run: JobRun, part: Coroutine[Any, Any, Value]) -> Value:
    """Return what a part of a job comes to, or stop it soon after the job is not to go on.

    Raises:
        JobCancelled: somebody asked for it.
        JobOvertaken: another worker runs the job.

    """
    going = asyncio.ensure_future(part)
    try:
        while not going.done():
            await asyncio.wait({going}, timeout=CHECK_SECONDS)
            if not going.done():
                await run.require_going_on()
        return going.result()
    finally:
        if going.cancel():
            await asyncio.wait({going})


async def finish(
    session: AsyncSession, run: JobRun, ending: JobResult | Problem | JobCancelled
) -> None:
    """Record how an attempt ended; a job that has ended already is left as it is."""
    values: dict[str, Any] = {"state": JobState.SUCCEEDED, "finished_at": run.clock.now()}
    match ending:
        case JobResult():
            values |= {"counts": dict(ending.counts), "results": dict(ending.results)}
            refusal = ending.refusal
        case Problem():
            refusal = ending
        case JobCancelled():
            values["state"], refusal = JobState.CANCELLED, None
    if refusal is not None:
        values |= {"state": JobState.FAILED, "problem": in_both_languages(refusal, run.id)}
    await session.execute(update(JobRow).where(run.going_on).values(**values))


def in_both_languages(problem: Problem, job_id: UUID) -> dict[str, object]:
    """Return a problem in both languages, since nobody knows yet who will read it."""
    return {language: problem.body(str(job_id), language) for language in ("zh", "en")}


def _require_going_on(cancelled: bool | None) -> None:
    """Stop the task if its row is not its own any more (None), or to be cancelled."""
    if cancelled is None:
        raise JobOvertaken
    if cancelled:
        raise JobCancelled
