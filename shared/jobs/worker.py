"""Running the jobs of one service, and what it does at set times."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from uuid import UUID

import procrastinate
import structlog

from shared.clock import Clock
from shared.db.database import Database
from shared.jobs.queue import QUEUE, RUN_JOB, defer
from shared.jobs.run import JobCancelled, JobRun, Task, finish
from shared.jobs.tables import FINAL, JobRow, JobState
from shared.problems import Problem
from shared.values.bilingual import Bilingual
from shared.web.idempotency import forget_expired

log = structlog.get_logger(__name__)
ATTEMPTS = 3
STALLED_AFTER = timedelta(seconds=30)
EVERY_MINUTE, EVERY_HOUR = "* * * * *", "7 * * * *"

Timetable = Mapping[str, tuple[str, Callable[[], Awaitable[None]]]]
"""Name → (cron line in UTC, what to do)."""


class JobFailed(Problem):
    status, code = 500, "job-failed"
    title = Bilingual("任务失败", "The job failed")


async def run_worker(
    database: Database,
    tasks: Mapping[str, Task],
    clock: Clock,
    timetable: Timetable | None = None,
    *,
    concurrency: int = 2,
    until_idle: bool = False,
    grace: float = 5,
) -> None:
    """Run jobs until cancelled, or with ``until_idle`` until none is waiting.

    A stopped worker gives its jobs ``grace`` seconds to end, then puts them back into the queue. A
    job whose worker died is run again; after the third attempt it is failed.
    """
    queue = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=database.url))

    @queue.task(name=RUN_JOB, queue=QUEUE)
    async def run_job(job_id: str) -> None:
        await _run(database, tasks, clock, UUID(job_id))

    @queue.periodic(cron=EVERY_MINUTE)
    @queue.task(name="requeue_stalled", queue=QUEUE, queueing_lock="requeue_stalled")
    async def requeue_stalled(timestamp: int) -> None:
        seconds = STALLED_AFTER.total_seconds()
        for stalled in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds):
            log.warning("job stalled, running it again", job=stalled.task_kwargs)
            await queue.job_manager.retry_job(stalled)

    @queue.periodic(cron=EVERY_HOUR)
    @queue.task(name="forget_retries", queue=QUEUE, queueing_lock="forget_retries")
    async def forget_retries(timestamp: int) -> None:
        async with database.session() as session:
            await forget_expired(session, clock.now())

    for name, (cron, act) in (timetable or {}).items():
        _schedule(queue, name, cron, act)
    async with queue.open_async():
        await queue.run_worker_async(
            queues=[QUEUE],
            concurrency=concurrency,
            wait=not until_idle,
            shutdown_graceful_timeout=grace,
            delete_jobs="successful",
            install_signal_handlers=not until_idle,
        )


def _schedule(
    queue: procrastinate.App, name: str, cron: str, act: Callable[[], Awaitable[None]]
) -> None:
    @queue.periodic(cron=cron)
    @queue.task(name=name, queue=QUEUE, queueing_lock=name)
    async def scheduled(timestamp: int) -> None:
        await act()


async def _run(database: Database, tasks: Mapping[str, Task], clock: Clock, job_id: UUID) -> None:
    run = await _begin(database, clock, job_id)
    if run is None:
        return
    kind, attempt = run
    try:
        result = await tasks[kind](attempt)
    except JobCancelled:
        outcome, result, problem = JobState.CANCELLED, None, None
    except asyncio.CancelledError:
        # The worker is being stopped: the job goes back to the queue for the next one.
        async with database.session() as session:
            job = await session.get_one(JobRow, job_id, with_for_update=True)
            if job.state == JobState.RUNNING:
                job.state = JobState.QUEUED
                await defer(session, job_id)
        raise
    except Problem as refused:
        outcome, result, problem = JobState.FAILED, None, _written(refused, job_id)
    except Exception:
        log.exception("job failed", job_id=str(job_id), kind=kind)
        outcome, result, problem = JobState.FAILED, None, _written(_failure(job_id), job_id)
    else:
        outcome, problem = JobState.SUCCEEDED, None
    async with database.session() as session:
        await finish(session, job_id, clock, outcome, result=result, problem=problem)


async def _begin(database: Database, clock: Clock, job_id: UUID) -> tuple[str, JobRun] | None:
    async with database.session() as session:
        job = await session.get(JobRow, job_id, with_for_update=True)
        if job is None or job.state in FINAL:
            return None
        job.attempts += 1
        job.state = JobState.RUNNING
        job.started_at = job.started_at or clock.now()
        if job.attempts > ATTEMPTS:
            job.state, job.finished_at = JobState.FAILED, clock.now()
            job.problem = _written(_failure(job_id), job_id)
            return None
        attempt = JobRun(job.id, job.arguments, job.created_by, job.division, database, clock)
        return job.kind, attempt


def _failure(job_id: UUID) -> JobFailed:
    return JobFailed(
        Bilingual(
            f"任务执行出错，没有留下部分结果；请重新提交，或报告任务编号 {job_id}。",
            f"The job failed and left nothing half done; ask for it again, or report job {job_id}.",
        )
    )


def _written(problem: Problem, job_id: UUID) -> dict[str, object]:
    """Return a problem in both languages, since nobody knows yet who will read it."""
    return {language: problem.body(str(job_id), language) for language in ("zh", "en")}
