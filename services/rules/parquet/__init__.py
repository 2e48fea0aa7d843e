"""Judging facts that lie in Parquet files, by any of the engine's backends, in bounded memory.

judge_files(policy, Task("household", as_of, facts, out), Engine.POLARS)
"""

from services.rules.parquet.errors import TaskError
from services.rules.parquet.judging import Engine, judge_files
from services.rules.parquet.tasks import Task

__all__ = ["Engine", "Task", "TaskError", "judge_files"]
