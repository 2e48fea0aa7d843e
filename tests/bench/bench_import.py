"""Measures the import of a whole workbook. `python -m tests.bench.bench_import [households]`."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from deploy.sample.households import county_households
from deploy.sample.workbook import rows_of, write_workbook
from services.registry.imports import job
from services.registry.imports.apart import read_apart
from services.registry.imports.carrying_out import ImportRun
from services.registry.imports.columns import SHEETS
from services.registry.imports.outcomes import Mode
from services.registry.imports.reading import Reading
from services.registry.imports.usecases import IMPORT_JOB, request_import
from services.registry.values.sealing import Sealer
from services.registry.worker import tasks
from shared.clock import SystemClock
from shared.db.database import Database
from shared.db.embedded import embedded_postgres, ensure_database
from shared.db.migrations import upgrade
from shared.jobs.run import JobRun
from shared.jobs.worker import run_worker
from shared.security.access import Caller
from shared.web.work import CallersWork

HOUSEHOLDS = 20_000
COUNTY = "330127000000"


def main() -> None:
    """Import a workbook of invented households twice, through the worker, and print the times."""
    households = int(sys.argv[1]) if len(sys.argv) > 1 else HOUSEHOLDS
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "households.xlsx"
        made = list(county_households(COUNTY, households))
        write_workbook(file, made)
        rows = sum(1 for one in made for sheet in SHEETS for _ in rows_of(one, sheet))
        print(f"{households:,} households, {rows:,} rows, {file.stat().st_size / 1e6:.1f} MB")
        with embedded_postgres(Path(folder) / "postgres") as server:
            address = ensure_database(server, "registry")
            upgrade("registry", address)
            asyncio.run(_measure(address, file.read_bytes(), households, rows))


async def _measure(address: str, content: bytes, households: int, rows: int) -> None:
    sealer = Sealer({1: os.urandom(32)}, 1)
    async with Database(address) as database:
        for name in ("first run, all created", "second run, all unchanged"):
            times = await _import(database, sealer, content)
            after = times["job"] - times["read"]
            print(f"{name} (load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores):")
            print(f"  read the workbook     {times['read']:6.2f} s")
            print(f"  check and write rows  {times['carry out']:6.2f} s")
            print(f"  commit and the rest   {after - times['carry out']:6.2f} s")
            print(f"  CPU of this process   {times['cpu']:6.2f} s of checking and writing")
            print(
                f"  after reading         {households / after:6,.0f} households/s, "
                f"{rows / after:,.0f} rows/s"
            )


async def _import(database: Database, sealer: Sealer, content: bytes) -> dict[str, float]:
    """Import the file as the worker does; return the seconds of the job and its parts."""
    times: dict[str, float] = {}
    async with database.session() as session:
        caller = Caller("clerk", "clerk", COUNTY, frozenset())
        work = CallersWork(session, caller.subject, datetime.now(UTC), "bench", caller=caller)
        files = [("households.xlsx", content)]
        await request_import(work, files, Mode.ALL_OR_NOTHING, sealer, dry_run=False)

    async def reading(*asked: Any) -> Any:
        return await _timed("read", times, read_apart, *asked)

    async def task(run: JobRun) -> Any:
        return await _timed("job", times, tasks(sealer)[IMPORT_JOB], run)

    carry_out = ImportRun.carry_out

    async def carrying_out(self: ImportRun, reading: Reading) -> Any:
        busy = time.process_time()
        judged = await _timed("carry out", times, carry_out, self, reading)
        times["cpu"] = time.process_time() - busy
        return judged

    with (
        patch.object(job, "read_apart", reading),
        patch.object(ImportRun, "carry_out", carrying_out),
    ):
        await run_worker(database, {IMPORT_JOB: task}, SystemClock(), until_idle=True, grace=600)
    return times


async def _timed(
    name: str, times: dict[str, float], call: Callable[..., Awaitable[Any]], *arguments: Any
) -> Any:
    started = time.perf_counter()
    result = await call(*arguments)
    times[name] = time.perf_counter() - started
    return result


if __name__ == "__main__":
    main()
