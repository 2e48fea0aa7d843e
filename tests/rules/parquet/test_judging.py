"""Parquet to Parquet: the same cells from whichever engine, and nothing half written."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from services.rules.cli import cli
from services.rules.engine import EngineError, FactValue
from services.rules.parquet import Engine, Task, judge_files
from services.rules.vocabulary import load_policy
from tests.rules.engine.policies import condition, policy, value
from tests.rules.policy.rows import table

POLICY = policy(
    net=value("income - spending"),
    rich=condition("household.net >= size * :line AND NOT poor"),
    graded=condition("grade = 'A'"),
)
AS_OF = date(2020, 10, 1)
ROWS = [
    {},
    {"income": FactValue(-5), "spending": FactValue(0), "size": FactValue(2)},
    {
        "income": FactValue(1_700_000),
        "spending": FactValue(0),
        "size": FactValue(2),
        "poor": FactValue(False, AS_OF),
        "grade": FactValue("B"),
    },
]
FACTS = table(POLICY, "household", ROWS).with_columns(
    pl.Series("household_id", ["a", "b", "c"]),
    pl.Series("village_code", ["330127100201", None, "330127100202"]),
    pl.lit("not a fact of these rules").alias("born"),
)


def written(tmp_path: Path, facts: pl.DataFrame, rules: list[str] | None = None) -> Task:
    facts.write_parquet(tmp_path / "facts.parquet")
    return Task("household", AS_OF, tmp_path / "facts.parquet", tmp_path / "out.parquet", rules)


@pytest.mark.parametrize("engine", [Engine.POLARS, Engine.PYTHON])
@pytest.mark.parametrize("rules", [None, ["household.graded"], ["household.net"]])
def test_the_answers_of_a_file(tmp_path: Path, engine: Engine, rules: list[str] | None) -> None:
    task = written(tmp_path, FACTS, rules)
    seen: list[tuple[int, int]] = []
    rows = judge_files(POLICY, task, engine, lambda read, rows: seen.append((read, rows)))
    assert rows == 3
    assert seen[-1] == (3, 3)
    expected = POLICY.judge_columns(
        "household", FACTS.drop("born"), AS_OF, "village_code", rules
    ).select(["household_id", "village_code", pl.exclude("household_id", "village_code")])
    assert pl.read_parquet(task.out).equals(expected)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["facts.parquet", "out.parquet"]


def test_an_empty_file_is_judged(tmp_path: Path) -> None:
    task = written(tmp_path, FACTS.clear())
    assert judge_files(POLICY, task, Engine.POLARS) == 0
    assert pl.read_parquet(task.out).height == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (pl.lit(1.5).alias("income"), "facts-column-type"),
        (pl.lit(float("nan")).alias("income"), "facts-column-type"),
        (pl.lit("8000.00").alias("income"), "facts-column-type"),
        (pl.lit(-1, pl.Int64).alias("spending"), "facts-column-range"),
        (pl.lit(0, pl.Int64).alias("size"), "facts-column-range"),
        (pl.lit("C").alias("grade"), "facts-column-range"),
        (pl.lit("330127").alias("village_code"), "facts-column-range"),
        (pl.lit(330127, pl.Int64).alias("village_code"), "facts-column-type"),
    ],
)
@pytest.mark.parametrize("engine", [Engine.POLARS, Engine.PYTHON])
def test_facts_that_break_the_contract_leave_the_earlier_answer(
    tmp_path: Path, engine: Engine, change: pl.Expr, code: str
) -> None:
    task = written(tmp_path, FACTS.with_columns(change))
    task.out.write_bytes(b"earlier")
    with pytest.raises(EngineError) as failure:
        judge_files(POLICY, task, engine)
    assert failure.value.code == code
    assert task.out.read_bytes() == b"earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["facts.parquet", "out.parquet"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"facts": "none.parquet"}, "facts-file-missing"),
        ({"facts": "text.parquet"}, "facts-file"),
        ({"facts": "cut.parquet"}, "facts-file"),
        ({"out": "nowhere/out.parquet"}, "output-file"),
        ({"subject": "castle"}, "unknown-subject"),
        ({"rules": ["household.net", "household.nothing"]}, "rule-undeclared"),
        ({"division_column": "township"}, "facts-column-missing"),
    ],
)
def test_a_task_that_cannot_be_done_is_refused(
    tmp_path: Path, changes: dict[str, Any], code: str
) -> None:
    whole = written(tmp_path, FACTS)
    (tmp_path / "text.parquet").write_text("household_id,income\n")
    (tmp_path / "cut.parquet").write_bytes(whole.facts.read_bytes()[:-20])
    paths = {name: tmp_path / changes[name] for name in ("facts", "out") if name in changes}
    given: dict[str, Any] = changes | paths
    task = replace(whole, **given)
    with pytest.raises(EngineError) as failure:
        judge_files(POLICY, task, Engine.POLARS)
    assert failure.value.code == code
    assert not whole.out.exists()


def test_pages_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    task = written(tmp_path, FACTS)
    content = bytearray(task.facts.read_bytes())
    content[4:300] = bytes(296)
    task.facts.write_bytes(content)
    with pytest.raises(EngineError) as failure:
        judge_files(POLICY, task, Engine.POLARS)
    assert failure.value.code == "facts-file"
    assert not task.out.exists()


def test_without_figures_by_division_no_division_is_needed(tmp_path: Path) -> None:
    task = written(tmp_path, FACTS.drop("village_code"), ["household.graded"])
    assert judge_files(POLICY, task, Engine.POLARS) == 3


def test_the_command(tmp_path: Path) -> None:
    built_in = load_policy()
    facts = table(built_in, "village", [{}, {}]).with_columns(
        pl.lit("330127100201").alias("village_code")
    )
    facts.write_parquet(tmp_path / "facts.parquet")
    arguments = ["run", "--subject", "village", "--as-of", "2020-10-15", "--facts"]
    given = [*arguments, str(tmp_path / "facts.parquet"), "--out", str(tmp_path / "out.parquet")]
    done = CliRunner().invoke(cli, [*given, "--rules", "village.zero_out"])
    assert done.exit_code == 0
    assert pl.read_parquet(tmp_path / "out.parquet")["village.zero_out"].to_list() == [None, None]
    refused = CliRunner().invoke(cli, [*given, "--rules", "village.none"])
    assert refused.exit_code == 2
    assert "rule-undeclared" in refused.stderr
    empty = CliRunner().invoke(cli, [*given, "--policy", str(tmp_path)])
    assert empty.exit_code == 2
    assert "policy-missing" in empty.stderr


@pytest.mark.parametrize(
    ("version", "code"),
    [(None, "java-missing"), ("11.0.2", "java-missing"), ("17.0.15", "spark-missing")],
)
def test_spark_without_what_it_runs_on_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str | None, code: str
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    monkeypatch.setattr("services.rules.parquet.spark.find_spec", lambda _name: None)
    if version is not None:
        program = tmp_path / "java" / "bin" / "java"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
        program.chmod(0o755)
    task = written(tmp_path, FACTS)
    with pytest.raises(EngineError) as failure:
        judge_files(POLICY, task, Engine.SPARK)
    assert failure.value.code == code
    assert not task.out.exists()
