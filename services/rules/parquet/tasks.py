"""What is to be judged, into which file, and how the result comes into place."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from services.rules.engine import Policy
from services.rules.engine.columns import check_schema
from services.rules.engine.polars_backend import ColumnJudge
from services.rules.parquet.errors import TaskError

DIVISION_COLUMN = "village_code"


@dataclass(frozen=True)
class Task:
    """Facts of one subject as the registry streams them: one row a subject, money Int64 fen.

    `rules` None: all that decide. `division_column` need not be there where no parameter of the rules varies by division.
    """

    subject: str
    as_of: date
    facts: Path
    out: Path
    rules: Sequence[str] | None = None
    division_column: str = DIVISION_COLUMN


def read_schema(facts: Path) -> dict[str, pl.DataType]:
    """The columns of a Parquet file. Raises a TaskError."""
    if not facts.exists():
        raise TaskError("facts-file-missing", path=facts)
    try:
        return dict(pl.read_parquet_schema(facts))
    except (OSError, pl.exceptions.PolarsError) as failure:
        raise TaskError("facts-file", path=facts, reason=_first_line(failure)) from failure


def column_judge(policy: Policy, task: Task, schema: dict[str, pl.DataType]) -> ColumnJudge:
    """The judge of a task, when the file's columns and their types fit; ranges are checked as rows are read.

    Raises an EngineError.
    """
    plan = policy.plan(task.subject)
    judge = ColumnJudge(plan, task.as_of, task.division_column, task.rules)
    if not judge.plan.varying and task.division_column not in schema:
        judge = ColumnJudge(plan, task.as_of, None, task.rules)
    check_schema(judge.plan, schema, judge.division_column)
    return judge


def passed_columns(policy: Policy, judge: ColumnJudge, schema: dict[str, pl.DataType]) -> list[str]:
    """The columns that are no facts, nor their dates: ids and the like."""
    declared = policy.facts[judge.plan.subject].values()
    facts = {name for fact in declared for name in (fact.name, fact.dated_by)}
    return [name for name in judge.passed(schema) if name not in facts]


@contextmanager
def put_in_place(out: Path) -> Iterator[Path]:
    """A path beside `out` to write to, which becomes `out` when all went well and else disappears.

    Raises a TaskError.
    """
    try:
        room = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as failure:
        raise TaskError("output-file", path=out, reason=_first_line(failure)) from failure
    try:
        yield room / out.name
        if out.is_dir():
            out.rename(room / "earlier")
        (room / out.name).replace(out)
        _synced(out.parent)
    except OSError as failure:
        raise TaskError("output-file", path=out, reason=_first_line(failure)) from failure
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _synced(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _first_line(failure: Exception) -> str:
    return str(failure).splitlines()[0] if str(failure) else type(failure).__name__
