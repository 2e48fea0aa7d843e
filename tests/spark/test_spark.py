"""Spark, Polars and the reference give identical cells, with ANSI mode and without."""

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from services.rules.engine import EngineError, Policy
from services.rules.parquet import Engine, Task, judge_files
from services.rules.vocabulary import BUILT_IN, load_policy, read_cases, read_files
from services.rules.vocabulary.neighbours import neighbours
from tests.rules.engine.policies import condition, policy, value
from tests.rules.engine.test_meaning import MIXED
from tests.rules.policy.rows import Row, table
from tests.spark.random_rows import random_table

POLICY = load_policy()
SUBJECTS = sorted(POLICY.facts)
DAYS = [date(2020, 10, 1), date(2019, 12, 31), date(2022, 6, 30)]
ANSI = ["true", "false", "true"]
COMPILED = ["true", "true", "false"]
WIDE = policy(  # more than 64 needs, so that bit 63 is used
    **{f"r{number}": condition("ill AND poor AND income >= size * :line") for number in range(70)},
    whole=condition(" AND ".join(f"household.r{number}" for number in range(40, 70))),
)
SIGNED = policy(
    head=value("per_capita(income, size)"),
    due=value(
        "CASE WHEN ill THEN (household.head - :line) * size WHEN spending > 0 THEN 0 - spending END"
    ),
    rule=condition("household.head >= 0 OR household.due < income"),
)


def assert_engines_agree(
    built: Policy,
    subject: str,
    as_of: date,
    facts: pl.DataFrame,
    folder: Path,
    rules: list[str] | None = None,
) -> None:
    facts.write_parquet(folder / "facts.parquet")
    judged = {}
    for engine in Engine:
        task = Task(subject, as_of, folder / "facts.parquet", folder / f"{engine}.parquet", rules)
        judge_files(built, task, engine)
        read = pl.read_parquet(task.out).sort("n")
        judged[engine] = read.with_columns(
            pl.col(name).reinterpret(signed=False)
            for name in read.columns
            if engine is Engine.SPARK and name.startswith(("missing:", "stale"))
        )
    assert judged[Engine.POLARS].equals(judged[Engine.PYTHON])
    assert judged[Engine.SPARK].schema == judged[Engine.POLARS].schema
    assert judged[Engine.SPARK].equals(judged[Engine.POLARS])


@pytest.mark.parametrize(("day", "ansi", "compiled"), list(zip(DAYS, ANSI, COMPILED, strict=True)))
@pytest.mark.parametrize("subject", SUBJECTS)
def test_random_rows_of_the_built_in_policy(
    spark: Any, tmp_path: Path, subject: str, day: date, ansi: str, compiled: str
) -> None:
    spark.conf.set("spark.sql.ansi.enabled", ansi)
    spark.conf.set("spark.sql.codegen.wholeStage", compiled)
    facts = random_table(POLICY, subject, day, 1_000, seed=day.toordinal())
    assert_engines_agree(POLICY, subject, day, facts, tmp_path)


@pytest.mark.parametrize("built", [MIXED, WIDE, SIGNED], ids=["mixed", "wide", "signed"])
@pytest.mark.parametrize("day", DAYS)
def test_random_rows_of_small_policies(
    spark: Any, tmp_path: Path, built: Policy, day: date
) -> None:
    facts = random_table(built, "household", day, 2_000, seed=1)
    assert_engines_agree(built, "household", day, facts, tmp_path)
    assert_engines_agree(built, "household", day, facts, tmp_path, list(built.rules))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_golden_cases_and_threshold_neighbours(spark: Any, tmp_path: Path, subject: str) -> None:
    spark.conf.set("spark.sql.codegen.wholeStage", "false")
    given: dict[date, list[tuple[Row, str | None]]] = defaultdict(list)
    for case in read_cases(POLICY, read_files(BUILT_IN)):
        if POLICY.rules[case.rule].subject == subject:
            rows = [case.facts, *(near.facts for near in neighbours(POLICY, case))]
            given[case.as_of] += [(dict(row), case.division) for row in rows]
    for as_of, placed in given.items():
        facts = table(POLICY, subject, [row for row, _ in placed]).with_columns(
            pl.Series("village_code", [division for _, division in placed], dtype=pl.String),
            pl.Series("n", range(len(placed)), dtype=pl.Int64),
        )
        assert_engines_agree(POLICY, subject, as_of, facts, tmp_path)


@pytest.mark.parametrize(
    "change", [pl.lit(0, pl.Int64).alias("size"), pl.lit("330127").alias("village_code")]
)
def test_facts_out_of_range_are_refused(spark: Any, tmp_path: Path, change: pl.Expr) -> None:
    facts = random_table(MIXED, "household", DAYS[0], 10, seed=2).with_columns(change)
    facts.write_parquet(tmp_path / "facts.parquet")
    task = Task("household", DAYS[0], tmp_path / "facts.parquet", tmp_path / "out.parquet")
    with pytest.raises(EngineError) as failure:
        judge_files(MIXED, task, Engine.SPARK)
    assert failure.value.code == "facts-column-range"
    assert [path.name for path in tmp_path.iterdir()] == ["facts.parquet"]
