"""Imports that are interrupted, cancelled, or meet another writer."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from services.registry.households.tables import HouseholdRow
from services.registry.imports.tables import ImportOutcomeRow
from services.registry.imports.writing import write_plans
from services.registry.worker import tasks
from shared.jobs.worker import run_worker
from shared.journal.tables import JournalEntry
from tests.registry.imports.conftest import Desk
from tests.registry.imports.workbooks import everything, household, workbook
from tests.registry.samples import MERGE

WRITE = "services.registry.imports.carrying_out.write_plans"
FILES = [("登记.xlsx", workbook(everything()))]


async def kept(desk: Desk) -> list[int]:
    """Return how many households, journal entries and outcomes there are."""
    async with desk.database.session() as session:
        return [
            await session.scalar(select(func.count()).select_from(table)) or 0
            for table in (HouseholdRow, JournalEntry, ImportOutcomeRow)
        ]


async def test_a_worker_killed_in_the_middle_leaves_nothing_half_imported(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = asyncio.Event()

    async def hang_after_the_first(*arguments: Any) -> None:
        if written.is_set():
            await asyncio.sleep(60)
        await write_plans(*arguments)
        written.set()

    answer = await desk.hand_in(FILES)
    with monkeypatch.context() as patched:
        patched.setattr(WRITE, hang_after_the_first)
        worker = asyncio.create_task(
            run_worker(desk.database, tasks(desk.sealer), desk.clock, grace=0)
        )
        await written.wait()
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    assert await kept(desk) == [0, 0, 0]
    await desk.settle()
    done = (await desk.client.get(answer.headers["location"])).json()
    assert (done["state"], done["written"]) == ("succeeded", True)
    assert await kept(desk) == [1, 12, 12]


async def test_a_cancelled_import_leaves_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await desk.hand_in(FILES)
    address = answer.headers["location"]

    async def cancel_then_write(*arguments: Any) -> None:
        cancelled = await desk.client.post(f"/v1/jobs/{answer.json()['id']}:cancel")
        assert cancelled.status_code == 200, cancelled.text
        await write_plans(*arguments)

    monkeypatch.setattr(WRITE, cancel_then_write)
    await desk.settle()
    done = (await desk.client.get(address)).json()
    assert (done["state"], done["written"]) == ("cancelled", None)
    assert await kept(desk) == [0, 0, 0]


async def test_a_change_in_the_meantime_fails_the_import_and_is_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await desk.import_files(FILES)
    record = (await desk.rows(first))[0]["record_id"]

    async def change_then_write(*arguments: Any) -> None:
        amended = await desk.client.post(
            "/v1/households",
            json={
                "number": "CA-9",
                "village_code": "330127100219",
                "category": "dibao",
                "registered_on": "2019-10-01",
            },
        )
        assert amended.status_code in (201, 409), amended.text
        await write_plans(*arguments)

    monkeypatch.setattr(WRITE, change_then_write)
    done = await desk.import_sheets({"农户": [household("CA-9"), household(农户类别="特困")]})
    assert (done["state"], done["written"]) == ("failed", None)
    job = (await desk.client.get(f"/v1/jobs/{done['id']}")).json()
    assert job["problem"]["type"] == "urn:qingling:problem:conflict"
    read = await desk.client.get(f"/v1/households/{record}", headers=MERGE)
    assert (read.json()["category"], read.json()["version"]) == ("dibao", 1)


async def test_two_imports_of_the_same_file_at_once_make_each_record_once(desk: Desk) -> None:
    answers = [await desk.hand_in(FILES) for _ in range(2)]
    await desk.settle()
    done = [(await desk.client.get(answer.headers["location"])).json() for answer in answers]
    outcomes = sorted(tuple(each["counts"]["农户"]) for each in done)
    assert outcomes == [("created",), ("unchanged",)]
    assert (await kept(desk))[:2] == [1, 12]
