"""The command line of rules: ``python -m services.rules``."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.rules.engine import EngineError, Policy
from services.rules.engine.declarations import StatedBy
from services.rules.engine.spark_sql import Source, select_sql
from services.rules.main import create_app
from services.rules.parquet import Engine, Task, judge_files
from services.rules.parquet.errors import TaskError
from services.rules.parquet.tasks import DIVISION_COLUMN
from services.rules.settings import RulesSettings
from services.rules.vocabulary import BUILT_IN, load_policy
from services.rules.worker import work
from shared.command import ServiceCommand

cli = ServiceCommand("rules", RulesSettings, create_app, work).cli

REFUSED = 2


class Dialect(StrEnum):
    """The SQL that rules can be compiled to."""

    SPARK = "spark"


SubjectOption = Annotated[str, typer.Option(help="household, village or division")]
AsOf = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Judge as of this day")]
PolicyFolder = Annotated[
    Path, typer.Option("--policy", help="The folder of the policy's YAML files")
]
RuleNames = Annotated[
    str | None, typer.Option("--rules", help="Only these rules, separated by commas")
]
DivisionColumn = Annotated[str, typer.Option(help="The column with each row's 12-digit division")]


@cli.command()
def run(
    subject: SubjectOption,
    as_of: AsOf,
    facts: Annotated[Path, typer.Option(help="Parquet: a row a subject, money in fen")],
    out: Annotated[Path, typer.Option(help="Parquet: outcomes, masks and the columns not judged")],
    engine: Annotated[Engine, typer.Option()] = Engine.POLARS,
    policy: PolicyFolder = BUILT_IN,
    rules: RuleNames = None,
    division_column: DivisionColumn = DIVISION_COLUMN,
) -> None:
    """Judge every row of a Parquet file."""
    with _refusals(), _progress() as progress:
        task = Task(subject, as_of.date(), facts, out, _names(rules), division_column)
        bar = progress.add_task(f"{subject} {task.as_of} {engine}", total=None)
        judge_files(
            _policy(policy),
            task,
            engine,
            lambda read, rows: progress.update(bar, completed=read, total=rows),
        )


@cli.command(name="compile")
def compile_rules(
    subject: SubjectOption,
    as_of: AsOf,
    dialect: Annotated[Dialect, typer.Option()] = Dialect.SPARK,
    policy: PolicyFolder = BUILT_IN,
    rules: RuleNames = None,
    division_column: DivisionColumn = DIVISION_COLUMN,
    table: Annotated[str, typer.Option(help="The table of facts")] = "facts",
    keep: Annotated[
        str | None, typer.Option(help="Columns that pass through; else the division")
    ] = None,
    asked: Annotated[
        bool, typer.Option("--asked", help="The table also has the facts that the asker states")
    ] = False,
) -> None:
    """Print the rules as one SELECT with the columns that `run` writes."""
    with _refusals():
        judged = _policy(policy)
        plan = judged.plan(subject)
        unstated = {fact.name for fact in plan.facts if fact.stated_by is StatedBy.ASKER}
        source = Source(
            table,
            _names(keep) or [division_column],
            division_column,
            frozenset() if asked else frozenset(unstated),
        )
        day = as_of.date()
        text = select_sql(plan, day, source, _names(rules))
        typer.echo(
            f"-- {dialect}: {subject} as of {day}, release {judged.release}\n{text}", nl=False
        )


def _policy(folder: Path) -> Policy:
    if not any(folder.rglob("*.yaml")):
        raise TaskError("policy-missing", path=folder)
    return load_policy(folder)


def _names(rules: str | None) -> list[str] | None:
    return None if rules is None else [name.strip() for name in rules.split(",")]


@contextmanager
def _refusals() -> Iterator[None]:
    """What is refused is said on stderr with its code, and ends the command with status 2."""
    try:
        yield
    except EngineError as failure:
        typer.echo(f"{failure.code}: {failure.message('zh')}\n{failure}", err=True)
        raise typer.Exit(REFUSED) from failure


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(file=sys.stderr),
    )
