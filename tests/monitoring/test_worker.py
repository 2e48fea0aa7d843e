"""The worker of monitoring: it outlives what it calls, and stops when it is told to."""

import asyncio

import pytest

from services.monitoring.worker import work
from shared.clock import SystemClock
from shared.db.database import Database
from shared.jobs.queue import enqueue
from shared.jobs.tables import JobRow, JobState
from shared.security.issuer import LocalIssuer
from shared.testing.databases import Databases
from shared.web.work import Work
from tests.monitoring.campaign import monitoring_settings
from tests.monitoring.fakes import COUNTY

NOBODY_THERE = {"registry_url": "http://127.0.0.1:1", "rules_url": "http://127.0.0.1:1"}


async def test_jobs_run_while_the_registry_cannot_be_followed(
    databases: Databases, issuer: LocalIssuer
) -> None:
    with databases.clone("monitoring") as address:
        settings = monitoring_settings(address, issuer).model_copy(update=NOBODY_THERE)
        worker = asyncio.create_task(work(settings))
        async with Database(address) as database:
            async with database.session() as session:
                asked = Work(session, "clerk", SystemClock().now(), "request-1")
                job = await enqueue(asked, "judge_zero_out_items", COUNTY, {})
            for _ in range(300):
                if await state_of(database, job) == JobState.SUCCEEDED:
                    break
                await asyncio.sleep(0.1)
            assert await state_of(database, job) == JobState.SUCCEEDED
        assert not worker.done()
        worker.cancel()
        with pytest.raises(asyncio.CancelledError):
            await worker


async def state_of(database: Database, job: JobRow) -> str:
    async with database.session() as session:
        return (await session.get_one(JobRow, job.id)).state
