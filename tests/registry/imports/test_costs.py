"""Files made to cost much: each is refused, or costs what is really there, and holds up nobody."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import select, update

from services.registry.imports import apart
from services.registry.imports.files.limits import COLUMNS, LINE, MERGED
from services.registry.imports.job import seal_waiting_files
from services.registry.imports.tables import ImportFileRow
from services.registry.imports.usecases import seal_context
from services.registry.reading_limits import ReadingLimits
from services.registry.scopes import Scope
from services.registry.worker import tasks
from shared.jobs.worker import run_worker
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker
from tests.registry.imports.conftest import Desk
from tests.registry.imports.packages import (
    codes,
    faults,
    header_row,
    package,
    parts_of,
    read,
    read_in_process,
    text_cell,
)
from tests.registry.imports.test_kinds import HOUSEHOLDS
from tests.registry.imports.workbooks import everything, household, workbook

FEW = replace(ReadingLimits(), rows=50, cells=400)
ROWS = header_row(HOUSEHOLDS) + "".join(
    f"<row r='{row}'>{text_cell(f'A{row}', 'CA-1')}</row>" for row in range(2, 40)
)


def numbered(rows: int, cells: int = 1) -> str:
    return "".join(f"<row>{'<c><v>1</v></c>' * cells}</row>" for _ in range(rows))


def test_merged_ranges_cost_their_number_and_not_their_area() -> None:
    reach = "<mergeCell ref='A2:XFD1048576'/>" * 20_000 + "<mergeCell ref='A3:A3'/>"
    content = package(parts_of("农户", ROWS, f"<mergeCells>{reach}</mergeCells>"))
    found = list(faults(read(("a.xlsx", content))))
    assert found == [(row, "merged-cells") for row in range(2, 40)]


def test_formulas_that_reach_far_cost_their_number() -> None:
    rows = "".join(
        f"<row r='{row}'><c r='A{row}'><f t='array' ref='A{row}:A1048576'>1</f></c></row>"
        for row in range(2, 20_000)
    )
    (sheet,) = read(("a.xlsx", package(parts_of("农户", header_row(HOUSEHOLDS) + rows)))).sheets
    assert len(sheet.rows) == 19_998


def test_far_cells_cost_nothing() -> None:
    blank = "".join(f"<row r='{row}'><c r='XFD{row}' s='1'/></row>" for row in range(100, 9000))
    last = f"<row r='1048576'>{text_cell('A1048576', 'CA-2')}</row>"
    (sheet,) = read(("a.xlsx", package(parts_of("农户", ROWS + blank + last)))).sheets
    assert sheet.numbers[-2:] == [39, 1_048_576]
    assert max(map(len, sheet.rows)) <= COLUMNS


@pytest.mark.parametrize(
    ("file", "content", "limits", "code"),
    [
        ("a.xlsx", package(parts_of("农户", numbered(51))), FEW, "sheet-too-large"),
        ("a.xlsx", package(parts_of("农户", numbered(41, 10))), FEW, "cells-too-many"),
        ("农户.csv", b"1\n" * 51, FEW, "sheet-too-large"),
        ("农户.csv", (b"1," * 20 + b"\n") * 30, FEW, "cells-too-many"),
        ("农户.csv", b"," * (LINE + 1), FEW, "line-too-long"),
        ("农户.csv", b'1,"' + b"1\n" * LINE, FEW, "line-too-long"),
        ("农户.csv", b'"' + b"1" * LINE + b'"', FEW, "line-too-long"),
        (
            "a.xlsx",
            package(parts_of("农户", "<row>" + "<c><v>1</v></c>" * 2000 + "</row>")),
            FEW,
            "sheet-too-large",
        ),
        (
            "a.xlsx",
            package(
                parts_of(
                    "农户",
                    ROWS,
                    "<mergeCells>" + "<mergeCell ref='A1:A2'/>" * (MERGED + 1) + "</mergeCells>",
                )
            ),
            ReadingLimits(),
            "merged-too-many",
        ),
        (
            "a.xlsx",
            package({f"part{number}": "" for number in range(10_001)}),
            FEW,
            "package-too-manifold",
        ),
        (
            "a.xlsx",
            package(parts_of("农户", " " * 2**20)),
            replace(FEW, unpacked_bytes=2**20),
            "file-too-large",
        ),
    ],
)
def test_what_is_bounded(file: str, content: bytes, limits: ReadingLimits, code: str) -> None:
    assert codes(read((file, content), limits=limits)) == [code]


def test_merged_headers_are_named_ten_at_most() -> None:
    reach = "<mergeCell ref='A1:B1'/>" * 1000
    content = package(parts_of("农户", ROWS, f"<mergeCells>{reach}</mergeCells>"))
    assert codes(read(("a.xlsx", content))) == ["header-merged"] * 10


HUGE = package(parts_of("农户", numbered(100, 40) * 1500))
"""Takes a processor for long, whatever its speed, and is a small file."""


@pytest.mark.parametrize(
    "limits",
    [
        replace(ReadingLimits(), seconds=0.5),
        replace(ReadingLimits(), cpu_seconds=1),
        replace(ReadingLimits(), memory_bytes=120 * 2**20),
    ],
)
async def test_a_process_over_its_limits_is_ended_and_the_file_refused(
    limits: ReadingLimits,
) -> None:
    content = HUGE
    if limits.memory_bytes < ReadingLimits.memory_bytes:
        content = "户编号\n".encode() + b"1" * (100 * 2**20)
    reading = await read_in_process(("农户.csv", content), limits=limits)
    assert codes(reading) == ["file-too-costly"]
    assert "农户.csv" in reading.problems[0].message.zh
    assert readers() == []


async def test_the_process_is_given_no_secret_and_writes_no_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QINGLING_DATA_KEYS", "secret")
    reading = asyncio.create_task(read_in_process(("a.xlsx", HUGE)))
    reader = await started()
    environment = reader.environ()
    assert not any(name.startswith("QINGLING") for name in environment)
    limits = reader.rlimit(psutil.RLIMIT_FSIZE), reader.rlimit(psutil.RLIMIT_CORE)
    opened = [file.path for file in reader.open_files()]
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert [soft for soft, _ in limits] == [0, 0]
    assert opened == []
    assert readers() == []


async def test_a_process_that_is_killed_is_started_again() -> None:
    content = package(parts_of("农户", header_row(HOUSEHOLDS) + numbered(100, 5) * 200))
    reading = asyncio.create_task(read_in_process(("a.xlsx", content)))
    (await started()).send_signal(signal.SIGKILL)
    assert codes(await reading) == []


async def test_a_process_that_cannot_work_is_no_fault_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apart, "_MODULE", "services.registry.imports.nothing")
    with pytest.raises(apart.ReadingProcessFailed):
        await read_in_process(("a.xlsx", workbook(everything())))


async def test_the_process_ends_with_the_worker(tmp_path: Path) -> None:
    script = (
        "import asyncio\n"
        "from tests.registry.imports.packages import package, parts_of, read_in_process\n"
        "rows = ('<row>' + '<c><v>1</v></c>' * 40 + '</row>') * 150_000\n"
        "asyncio.run(read_in_process(('a.xlsx', package(parts_of('农户', rows)))))\n"
    )
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, cwd=Path(apart.__file__).parents[3]
    )
    reader = await started(of=worker.pid)
    worker.kill()
    await worker.wait()
    await asyncio.to_thread(psutil.wait_procs, [reader], 60)
    assert not reader.is_running() or reader.status() == psutil.STATUS_ZOMBIE


async def test_a_cancelled_import_stops_reading(desk: Desk) -> None:
    answer = await desk.hand_in([("a.xlsx", HUGE)])
    worker = asyncio.create_task(desk.settle())
    await started()
    cancelled = await desk.client.post(f"/v1/jobs/{answer.json()['id']}:cancel")
    assert cancelled.status_code == 200
    await worker
    done = (await desk.client.get(answer.headers["location"])).json()
    assert (done["state"], done["written"]) == ("cancelled", None)
    assert readers() == []


async def test_a_stopped_worker_puts_the_import_back(desk: Desk) -> None:
    answer = await desk.hand_in([("a.xlsx", HUGE)])
    worker = asyncio.create_task(run_worker(desk.database, tasks(desk.sealer), desk.clock, grace=0))
    await started()
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert readers() == []
    done = (await desk.client.get(answer.headers["location"])).json()
    assert done["state"] == "queued"


async def test_one_countys_files_do_not_hold_up_another(desk: Desk, token: TokenMaker) -> None:
    held = [await desk.hand_in([("a.xlsx", HUGE)]) for _ in range(3)]
    worker = asyncio.create_task(
        run_worker(desk.database, tasks(desk.sealer), desk.clock, concurrency=2, grace=0)
    )
    await started()
    async with client_of(desk.app, token(*Scope, division="330324000000")) as client:
        other = replace(desk, client=client)
        answer = await other.hand_in([("b.xlsx", workbook({"农户": [household("YJ-1")]}))])
        await until(lambda: over(other, answer.headers["location"]))
    states = [(await desk.client.get(each.headers["location"])).json()["state"] for each in held]
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert states == ["running", "queued", "queued"]


async def test_files_wait_sealed(desk: Desk) -> None:
    content = workbook(everything())
    answer = await desk.hand_in([("a.xlsx", content), ("农户.csv", "户编号\n1".encode())])
    async with desk.database.session() as session:
        rows = list(await session.scalars(select(ImportFileRow).order_by(ImportFileRow.place)))
    for row, sent in zip(rows, (content, "户编号\n1".encode()), strict=True):
        assert sent not in row.content
        assert sent[:4] != row.content[:4]
        context = seal_context(row.import_id, row.place)
        assert b"".join(desk.sealer.open_bytes(row.content, context)) == sent
    await desk.settle()
    async with desk.database.session() as session:
        assert list(await session.scalars(select(ImportFileRow))) == []
    assert (await desk.client.get(answer.headers["location"])).json()["state"] == "failed"


@pytest.mark.parametrize("sealed_first", [True, False])
async def test_what_waited_unsealed_is_sealed_and_read(desk: Desk, *, sealed_first: bool) -> None:
    content = workbook({"农户": [household()]})
    answer = await desk.hand_in([("a.xlsx", content)])
    async with desk.database.session() as session:
        await session.execute(update(ImportFileRow).values(content=content, length=None))
    if sealed_first:
        await seal_waiting_files(desk.database, desk.sealer)
        async with desk.database.session() as session:
            (row,) = await session.scalars(select(ImportFileRow))
        assert (row.length, content in row.content) == (len(content), False)
    await desk.settle()
    done = (await desk.client.get(answer.headers["location"])).json()
    assert done["counts"] == {"农户": {"created": 1}}


def readers(of: int | None = None) -> list[psutil.Process]:
    """Return the running processes that read files for this one, or for another."""
    return [
        child
        for child in psutil.Process(of).children()
        if child.status() != psutil.STATUS_ZOMBIE and apart._MODULE in child.cmdline()
    ]


async def started(of: int | None = None) -> psutil.Process:
    """Return a process that reads files, once it has set itself limits."""

    async def limited() -> bool:
        found = readers(of)
        return bool(found) and found[0].rlimit(psutil.RLIMIT_FSIZE)[0] == 0

    await until(limited)
    return readers(of)[0]


async def over(desk: Desk, address: str) -> bool:
    done: dict[str, Any] = (await desk.client.get(address)).json()
    return done["state"] in ("succeeded", "failed")


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(120):
        while not await holds():  # noqa: ASYNC110 - what another process does sets no event
            await asyncio.sleep(0.05)
