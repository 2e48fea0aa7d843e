"""Running the jobs of one service, and what it does at set times, whatever becomes of its database."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from uuid import UUID

import procrastinate
import structlog
from sqlalchemy import text

from shared.clock import Clock
from shared.db.connecting import SessionLimits, limited_url
from shared.db.database import Database
from shared.jobs.attempt import JobWaits, attempt
from shared.jobs.queue import QUEUE, RUN_JOB, defer
from shared.jobs.run import Task
from shared.settings import ServiceSettings
from shared.web.idempotency import forget_expired

log = structlog.get_logger(__name__)
# Longer than any task may keep the event loop to itself.
STALLED_AFTER = timedelta(seconds=60)
# New jobs are announced; those that wait for a lock or a retry are found by looking.
POLL_SECONDS = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
LONGEST_WAIT = 60
EVERY_MINUTE, EVERY_HOUR = "* * * * *", "7 * * * *"

# The entry of a dead worker is replaced, not reused: should that worker come back after all, it
# cannot acknowledge the entry that another one works on.
GIVE_UP_STALLED = text(
    "DELETE FROM procrastinate_jobs AS job WHERE status = 'doing' AND NOT EXISTS ("
    "SELECT FROM procrastinate_workers AS worker WHERE worker.id = job.worker_id "
    "AND worker.id <> :ended AND worker.last_heartbeat >= now() - make_interval(secs => :seconds)"
    ") RETURNING task_name, lock, args ->> 'job_id' AS job_id"
)

Timetable = Mapping[str, tuple[str, Callable[[], Awaitable[None]]]]
"""Name → (cron line in UTC, what to do)."""


def worker_database(settings: ServiceSettings, service: str) -> Database:
    """Return the database of a service's worker, whose sessions may take as long as jobs do."""
    return Database(
        settings.database_url,
        application=f"qingling-{service}-worker",
        pool_size=settings.pool_size,
        limits=SessionLimits.of_jobs(settings),
    )


class _Again(procrastinate.BaseRetryStrategy):
    """An entry that ended in an error is tried again: at once, then after 2, 4, 8 … seconds."""

    def get_retry_decision(
        self, *, exception: BaseException, job: procrastinate.jobs.Job
    ) -> procrastinate.RetryDecision:
        seconds = min(2 ** min(job.attempts, 10), LONGEST_WAIT) if job.attempts else 0
        return procrastinate.RetryDecision(retry_in={"seconds": seconds})


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
    """Run jobs until told to stop, or with ``until_idle`` until none is left.

    A stopped worker gives its jobs ``grace`` seconds to end, then puts them back into the queue. A
    job whose worker died is run again; after the third attempt it is failed. One that met an
    outage waits for its end, however long that is. A database that goes away is connected to again.
    """
    returning: set[asyncio.Task[None]] = set()
    # As whom this process has worked since it last connected: nobody else knows so soon that such
    # a worker has lost its queue, and with it the entries that it was at.
    worked_as: set[int] = set()

    def return_later(job: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(job)
        returning.add(task)
        task.add_done_callback(returning.discard)

    async def work() -> None:
        queue = _queue(database, tasks, clock, timetable or {}, return_later, worked_as.add)
        async with queue.open_async():
            for ended in sorted(worked_as):
                await requeue_stalled(database, ended=ended)
                worked_as.remove(ended)
            await queue.run_worker_async(
                queues=[QUEUE],
                concurrency=concurrency,
                wait=not until_idle,
                fetch_job_polling_interval=POLL_SECONDS,
                # None is the library's word for "as long as it takes", missing in its annotation.
                shutdown_graceful_timeout=None if until_idle else grace,  # type: ignore[arg-type]
                stalled_worker_timeout=STALLED_AFTER.total_seconds(),
                delete_jobs="always",
                install_signal_handlers=False,
            )

    try:
        if until_idle:
            await work()
        else:
            await _until_stopped(work)
    finally:
        for task in returning:
            task.cancel()


async def _until_stopped(work: Callable[[], Coroutine[None, None, None]]) -> None:
    """Do some work until a signal says stop; begin it anew, after a pause, whenever it ends."""
    stopped = asyncio.Event()
    pause = FIRST_PAUSE
    now = asyncio.get_running_loop().time
    with _told_to_stop(stopped.set):
        while not stopped.is_set():
            begun = now()
            working = asyncio.create_task(work())
            stopping = asyncio.create_task(stopped.wait())
            try:
                await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopping.cancel()
                working.cancel()
                (ended,) = await asyncio.gather(working, return_exceptions=True)
            if stopped.is_set():
                return
            # The library ends in an error, or in silence, when its connection does.
            log.warning("queue lost, connecting again", error=type(ended).__name__, pause=pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), pause)
            pause = FIRST_PAUSE if now() - begun > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)


@contextmanager
def _told_to_stop(stop: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _queue(
    database: Database,
    tasks: Mapping[str, Task],
    clock: Clock,
    timetable: Timetable,
    return_later: Callable[[Coroutine[None, None, None]], None],
    working_as: Callable[[int], None],
) -> procrastinate.App:
    address = limited_url(database.url, f"{database.application} queue", database.limits)
    connector = procrastinate.PsycopgConnector(conninfo=address, timeout=database.limits.acquire)
    queue = procrastinate.App(connector=connector)

    # Whatever a task does ends in the job's row. An error here means that the row could not be
    # written or the worker is being stopped, and the entry has to stay in the queue.
    @queue.task(name=RUN_JOB, queue=QUEUE, retry=_Again(), pass_context=True)
    async def run_job(context: procrastinate.JobContext, job_id: str) -> None:
        if context.job.worker_id is not None:
            working_as(context.job.worker_id)
        try:
            await attempt(database, tasks, clock, UUID(job_id), return_later)
        except JobWaits as waits:
            log.warning("job waits", job_id=job_id, waiting_for=waits.code)
            raise
        except Exception:
            log.exception("job not recorded, trying again", job_id=job_id)
            raise

    async def requeue() -> None:
        await requeue_stalled(database)

    async def forget_retries() -> None:
        async with database.session() as session:
            await forget_expired(session)

    housekeeping: Timetable = {
        "requeue_stalled": (EVERY_MINUTE, requeue),
        "forget_retries": (EVERY_HOUR, forget_retries),
    }
    for name, (cron, act) in {**housekeeping, **timetable}.items():
        _schedule(queue, name, cron, act)
    return queue


async def requeue_stalled(database: Database, *, ended: int = 0) -> int:
    """Put the jobs of workers that died back into the queue; return how many.

    ``ended`` is a worker that is known to have ended although its last sign of life is recent.
    What such a worker did at a set time is left to the next time.
    """
    async with database.session() as session:
        given_up = await session.execute(
            GIVE_UP_STALLED, {"seconds": STALLED_AFTER.total_seconds(), "ended": ended}
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
