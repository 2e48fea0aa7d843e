"""A job that meets an outage waits in the queue, says for what, and goes on when it is over."""

import errno

import pytest

from shared.db.database import Database
from shared.jobs.run import JobResult, JobRun
from shared.jobs.tables import JobState
from shared.jobs.worker import run_worker
from shared.problems import PASSING
from shared.values.bilingual import Bilingual
from tests.shared.jobs.test_faults import CLOCK, ask, entries, positions, read, write

AWAY = [pytest.param(kind(Bilingual("–", "–")), kind.code, id=kind.code) for kind in PASSING]
FULL = pytest.param(OSError(errno.ENOSPC, "full"), "insufficient-storage", id="own-disk")


@pytest.mark.parametrize(("outage", "code"), [*AWAY, FULL])
async def test_a_job_waits_for_what_is_away(
    database: Database, outage: Exception, code: str
) -> None:
    job_id = await ask(database)
    over = False

    async def wait_or_write(run: JobRun) -> JobResult:
        if over:
            return await write(run)
        raise outage

    await run_worker(database, {"write": wait_or_write}, CLOCK, until_idle=True)
    job = await read(database, job_id)
    assert (job.state, job.waiting_for, job.attempts) == (JobState.QUEUED, code, 0)
    assert job.waiting_since is not None
    assert job.problem is None
    # However often it is tried, no attempt is counted, and the next one is later.
    assert await entries(database) == 1
    over = True
    await make_due(database)
    await run_worker(database, {"write": wait_or_write}, CLOCK, until_idle=True)
    job = await read(database, job_id)
    assert (job.state, job.waiting_for, job.attempts) == (JobState.SUCCEEDED, None, 1)
    assert await positions(database) == ["attempt-1"]


async def test_a_waiting_job_can_be_cancelled(database: Database) -> None:
    job_id = await ask(database)

    async def wait(_: JobRun) -> JobResult:
        raise PASSING[0](Bilingual("–", "–"))

    await run_worker(database, {"write": wait}, CLOCK, until_idle=True)
    async with database.session() as session:
        job = await read(database, job_id)
        job.state = JobState.CANCELLED
        await session.merge(job)
    await make_due(database)
    await run_worker(database, {"write": write}, CLOCK, until_idle=True)
    assert (await read(database, job_id)).state == JobState.CANCELLED
    assert (await positions(database), await entries(database)) == ([], 0)


async def make_due(database: Database) -> None:
    async with database.driver() as driver:
        await driver.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")
