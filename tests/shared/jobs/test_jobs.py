"""Jobs: asked for and run exactly as far as their transactions say."""

import asyncio
from uuid import UUID

import pytest

from shared.clock import SystemClock
from shared.db.database import Database
from shared.jobs.queue import enqueue
from shared.jobs.run import JobCancelled, JobResult, JobRun
from shared.jobs.tables import JobRow, JobState
from shared.jobs.worker import run_worker
from shared.journal.tables import FeedPosition
from shared.problems import InvalidRequest
from shared.values.bilingual import Bilingual
from shared.web.work import Work

COUNTY = "330127000000"
CLOCK = SystemClock()


async def ask(database: Database, **arguments: object) -> UUID:
    async with database.session() as session:
        work = Work(session, "clerk", CLOCK.now(), "request-1")
        return (await enqueue(work, "count", COUNTY, arguments)).id


async def read(database: Database, job_id: UUID) -> JobRow:
    async with database.session() as session:
        return await session.get_one(JobRow, job_id)


async def count(run: JobRun) -> JobResult:
    await run.progress(1, 2, {"seen": 1})
    return JobResult(counts={"seen": 2}, results={"rows": "/v1/rows"})


async def test_a_job_runs_once_and_shows_what_it_did(database: Database) -> None:
    job_id = await ask(database)
    await run_worker(database, {"count": count}, CLOCK, until_idle=True)
    job = await read(database, job_id)
    assert (job.state, job.attempts, job.done, job.total) == (JobState.SUCCEEDED, 1, 1, 2)
    assert (job.counts, job.results) == ({"seen": 2}, {"rows": "/v1/rows"})


async def test_a_job_asked_for_in_a_lost_transaction_never_runs(database: Database) -> None:
    async def lose() -> None:
        async with database.session() as session:
            await enqueue(Work(session, "clerk", CLOCK.now(), "r"), "count", COUNTY, {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await lose()
    ran = []

    async def noticed(run: JobRun) -> JobResult:
        ran.append(run.id)
        return JobResult()

    await run_worker(database, {"count": noticed}, CLOCK, until_idle=True)
    assert ran == []


async def test_failures_are_told_without_their_text(database: Database) -> None:
    async def crash(_: JobRun) -> JobResult:
        raise ValueError("secret")

    async def refuse(_: JobRun) -> JobResult:
        raise InvalidRequest(Bilingual("缺少工作表", "a sheet is missing"))

    crashed, refused = await ask(database), None
    await run_worker(database, {"count": crash}, CLOCK, until_idle=True)
    refused = await ask(database)
    await run_worker(database, {"count": refuse}, CLOCK, until_idle=True)
    first, second = await read(database, crashed), await read(database, refused)
    assert first.state == second.state == JobState.FAILED
    assert first.problem is not None
    assert second.problem is not None
    assert "secret" not in str(first.problem)
    assert second.problem["zh"]["detail"] == "缺少工作表"


async def test_effect_and_success_commit_together(database: Database) -> None:
    async def half(run: JobRun) -> JobResult:
        result = JobResult(counts={"written": 1})
        async with run.finishing(result) as work:
            work.session.add(FeedPosition(source="x", cursor="1-1", updated_at=work.now))
            raise RuntimeError("killed before the end")

    job_id = await ask(database)
    await run_worker(database, {"count": half}, CLOCK, until_idle=True)
    async with database.session() as session:
        assert await session.get(FeedPosition, "x") is None
    assert (await read(database, job_id)).state == JobState.FAILED


async def test_a_cancelled_job_stops_at_its_next_step(database: Database) -> None:
    job_id = await ask(database)

    async def stopped(run: JobRun) -> JobResult:
        async with run.database.session() as session:
            (await session.get_one(JobRow, run.id)).cancel_requested = True
        with pytest.raises(JobCancelled):
            await run.progress(1)
        raise JobCancelled

    await run_worker(database, {"count": stopped}, CLOCK, until_idle=True)
    assert (await read(database, job_id)).state == JobState.CANCELLED


async def test_a_job_whose_worker_is_stopped_is_run_by_the_next(database: Database) -> None:
    job_id = await ask(database)
    begun = asyncio.Event()

    async def endless(_: JobRun) -> JobResult:
        begun.set()
        await asyncio.sleep(60)
        return JobResult()

    worker = asyncio.create_task(run_worker(database, {"count": endless}, CLOCK, grace=0))
    await begun.wait()
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert (await read(database, job_id)).state == JobState.QUEUED
    await run_worker(database, {"count": count}, CLOCK, until_idle=True)
    job = await read(database, job_id)
    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 1)
