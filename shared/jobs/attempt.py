"""One attempt at a job, from its start to its recorded end."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import Clock
from shared.db.database import Database
from shared.db.failures import telling_failures
from shared.jobs.queue import RUN_JOB, defer
from shared.jobs.run import (
    JobCancelled,
    JobOvertaken,
    JobResult,
    JobRun,
    Task,
    finish,
    in_both_languages,
)
from shared.jobs.tables import FINAL, JobRow, JobState
from shared.problems import PASSING, Problem
from shared.values.bilingual import Bilingual

log = structlog.get_logger(__name__)
ATTEMPTS = 3
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
# Whatever the queue thinks of the job: its worker may have been torn down, or try it again later.
TAKE_BACK = text(
    "DELETE FROM procrastinate_jobs WHERE task_name = :task AND args ->> 'job_id' = :job_id "
    "RETURNING lock"
)

ReturnLater = Callable[[Coroutine[None, None, None]], None]


class JobWaits(Exception):
    """The job met an outage: it is back in the queue, its attempt not counted."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class JobFailed(Problem):
    status, code = 500, "job-failed"
    title = Bilingual("任务失败", "The job failed")


class JobInterrupted(Problem):
    status, code = 500, "job-interrupted"
    title = Bilingual("任务多次中断", "The job was interrupted time and again")


async def attempt(
    database: Database,
    tasks: Mapping[str, Task],
    clock: Clock,
    job_id: UUID,
    return_later: ReturnLater | None = None,
) -> None:
    """Run a job unless it has ended, and record what became of it.

    ``return_later`` takes what puts the job back as soon as the database, which is away now, is
    there again; unless given, that is waited for here.

    Raises:
        CancelledError: the worker is being stopped; the job waits for another one.
        JobWaits: a service, the database or room for its work is missing now.

    """
    started = await _start(database, clock, job_id)
    if started is None:
        return
    kind, run = started
    try:
        await _carry_out(run, tasks, kind)
    except asyncio.CancelledError:
        await _put_back(run, None, return_later)
        raise
    except PASSING as passing:
        await _put_back(run, passing.code, return_later)
        raise JobWaits(passing.code) from None


async def _carry_out(run: JobRun, tasks: Mapping[str, Task], kind: str) -> None:
    ending: JobResult | Problem | JobCancelled
    try:
        with telling_failures():
            ending = await tasks[kind](run)
    except JobCancelled as cancelled:
        ending = cancelled
    except JobOvertaken:
        # Whoever has taken it over says what becomes of it.
        log.warning("job overtaken by another worker", job_id=str(run.id), kind=kind)
        return
    except PASSING:
        raise
    except Problem as refused:
        ending = refused
    except Exception:
        log.exception("job failed", job_id=str(run.id), kind=kind)
        ending = _failed(run.id)
    async with run.database.session() as session:
        await finish(session, run, ending)


async def _start(database: Database, clock: Clock, job_id: UUID) -> tuple[str, JobRun] | None:
    async with database.session() as session:
        job = await session.get(JobRow, job_id, with_for_update=True)
        if job is None or job.state in FINAL:
            return None
        if job.cancel_requested:
            job.state, job.finished_at = JobState.CANCELLED, clock.now()
            return None
        if job.attempts >= ATTEMPTS:
            job.state, job.finished_at = JobState.FAILED, clock.now()
            job.problem = in_both_languages(_interrupted(job_id), job_id)
            return None
        # Counted as it begins: a job that ends its worker's process would be tried for ever.
        job.attempts += 1
        job.state, job.waiting_for, job.waiting_since = JobState.RUNNING, None, None
        job.started_at = job.started_at or clock.now()
        run = JobRun(
            job.id, job.attempts, job.arguments, job.created_by, job.division, database, clock
        )
        return job.kind, run


async def _put_back(run: JobRun, waiting_for: str | None, return_later: ReturnLater | None) -> None:
    """Let the job wait for another worker; neither a stop nor an outage counts as an attempt."""
    since = None if waiting_for is None else run.clock.now()
    try:
        async with run.database.session() as session:
            await _queued(session, run, waiting_for, since)
    except PASSING:
        returning = _return(run, waiting_for, since)
        if return_later is None:
            await returning
        else:
            return_later(returning)


async def _return(run: JobRun, waiting_for: str | None, since: datetime | None) -> None:
    """Put the job back once the database is there again, with an entry of its own."""
    pause = FIRST_PAUSE
    while True:
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
        try:
            async with run.database.session() as session:
                if not await _queued(session, run, waiting_for, since):
                    return
                entry = {"task": RUN_JOB, "job_id": str(run.id)}
                locks = (await session.scalars(TAKE_BACK, entry)).all()
                await defer(session, run.id, locks[0] if locks else None)
        except PASSING:
            continue
        return


async def _queued(
    session: AsyncSession, run: JobRun, waiting_for: str | None, since: datetime | None
) -> bool:
    put_back = await session.scalar(
        update(JobRow)
        .where(run.going_on)
        .values(
            state=JobState.QUEUED,
            attempts=JobRow.attempts - 1,
            waiting_for=waiting_for,
            waiting_since=since,
        )
        .returning(JobRow.id)
    )
    return put_back is not None


def _failed(job_id: UUID) -> JobFailed:
    return JobFailed(
        Bilingual(
            f"任务执行出错，已记录；请稍后重新提交，或报告任务编号 {job_id}。",
            f"The job failed and the failure is noted; ask for it again later, or report job {job_id}.",
        )
    )


def _interrupted(job_id: UUID) -> JobInterrupted:
    return JobInterrupted(
        Bilingual(
            f"任务运行 {ATTEMPTS} 次均中断，不再重试；请减少内容后重新提交，或报告任务编号 {job_id}。",
            f"The job was interrupted {ATTEMPTS} times and is not tried again; ask for less at a "
            f"time, or report job {job_id}.",
        )
    )
