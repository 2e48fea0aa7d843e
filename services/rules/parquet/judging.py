"""Judging a Parquet file of facts into a Parquet file of answers."""

from collections.abc import Callable
from enum import StrEnum

import polars as pl

from services.rules.engine import Policy
from services.rules.engine.polars_backend import OPTIMIZATIONS, ColumnJudge
from services.rules.parquet.errors import TaskError
from services.rules.parquet.row_by_row import judge_rows
from services.rules.parquet.spark import judge_by_spark
from services.rules.parquet.tasks import (
    Task,
    column_judge,
    passed_columns,
    put_in_place,
    read_schema,
)

Progress = Callable[[int, int], None]
"""Called with how many rows are read, and of how many."""


class Engine(StrEnum):
    """The backends; their cells are identical."""

    POLARS = "polars"
    PYTHON = "python"
    SPARK = "spark"


def judge_files(
    policy: Policy, task: Task, engine: Engine, progress: Progress = lambda _read, _rows: None
) -> int:
    """Judge every row of `task.facts`; gives their number.

    `task.out` gets the columns that are no facts (ids), then those of `judge_columns`: outcomes, masks, stale. Spark writes a
    directory of files, whose rows stand in any order and whose masks are BIGINT; the others one file in the order of the facts.
    It comes into place as a whole or, at any failure, not at all. The file is streamed: memory
    follows the size of its row groups, and grows with their number by a small part of what they hold (`make bench` measures it).

    Raises an EngineError: one of judge_columns, or a TaskError.
    """
    schema = read_schema(task.facts)
    judge = column_judge(policy, task, schema)
    passed = passed_columns(policy, judge, schema)
    facts = pl.scan_parquet(task.facts)
    rows: int = facts.select(pl.len()).collect().item()
    with put_in_place(task.out) as place:
        if engine is Engine.SPARK:
            judge_by_spark(policy, task, judge, passed, place)
            progress(rows, rows)
        else:
            needed = [*passed, *(name for name in judge.reads(schema) if name not in passed)]
            prepared = _prepared(facts.select(needed), judge, lambda read: progress(read, rows))
            if engine is Engine.POLARS:
                judged = judge.judged(prepared)
            else:
                judged = _row_by_row(policy, task, judge, prepared, passed)
            _write(judged.select(*passed, *judge.lowered.outputs), task, place)
    return rows


def _prepared(
    facts: pl.LazyFrame, judge: ColumnJudge, progress: Callable[[int], None]
) -> pl.LazyFrame:
    """The facts, each part checked as it passes."""
    read = 0

    def prepare(part: pl.DataFrame) -> pl.DataFrame:
        nonlocal read
        prepared = judge.prepare(part)
        read += part.height
        progress(read)
        return prepared

    schema = judge.prepare(facts.collect_schema().to_frame()).schema
    return facts.map_batches(prepare, schema=schema, streamable=True)


def _row_by_row(
    policy: Policy, task: Task, judge: ColumnJudge, prepared: pl.LazyFrame, passed: list[str]
) -> pl.LazyFrame:
    def judged(part: pl.DataFrame) -> pl.DataFrame:
        answers = judge_rows(policy, task.subject, judge, part)
        return part.select(passed).hstack(answers)

    schema = judged(prepared.collect_schema().to_frame()).schema
    return prepared.map_batches(judged, schema=schema, streamable=True)


def _write(judged: pl.LazyFrame, task: Task, place: object) -> None:
    try:
        judged.sink_parquet(
            str(place), compression="lz4", statistics=False, optimizations=OPTIMIZATIONS
        )
    except pl.exceptions.ComputeError as failure:
        raise TaskError(
            "facts-file", path=task.facts, reason=str(failure).splitlines()[0]
        ) from failure
