"""Workers that die, return from the dead, or lose the database: a job takes effect once."""

import asyncio
import os
import sys
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from shared.clock import SystemClock
from shared.db.database import Database
from shared.jobs.attempt import ATTEMPTS, attempt
from shared.jobs.queue import enqueue
from shared.jobs.run import JobCancelled, JobOvertaken, JobResult, JobRun
from shared.jobs.tables import JobRow, JobState
from shared.jobs.worker import STALLED_AFTER, requeue_stalled, run_worker
from shared.journal.tables import FeedPosition
from shared.problems import DatabaseUnavailable
from shared.web.work import Work

COUNTY = "330127000000"
CLOCK = SystemClock()

CUT_THE_QUEUE_OFF = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name LIKE '%queue'"
)

# A worker in a process of its own, which writes half of its effect and then hangs.
HANGING_WORKER = """
import asyncio, sys
from shared.clock import SystemClock
from shared.db.database import Database
from shared.jobs.run import JobResult
from shared.jobs.worker import run_worker
from shared.journal.tables import FeedPosition

async def hang(run):
    async with run.finishing(JobResult()) as work:
        work.session.add(FeedPosition(source="lost", cursor="1-1", updated_at=work.now))
        await work.session.flush()
        print("begun", flush=True)
        await asyncio.sleep(600)

async def main():
    async with Database(sys.argv[1]) as database:
        await run_worker(database, {"write": hang}, SystemClock())

asyncio.run(main())
"""


async def ask(database: Database, lock: str | None = None) -> UUID:
    async with database.session() as session:
        work = Work(session, "clerk", CLOCK.now(), "request-1")
        return (await enqueue(work, "write", COUNTY, {}, lock=lock)).id


async def read(database: Database, job_id: UUID) -> JobRow:
    async with database.session() as session:
        return await session.get_one(JobRow, job_id)


async def positions(database: Database) -> list[str]:
    async with database.session() as session:
        return list(await session.scalars(select(FeedPosition.source)))


async def entries(database: Database) -> int:
    async with database.session() as session:
        count = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'run_job'")
        return int(await session.scalar(count) or 0)


async def write(run: JobRun) -> JobResult:
    result = JobResult(counts={"written": 1})
    async with run.finishing(result) as work:
        work.session.add(
            FeedPosition(source=f"attempt-{run.attempt}", cursor="1-1", updated_at=work.now)
        )
    return result


async def silence_heartbeats(database: Database) -> None:
    async with database.session() as session:
        await session.execute(
            text(
                "UPDATE procrastinate_workers SET last_heartbeat = now() - make_interval(secs => :age)"
            ),
            {"age": 2 * STALLED_AFTER.total_seconds()},
        )


async def test_a_killed_workers_job_takes_effect_once(database: Database) -> None:
    job_id = await ask(database, lock="county")
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HANGING_WORKER, database.url),
        stdout=asyncio.subprocess.PIPE,
        env=dict(os.environ),
    )
    assert worker.stdout is not None
    assert (await worker.stdout.readline()).strip() == b"begun"
    assert await requeue_stalled(database) == 0
    worker.kill()
    await worker.wait()
    await silence_heartbeats(database)
    assert await requeue_stalled(database) == 1
    assert await requeue_stalled(database) == 0
    await run_worker(database, {"write": write}, CLOCK, until_idle=True)
    job = await read(database, job_id)
    assert (job.state, job.attempts, job.counts) == (JobState.SUCCEEDED, 2, {"written": 1})
    assert await positions(database) == ["attempt-2"]
    assert await entries(database) == 0


async def test_what_a_worker_that_ended_was_at_is_taken_up_at_once(database: Database) -> None:
    """A worker of this process has lost its queue: its last sign of life is fresh all the same."""
    await ask(database)
    async with database.session() as session:
        ended = await session.scalar(
            text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now()) RETURNING id")
        )
        await session.execute(
            text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :ended"),
            {"ended": ended},
        )
    assert await requeue_stalled(database) == 0
    assert await requeue_stalled(database, ended=ended) == 1


async def test_a_worker_that_lost_its_queue_goes_on_with_what_it_was_at(
    database: Database,
) -> None:
    """The connections of the queue are cut while a job meets an outage."""
    await ask(database)
    cut_off, done = asyncio.Event(), asyncio.Event()

    async def cut_off_at_first(_: JobRun) -> JobResult:
        if cut_off.is_set():
            done.set()
            return JobResult()
        cut_off.set()
        async with database.session() as session:
            assert (await session.scalars(CUT_THE_QUEUE_OFF)).all()
        raise DatabaseUnavailable.of_database()

    worker = asyncio.create_task(run_worker(database, {"write": cut_off_at_first}, CLOCK))
    async with asyncio.timeout(STALLED_AFTER.total_seconds() / 2):
        await done.wait()
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)


async def test_an_overtaken_attempt_changes_nothing(database: Database) -> None:
    job_id = await ask(database)
    begun, overtaken, gone = asyncio.Event(), asyncio.Event(), asyncio.Event()
    refused: list[str] = []

    async def task(run: JobRun) -> JobResult:
        if run.attempt == 2:
            overtaken.set()
            await gone.wait()
            return await write(run)
        begun.set()
        await overtaken.wait()
        with pytest.raises(JobOvertaken):
            await run.progress(1)
        refused.append("progress")
        return await write(run)

    first = asyncio.create_task(attempt(database, {"write": task}, CLOCK, job_id))
    await begun.wait()
    second = asyncio.create_task(attempt(database, {"write": task}, CLOCK, job_id))
    async with asyncio.timeout(10):
        await first
        assert (await read(database, job_id)).state == JobState.RUNNING
        assert await positions(database) == []
        gone.set()
        await second
    job = await read(database, job_id)
    assert (job.state, job.attempts, job.done) == (JobState.SUCCEEDED, 2, 0)
    assert await positions(database) == ["attempt-2"]
    assert refused == ["progress"]


async def test_a_job_that_kills_its_workers_is_given_up(database: Database) -> None:
    job_id = await ask(database)
    async with database.session() as session:
        await session.execute(update(JobRow).values(state=JobState.RUNNING, attempts=ATTEMPTS))
    await run_worker(database, {"write": write}, CLOCK, until_idle=True)
    job = await read(database, job_id)
    assert job.state == JobState.FAILED
    assert job.problem is not None
    assert job.problem["en"]["type"] == "urn:qingling:problem:job-interrupted"
    assert await positions(database) == []


async def test_a_job_of_an_unknown_kind_fails(database: Database) -> None:
    job_id = await ask(database)
    await run_worker(database, {}, CLOCK, until_idle=True)
    assert (await read(database, job_id)).state == JobState.FAILED


async def test_an_outcome_that_cannot_be_recorded_is_tried_again(database: Database) -> None:
    job_id = await ask(database)

    async def unrecordable_at_first(run: JobRun) -> JobResult:
        return JobResult(counts={"seen": object() if run.attempt == 1 else 1})  # type: ignore[dict-item]

    for _ in range(2):
        await run_worker(database, {"write": unrecordable_at_first}, CLOCK, until_idle=True)
    job = await read(database, job_id)
    assert (job.state, job.attempts, job.counts) == (JobState.SUCCEEDED, 2, {"seen": 1})
    assert await entries(database) == 0


async def test_cancelling_in_time_undoes_the_effect(database: Database) -> None:
    job_id = await ask(database)

    async def cancelled_meanwhile(run: JobRun) -> JobResult:
        async with run.finishing(JobResult()) as work:
            work.session.add(FeedPosition(source="x", cursor="1-1", updated_at=work.now))
            async with database.session() as session:
                (await session.get_one(JobRow, run.id)).cancel_requested = True
        raise AssertionError("not reached")

    await run_worker(database, {"write": cancelled_meanwhile}, CLOCK, until_idle=True)
    assert (await read(database, job_id)).state == JobState.CANCELLED
    assert await positions(database) == []


async def test_a_cancelled_job_of_a_dead_worker_is_not_run_again(database: Database) -> None:
    job_id = await ask(database)
    async with database.session() as session:
        job = await session.get_one(JobRow, job_id)
        job.state, job.attempts, job.cancel_requested = JobState.RUNNING, 1, True
    await run_worker(database, {"write": write}, CLOCK, until_idle=True)
    assert (await read(database, job_id)).state == JobState.CANCELLED
    assert await positions(database) == []


async def test_jobs_with_one_lock_run_one_after_another(database: Database) -> None:
    jobs = [await ask(database, lock="county") for _ in range(3)]
    running: set[UUID] = set()
    order: list[UUID] = []
    all_done = asyncio.Event()

    async def alone(run: JobRun) -> JobResult:
        assert not running
        running.add(run.id)
        await asyncio.sleep(0.05)
        running.remove(run.id)
        order.append(run.id)
        if len(order) == len(jobs):
            all_done.set()
        return JobResult()

    worker = asyncio.create_task(run_worker(database, {"write": alone}, CLOCK, concurrency=3))
    async with asyncio.timeout(30):
        await all_done.wait()
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    async with database.session() as session:
        states = await session.execute(select(JobRow.state, func.count()).group_by(JobRow.state))
        assert [tuple(row) for row in states] == [(JobState.SUCCEEDED, 3)]
    assert order == jobs


async def test_a_task_may_end_as_cancelled_itself(database: Database) -> None:
    job_id = await ask(database)

    async def stop(_: JobRun) -> JobResult:
        raise JobCancelled

    await run_worker(database, {"write": stop}, CLOCK, until_idle=True)
    assert (await read(database, job_id)).state == JobState.CANCELLED
