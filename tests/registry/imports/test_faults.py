"""Imports that are interrupted, cancelled, or meet another writer."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import func, select

from services.registry.households.tables import HouseholdRow
from services.registry.imports.job import TIMES_JUDGED
from services.registry.imports.tables import ImportOutcomeRow
from services.registry.imports.writing import write_plans
from services.registry.worker import tasks
from shared.jobs.worker import run_worker
from shared.journal.tables import JournalEntry
from tests.registry.imports.conftest import Desk
from tests.registry.imports.workbooks import (
    everything,
    household,
    member,
    rows_of_everything,
    workbook,
)
from tests.registry.samples import OTHER_VILLAGE
from tests.registry.samples import household as recorded_household
from tests.registry.samples import member as recorded_member

ROWS = rows_of_everything()

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
    assert await kept(desk) == [1, ROWS, ROWS]


async def test_while_an_import_writes_the_feed_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What others record meanwhile is told at once, and what is imported when it is over."""
    told: list[str] = []

    async def write_while_others_record(*arguments: Any) -> None:
        await write_plans(*arguments)
        other = recorded_household(number=f"O-{len(told)}")
        made = await desk.client.post("/v1/households", json=other)
        assert made.status_code == 201, made.text
        told.append(f"household/{made.json()['id']}")
        assert await subjects() == told

    async def subjects() -> list[str]:
        return [each["subject"] for each in (await desk.client.get("/v1/events")).json()]

    monkeypatch.setattr(WRITE, write_while_others_record)
    done = await desk.import_files(FILES)
    assert done["written"]
    everything_told = await subjects()
    assert everything_told[: len(told)] == told
    assert len(everything_told) == len(told) + ROWS


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


def writing_after(desk: Desk, numbers: Sequence[str]) -> Callable[..., Awaitable[None]]:
    """Return a ``write_plans`` before which somebody records the next household of these numbers."""
    following = iter(numbers)

    async def record_then_write(*arguments: Any) -> None:
        number = next(following, None)
        if number is not None:
            answer = await desk.client.post(
                "/v1/households", json=recorded_household(number=number)
            )
            assert answer.status_code == 201, answer.text
        await write_plans(*arguments)

    return record_then_write


async def test_an_import_that_meets_another_writer_is_judged_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await desk.import_files(FILES)
    record = (await desk.rows(first))[0]["record_id"]
    monkeypatch.setattr(WRITE, writing_after(desk, ["CA-9"]))
    rows = [household("CA-9", 村编码=OTHER_VILLAGE), household(农户类别="特困")]
    done = await desk.import_sheets({"农户": rows})
    assert done["counts"]["农户"] == {"updated": 2}, done
    read = await desk.client.get(f"/v1/households/{record}")
    assert (read.json()["category"], read.json()["version"]) == ("extreme_poverty", 2)


async def test_who_cannot_be_entered_any_more_is_named_by_row(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.import_sheets({"农户": [household("CA-1"), household("CA-2")]})
    listed = (await desk.client.get("/v1/households", params={"number": "CA-2"})).json()
    other = listed["items"][0]["id"]

    async def enter_then_write(*arguments: Any) -> None:
        # Whoever writes does so past the lock of the household, as another county's would.
        await desk.client.post("/v1/members", json=recorded_member(other))
        await write_plans(*arguments)

    monkeypatch.setattr(WRITE, enter_then_write)
    done = await desk.import_sheets({"成员": [member()]}, mode="each_row")
    (row,) = await desk.rows(done)
    assert row["outcome"] == "failed", row
    assert [each["code"] for each in row["problems"]] == ["person-cannot-be-entered"]


async def test_an_import_that_meets_others_every_time_gives_way(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [f"CA-{place}" for place in range(1, TIMES_JUDGED + 1)]
    monkeypatch.setattr(WRITE, writing_after(desk, numbers))
    done = await desk.import_sheets({"农户": [household(number) for number in numbers]})
    assert (done["state"], done["written"]) == ("failed", None)
    job = (await desk.client.get(f"/v1/jobs/{done['id']}")).json()
    assert job["problem"]["type"] == "urn:qingling:problem:conflict"
    assert await kept(desk) == [len(numbers), len(numbers), 0]


async def test_two_imports_of_the_same_file_at_once_make_each_record_once(desk: Desk) -> None:
    answers = [await desk.hand_in(FILES) for _ in range(2)]
    await desk.settle()
    done = [(await desk.client.get(answer.headers["location"])).json() for answer in answers]
    outcomes = sorted(tuple(each["counts"]["农户"]) for each in done)
    assert outcomes == [("created",), ("unchanged",)]
    assert (await kept(desk))[:2] == [1, ROWS]
