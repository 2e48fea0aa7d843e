"""Runs whose worker is killed, that are cancelled or fail: they resume or leave nothing."""

import asyncio
import errno
import os
import sys
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from services.rules.runs import job
from services.rules.runs.job import forget_failed
from services.rules.runs.parts.writing import write_part
from services.rules.runs.tables import (
    RunFindingRow,
    RunFlipRow,
    RunOutcomeRow,
    RunPartRow,
    RunTotalRow,
)
from shared.jobs.tables import JobRow
from shared.jobs.worker import requeue_stalled, run_worker
from shared.problems import DependencyUnavailable
from shared.values.bilingual import Bilingual
from tests.rules.bureau import CITY, COUNTY, Bureau, Registry

# A worker in a process of its own, which stores a few counties and then hangs.
HANGING_WORKER = """
import asyncio, sys
from functools import partial
from services.rules.clients.registry import RegistryClient
from services.rules.releases.shelf import Shelf
from services.rules.runs import job
from shared.clock import SystemClock
from shared.db.database import Database
from shared.jobs.worker import run_worker

write_part, stored = job.write_part, []

async def hang_after_three(driver, run_id, part):
    await write_part(driver, run_id, part)
    stored.append(part.code)
    if len(stored) > 3:
        print("hanging", flush=True)
        await asyncio.sleep(600)

job.write_part = hang_after_three

async def main():
    async with Database(sys.argv[1]) as database:
        registry = RegistryClient("registry", sys.argv[2], lambda: sys.argv[3])
        task = partial(job.carry_out, registry=registry, shelf=Shelf(database))
        await run_worker(database, {"run": task}, SystemClock())

asyncio.run(main())
"""


async def kept(bureau: Bureau) -> list[int]:
    """Return how many parts, outcomes, totals, flips and findings are stored."""
    tables = (RunPartRow, RunOutcomeRow, RunTotalRow, RunFlipRow, RunFindingRow)
    async with bureau.database.session() as session:
        return [await session.scalar(select(func.count()).select_from(one)) or 0 for one in tables]


async def job_of(bureau: Bureau, run: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = await bureau.read(f"/v1/jobs/{run['id']}")
    return found


async def test_a_killed_workers_run_goes_on_where_it_was(
    bureau: Bureau, province_registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await bureau.ask()
    arguments = (bureau.settings.database_url, bureau.settings.registry_url)
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HANGING_WORKER, *arguments, province_registry.token),
        stdout=asyncio.subprocess.PIPE,
        env=dict(os.environ),
    )
    assert worker.stdout is not None
    assert (await worker.stdout.readline()).strip() == b"hanging"
    under_way = await job_of(bureau, asked)
    assert (under_way["state"], under_way["progress"]["done"]) == ("running", 3)
    assert under_way["counts"]["households"] > 0
    assert (await bureau.read(f"/v1/runs/{asked['id']}"))["results"] is None
    worker.kill()
    await worker.wait()
    assert (await kept(bureau))[0] == 3
    async with bureau.database.session() as session:
        silent = text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 day'")
        await session.execute(silent)
    assert await requeue_stalled(bureau.database) == 1
    written: list[str] = []

    async def count_then_write(driver: Any, run_id: UUID, part: Any) -> None:
        written.append(part.code)
        await write_part(driver, run_id, part)

    monkeypatch.setattr(job, "write_part", count_then_write)
    await bureau.settle()
    resumed = await bureau.read(f"/v1/runs/{asked['id']}")
    assert resumed["state"] == "succeeded"
    total = (await job_of(bureau, asked))["progress"]["total"]
    assert len(written) == total - 3
    fresh = await bureau.run(CITY)
    assert resumed["counts"] == fresh["counts"]
    assert resumed["results"] == fresh["results"]
    assert await bureau.everything(f"/v1/runs/{fresh['id']}/flips") == []


async def test_a_cancelled_run_leaves_nothing(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await bureau.ask()

    async def cancel_then_write(driver: Any, run_id: UUID, part: Any) -> None:
        if (await kept(bureau))[0] == 2:
            async with bureau.caller() as client:
                answer = await client.post(f"/v1/jobs/{asked['id']}:cancel")
                assert answer.status_code in {200, 409}
        await write_part(driver, run_id, part)

    monkeypatch.setattr(job, "write_part", cancel_then_write)
    await bureau.settle()
    assert (await bureau.read(f"/v1/runs/{asked['id']}"))["state"] == "cancelled"
    assert await kept(bureau) == [0, 0, 0, 0, 0]
    async with bureau.caller() as client:
        assert (await client.get(f"/v1/runs/{asked['id']}/subjects")).status_code == 409
        assert (await client.get(f"/v1/runs/{asked['id']}/findings")).status_code == 409


@pytest.mark.parametrize(
    "outage",
    [
        pytest.param(DependencyUnavailable(Bilingual("–", "–")), id="registry"),
        pytest.param(ConnectionResetError(), id="database"),
        pytest.param(OSError(errno.ENOSPC, "full"), id="disk"),
    ],
)
async def test_a_run_that_meets_an_outage_waits_and_goes_on_where_it_was(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch, outage: Exception
) -> None:
    asked = await bureau.ask()
    written: list[str] = []
    over = False

    async def meet_an_outage(driver: Any, run_id: UUID, part: Any) -> None:
        if len(written) == 2 and not over:
            raise outage
        written.append(part.code)
        await write_part(driver, run_id, part)

    monkeypatch.setattr(job, "write_part", meet_an_outage)
    await bureau.settle()
    waiting = await job_of(bureau, asked)
    assert (waiting["state"], waiting["problem"]) == ("queued", None)
    assert waiting["waiting_for"]
    assert (await kept(bureau))[0] == 2
    over = True
    async with bureau.database.session() as session:
        await session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = NULL"))
    await bureau.settle()
    resumed = await job_of(bureau, asked)
    assert (resumed["state"], len(written)) == ("succeeded", resumed["progress"]["total"])


async def test_a_run_that_cannot_be_stored_fails_and_leaves_nothing(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await bureau.ask()

    async def fail_after_two(driver: Any, run_id: UUID, part: Any) -> None:
        if (await kept(bureau))[0] == 2:
            raise RuntimeError
        await write_part(driver, run_id, part)

    monkeypatch.setattr(job, "write_part", fail_after_two)
    await bureau.settle()
    failed = await job_of(bureau, asked)
    assert (failed["state"], failed["problem"]["type"]) == (
        "failed",
        "urn:qingling:problem:job-failed",
    )
    assert (await bureau.read(f"/v1/runs/{asked['id']}"))["state"] == "failed"
    assert await kept(bureau) == [0, 0, 0, 0, 0]


async def test_what_a_dead_worker_left_is_cleared_at_set_times(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = await bureau.run(COUNTY)
    stored = await kept(bureau)
    asked = await bureau.ask(CITY)
    written: list[str] = []
    stored_one = asyncio.Event()

    async def hang_after_the_first(driver: Any, run_id: UUID, part: Any) -> None:
        if written:
            stored_one.set()
            await asyncio.sleep(60)
        await write_part(driver, run_id, part)
        written.append(part.code)

    with monkeypatch.context() as patched:
        patched.setattr(job, "write_part", hang_after_the_first)
        worker = asyncio.create_task(
            run_worker(bureau.database, bureau.tasks, bureau.clock, grace=0)
        )
        await stored_one.wait()
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    await forget_failed(bureau.database)
    assert (await kept(bureau))[0] == stored[0] + 1  # it may still be resumed
    async with bureau.database.session() as session:
        (await session.get_one(JobRow, UUID(asked["id"]))).state = "failed"
    await forget_failed(bureau.database)
    assert await kept(bureau) == stored
    assert (await bureau.read(f"/v1/runs/{published['id']}"))["results"] == published["results"]


async def test_runs_of_one_division_go_one_after_another(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = [await bureau.ask(COUNTY) for _ in range(2)]
    under_way: set[UUID] = set()

    async def alone(driver: Any, run_id: UUID, part: Any) -> None:
        under_way.add(run_id)
        await asyncio.sleep(0.2)
        assert under_way == {run_id}
        await write_part(driver, run_id, part)
        under_way.clear()

    monkeypatch.setattr(job, "write_part", alone)
    for _ in range(2):
        await (
            bureau.settle()
        )  # a worker that only does what is waiting leaves what waits for a lock
    runs = [await bureau.read(f"/v1/runs/{one['id']}") for one in (first, second)]
    assert [one["state"] for one in runs] == ["succeeded", "succeeded"]
    assert [one["compared_with"] for one in runs] == [None, first["id"]]
