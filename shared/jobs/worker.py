"""Running the jobs of one service, and what it does at set times."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from uuid import UUID

import procrastinate
import structlog
from sqlalchemy import text

from shared.clock import Clock
from shared.db.database import Database
from shared.jobs.attempt import attempt
from shared.jobs.queue import QUEUE, RUN_JOB, defer
from shared.jobs.run import Task
from shared.web.idempotency import forget_expired

log = structlog.get_logger(__name__)
# Longer than any task may keep the event loop to itself.
STALLED_AFTER = timedelta(seconds=60)
# New jobs are announced; those that wait for a lock or a retry are found by looking.
POLL_SECONDS = 1.0
EVERY_MINUTE, EVERY_HOUR = "* * * * *", "7 * * * *"

# The entry of a dead worker is replaced, not reused: should that worker come back after all, it
# cannot acknowledge the entry that another one works on.
GIVE_UP_STALLED = text(
    "DELETE FROM procrastinate_jobs AS job WHERE status = 'doing' AND NOT EXISTS ("
    "SELECT FROM procrastinate_workers AS worker WHERE worker.id = job.worker_id "
    "AND worker.last_heartbeat >= now() - make_interval(secs => :seconds)"
    ") RETURNING task_name, lock, args ->> 'job_id' AS job_id"
)

Timetable = Mapping[str, tuple[str, Callable[[], Awaitable[None]]]]
"""Name → (cron line in UTC, what to do)."""


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
    """Run jobs until cancelled, or with ``until_idle`` until none is left.

    A stopped worker gives its jobs ``grace`` seconds to end, then puts them back into the queue. A
    job whose worker died is run again; after the third attempt it is failed.
    """
    queue = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=database.url))

    # Whatever a task does ends in the job's row. An error here means that the row could not be
    # written or the worker is being stopped, and the entry has to stay in the queue.
    @queue.task(name=RUN_JOB, queue=QUEUE, retry=procrastinate.RetryStrategy(linear_wait=5))
    async def run_job(job_id: str) -> None:
        try:
            await attempt(database, tasks, clock, UUID(job_id))
        except Exception:
            log.exception("job not recorded, trying again", job_id=job_id)
            raise

    async def requeue() -> None:
        await requeue_stalled(database)

    async def forget_retries() -> None:
        async with database.session() as session:
            await forget_expired(session, clock.now())

    housekeeping: Timetable = {
        "requeue_stalled": (EVERY_MINUTE, requeue),
        "forget_retries": (EVERY_HOUR, forget_retries),
    }
    for name, (cron, act) in {**housekeeping, **(timetable or {})}.items():
        _schedule(queue, name, cron, act)
    async with queue.open_async():
        await queue.run_worker_async(
            queues=[QUEUE],
            concurrency=concurrency,
            wait=not until_idle,
            fetch_job_polling_interval=POLL_SECONDS,
            # None is the library's word for "as long as it takes", missing in its annotation.
            shutdown_graceful_timeout=None if until_idle else grace,  # type: ignore[arg-type]
            stalled_worker_timeout=STALLED_AFTER.total_seconds(),
            delete_jobs="always",
            install_signal_handlers=not until_idle,
        )


async def requeue_stalled(database: Database) -> int:
    """Put the jobs of workers that died back into the queue; return how many.

    What such a worker did at a set time is left to the next time.
    """
    async with database.session() as session:
        given_up = await session.execute(
            GIVE_UP_STALLED, {"seconds": STALLED_AFTER.total_seconds()}
        )
        stalled = [entry for entry in given_up if entry.task_name == RUN_JOB]
        for entry in stalled:
            log.warning("job stalled, running it again", job_id=entry.job_id)
            await defer(session, UUID(entry.job_id), entry.lock)
    return len(stalled)


def _schedule(
    queue: procrastinate.App, name: str, cron: str, act: Callable[[], Awaitable[None]]
) -> None:
    @queue.periodic(cron=cron)
    @queue.task(name=name, queue=QUEUE, queueing_lock=name)
    async def scheduled(timestamp: int) -> None:
        await act()
