"""The generated SELECT run by PySpark on this machine; PySpark is an optional library and Java a program of the system."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from os import environ
from pathlib import Path
from typing import Any

from services.rules.engine import Policy
from services.rules.engine.columns import column_names, divisions_refused, values_refused
from services.rules.engine.polars_backend import ColumnJudge
from services.rules.engine.spark_sql import Source, contract_sql, select_sql
from services.rules.parquet.errors import TaskError
from services.rules.parquet.tasks import Task

JAVA = 17


def judge_by_spark(
    policy: Policy, task: Task, judge: ColumnJudge, passed: Sequence[str], place: Path
) -> None:
    """Write a directory of Parquet files to `place`. Raises an EngineError."""
    with spark_session() as session:
        facts = session.read.parquet(str(task.facts.resolve()))
        facts.createOrReplaceTempView("facts")
        absent = frozenset(column_names(judge.plan)) - set(facts.columns)
        source = Source("facts", passed, judge.division_column, absent)
        plan = policy.plan(task.subject)
        _check(judge, session.sql(contract_sql(plan, source, task.rules)).first().asDict())
        answers = session.sql(select_sql(plan, task.as_of, source, task.rules))
        answers.write.parquet(str(place.resolve()), compression="lz4")


def _check(judge: ColumnJudge, counts: dict[str, int]) -> None:
    for fact in judge.plan.facts:
        if count := counts.get(fact.name):
            raise values_refused(fact, count)
    column = judge.division_column
    if column is not None and counts[column]:
        raise divisions_refused(column, counts[column])


@contextmanager
def spark_session() -> Iterator[Any]:
    """Spark on this machine only, without a web page; a session that runs already is joined, and stays."""
    require_java()
    if find_spec("pyspark") is None:
        raise TaskError("spark-missing")
    from pyspark.sql import SparkSession  # noqa: PLC0415 - optional, and slow to import

    if (running := SparkSession.getActiveSession()) is not None:
        yield running
        return
    session = (
        SparkSession.builder.master("local[*]")
        .appName("qingling-rules")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.log.level", "ERROR")
        # Scores of rules make one method beyond what the JVM compiles; expressions one by one are compiled.
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
        .config("spark.hadoop.fs.file.impl", "org.apache.hadoop.fs.RawLocalFileSystem")
        .getOrCreate()
    )
    try:
        yield session
    finally:
        session.stop()


def require_java() -> None:
    """Raises a TaskError unless Java is there and new enough."""
    home = environ.get("JAVA_HOME")
    program = f"{home}/bin/java" if home else shutil.which("java")
    if program is None or not Path(program).exists():
        raise TaskError("java-missing", wanted=JAVA, found_zh="没有 Java", found_en="no Java")
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603 - no shell, no input
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < JAVA:
        found = said.splitlines()[0] if said else program
        raise TaskError("java-missing", wanted=JAVA, found_zh=f"是 {found}", found_en=found)
