"""Measures judging Parquet to Parquet with masks against bare Polars without, its growth, and its memory.

`python -m tests.bench.bench_columns`
"""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import psutil

from services.rules.engine.columns import polars_type
from services.rules.engine.units import Kind
from services.rules.parquet import Engine, Task, judge_files
from services.rules.vocabulary import load_policy
from tests.bench.bare_columns import judge_bare

AS_OF = date(2020, 10, 1)
CHECKED_ON = date(2020, 6, 10)
POLICY = load_policy()
MEASURED = (350_000, 3_500_000, 5_000_000)
PART = 350_000
UNKNOWN = 0.1


def household_facts(rows: int) -> pl.DataFrame:
    """Invented facts of households, a tenth of them unknown, over 2,500 villages."""
    chance = random.Random(0)
    columns = {"household_id": pl.int_range(rows, eager=True).cast(pl.String).str.zfill(36)}
    for fact in POLICY.plan("household").facts:
        match fact.type.kind:
            case Kind.BOOLEAN:
                choices: list[bool | str | int] = [True, False, False]
            case Kind.CODE:
                choices = list(fact.type.codes)
            case _:
                high = min(fact.type.high, 2_000_000)
                choices = [chance.randint(fact.type.low, high) for _ in range(999)]
        drawn = [None if chance.random() < UNKNOWN else chance.choice(choices) for _ in range(rows)]
        columns[fact.name] = pl.Series(drawn, dtype=polars_type(fact.type))
        if fact.dated_by is not None:
            columns[fact.dated_by] = pl.Series([CHECKED_ON]).new_from_index(0, rows)
    villages = pl.Series([f"3301271{i // 100:02d}{200 + i % 100}" for i in range(2_500)])
    columns["village_code"] = villages.gather(pl.int_range(rows, eager=True) // 140 % 2_500)
    return pl.DataFrame(columns)


def write_facts(folder: Path) -> dict[int, Path]:
    """A file for each size, of the same households over and over."""
    part = household_facts(PART)
    paths = {}
    for rows in MEASURED:
        repeated = [part] * (rows // PART) + [part.head(rows % PART)]
        paths[rows] = folder / f"facts-{rows}.parquet"
        pl.concat(repeated, rechunk=False).write_parquet(paths[rows], row_group_size=PART)
    return paths


def judge_with_masks(facts: Path, out: Path) -> None:
    judge_files(POLICY, Task("household", AS_OF, facts, out), Engine.POLARS)


def judge_without(facts: Path, out: Path) -> None:
    judge_bare(POLICY.plan("household"), AS_OF, facts, out)


KINDS: dict[str, Callable[[Path, Path], None]] = {
    "with masks": judge_with_masks,
    "bare": judge_without,
}


def seconds(kind: str, facts: Path, out: Path, runs: int) -> tuple[float, float]:
    """The best of some runs, by the clock and by the processors' time."""
    clock, work = [], []
    for _ in range(runs):
        started, busy = time.perf_counter(), time.process_time()
        KINDS[kind](facts, out)
        clock.append(time.perf_counter() - started)
        work.append(time.process_time() - busy)
    return min(clock), min(work)


def peak_memory(kind: str, facts: Path, out: Path) -> int:
    """The greatest memory of a process of its own that judges the file, without the pages of the file itself."""
    call = [sys.executable, "-m", "tests.bench.bench_columns", kind, str(facts), str(out)]
    process = subprocess.Popen(call)
    return max(_memory(psutil.Process(process.pid), process), default=0)


def _memory(watched: psutil.Process, process: "subprocess.Popen[bytes]") -> Iterator[int]:
    while process.poll() is None:
        try:
            memory = watched.memory_info()
            yield memory.rss - memory.shared
        except psutil.NoSuchProcess:
            return
        time.sleep(0.01)


def main() -> None:
    plan = POLICY.plan("household")
    print(f"{len(plan.facts)} facts, {len(plan.parameters)} parameters, {len(plan.rules)} rules")
    with TemporaryDirectory(prefix="qingling-bench-") as folder:
        out = Path(folder) / "out.parquet"
        files = write_facts(Path(folder))
        with_masks: dict[int, tuple[float, float]] = {}
        for rows, facts in files.items():
            runs = 3 if rows < 1_000_000 else 2
            found = {kind: seconds(kind, facts, out, runs) for kind in KINDS}
            with_masks[rows] = found["with masks"]
            for kind, (clock, work) in found.items():
                print(f"{rows:9,} households {kind:10} {clock:8.2f} s  {work:8.2f} s of processors")
            clock, work = (a / b for a, b in zip(found["with masks"], found["bare"], strict=True))
            print(f"{rows:9,} households ratio      {clock:8.2f}    {work:8.2f}")
        large, small = with_masks[3_500_000], with_masks[350_000]
        clock, work = (a / b for a, b in zip(large, small, strict=True))
        print(f"growth 350,000 to 3,500,000   {clock:8.1f} ×  {work:8.1f} ×")
        for rows, facts in files.items():
            for kind in KINDS:
                megabytes = peak_memory(kind, facts, out) / 1e6
                print(f"{rows:9,} households {kind:10} {megabytes:8.0f} MB at most")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        KINDS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
