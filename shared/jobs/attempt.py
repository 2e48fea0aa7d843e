"""One attempt at a job, from its start to its recorded end."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

import structlog
from sqlalchemy import update

from shared.clock import Clock
from shared.db.database import Database
from shared.jobs.run import JobCancelled, JobOvertaken, JobRun, Task, finish
from shared.jobs.tables import FINAL, JobRow, JobState
from shared.problems import Problem
from shared.values.bilingual import Bilingual

log = structlog.get_logger(__name__)
ATTEMPTS = 3


class JobFailed(Problem):
    status, code = 500, "job-failed"
    title = Bilingual("任务失败", "The job failed")


class JobInterrupted(Problem):
    status, code = 500, "job-interrupted"
    title = Bilingual("任务多次中断", "The job was interrupted time and again")


async def attempt(
    database: Database, tasks: Mapping[str, Task], clock: Clock, job_id: UUID
) -> None:
    """Run a job unless it has ended, and record what became of it.

    Raises:
        CancelledError: the worker is being stopped; the job waits for another one.

    """
    started = await _start(database, clock, job_id)
    if started is None:
        return
    kind, run = started
    state, result, problem = JobState.SUCCEEDED, None, None
    try:
        result = await tasks[kind](run)
    except JobCancelled:
        state = JobState.CANCELLED
    except JobOvertaken:
        log.warning("job overtaken by another worker", job_id=str(job_id), kind=kind)
        return
    except asyncio.CancelledError:
        await _put_back(run)
        raise
    except Problem as refused:
        state, problem = JobState.FAILED, _written(refused, job_id)
    except Exception:
        log.exception("job failed", job_id=str(job_id), kind=kind)
        state, problem = JobState.FAILED, _written(_failed(job_id), job_id)
    async with database.session() as session:
        await finish(session, run, state, result=result, problem=problem)


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
            job.problem = _written(_interrupted(job_id), job_id)
            return None
        job.attempts += 1
        job.state = JobState.RUNNING
        job.started_at = job.started_at or clock.now()
        run = JobRun(
            job.id, job.attempts, job.arguments, job.created_by, job.division, database, clock
        )
        return job.kind, run


async def _put_back(run: JobRun) -> None:
    """Let the job wait for another worker; an orderly stop does not count as an attempt."""
    async with run.database.session() as session:
        await session.execute(
            update(JobRow)
            .where(run.going_on)
            .values(state=JobState.QUEUED, attempts=JobRow.attempts - 1)
        )


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


def _written(problem: Problem, job_id: UUID) -> dict[str, object]:
    """Return a problem in both languages, since nobody knows yet who will read it."""
    return {language: problem.body(str(job_id), language) for language in ("zh", "en")}
