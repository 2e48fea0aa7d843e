"""The subjects of a run as a workbook for staff, or as Parquet for machines."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from tempfile import TemporaryFile
from typing import IO, Any

import polars as pl
import pyarrow.parquet as pq
import xlsxwriter
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.rules.engine import Outcome, Policy
from services.rules.runs.parts.packing import outcome_columns
from services.rules.runs.results.subjects import Filtered, run_subject
from services.rules.runs.tables import RunOutcomeRow
from shared.problems import Problem
from shared.values.bilingual import Bilingual

AT_A_TIME = 2000
CHUNK_BYTES = 256 * 1024
OUTCOME_WORDS: Mapping[Outcome, str] = {
    Outcome.MET: "达标",
    Outcome.NOT_MET: "未达标",
    Outcome.UNDETERMINED: "待判定",
}
FACTS = ("missing_facts", "stale_facts", "later_facts", "undated_facts")
KIND_WORDS = {"household": "农户", "village": "行政村"}
Rows = Sequence[RunOutcomeRow]
Add = Callable[[Rows], None]


@dataclass(frozen=True)
class Form:
    """A kind of file: its name's ending, its media type, and the most subjects that it takes.

    ``write`` opens one; within the block, rows are added in their order.
    """

    ending: str
    media_type: str
    most: int
    write: Callable[[IO[bytes], Filtered, Policy], AbstractContextManager[Add]]


class ExportTooLarge(Problem):
    status, code = 422, "export-too-large"
    title = Bilingual("导出内容过多", "Too much to export")


async def export(
    session: AsyncSession,
    policy: Policy,
    chosen: Filtered,
    form: Form,
    place: AbstractContextManager[None],
) -> AsyncGenerator[bytes, None]:
    """Write the chosen subjects into a file, a few thousand in memory at once, and return its bytes.

    The file is written to its end before the first byte is given, so that the session waits for no
    reader; ``place`` is held until the last is.

    Raises:
        ExportTooLarge: there are more than the file takes.

    """
    found_in_all = select(func.count()).select_from(chosen.statement.subquery())
    subjects = await session.scalar(found_in_all) or 0
    if subjects > form.most:
        raise _too_large(subjects, form.most)
    statement = chosen.statement.order_by(RunOutcomeRow.village_code, RunOutcomeRow.subject_id)
    with ExitStack() as held:
        held.enter_context(place)
        file = held.enter_context(TemporaryFile())
        with form.write(file, chosen, policy) as add:
            found = await session.stream_scalars(statement.execution_options(yield_per=AT_A_TIME))
            async for rows in found.partitions():
                await asyncio.to_thread(add, rows)
        return _content(file, held.pop_all())


@contextmanager
def _workbook(file: IO[bytes], chosen: Filtered, policy: Policy) -> Iterator[Add]:
    """Write a workbook with Chinese headers, row by row."""
    # Text stays text: nothing of a policy becomes a formula or a link.
    as_text = {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, {"constant_memory": True, **as_text}) as book:
        sheet = book.add_worksheet("判定结果")
        sheet.freeze_panes(1, 0)
        titles = [policy.rules[rule].title.zh for rule in chosen.order.rules]
        headers = [
            "村代码",
            "对象",
            "编号",
            *titles,
            "缺少的事实",
            "过期的事实",
            "晚于判定日的事实",
            "未注明日期的事实",
        ]
        sheet.write_row(0, 0, headers, book.add_format({"bold": True, "text_wrap": True}))
        places = count(1)

        def add(rows: Rows) -> None:
            for row in rows:
                sheet.write_row(next(places), 0, _cells(row, chosen, policy))

        yield add


@contextmanager
def _parquet(file: IO[bytes], chosen: Filtered, _policy: Policy) -> Iterator[Add]:
    """Write Parquet: a nullable Boolean a rule (null is undetermined), and the facts waited for."""
    schema = _table([], chosen).to_arrow().schema
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        yield lambda rows: writer.write_table(_table(rows, chosen).to_arrow())


WORKBOOK = Form(
    "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 20_000, _workbook
)
PARQUET = Form("parquet", "application/vnd.apache.parquet", 2_000_000, _parquet)


def _cells(row: RunOutcomeRow, chosen: Filtered, policy: Policy) -> list[str]:
    outcomes = chosen.order.outcomes(row.met, row.undetermined)
    subject = run_subject(row, chosen)
    titles = policy.facts[row.kind]
    words = [OUTCOME_WORDS[outcome] for outcome in outcomes.values()]
    facts = (
        "、".join(titles[name].title.zh for name in names)
        for names in (getattr(subject, kind) for kind in FACTS)
    )
    return [row.village_code, KIND_WORDS[row.kind], row.subject_id, *words, *facts]


def _table(rows: Rows, chosen: Filtered) -> pl.DataFrame:
    subjects = [run_subject(row, chosen) for row in rows]
    names = pl.List(pl.String)
    columns: dict[str, Any] = {
        "village_code": pl.Series([row.village_code for row in rows], dtype=pl.String),
        "subject_id": pl.Series([row.subject_id for row in rows], dtype=pl.String),
    }
    facts = {
        kind: pl.Series([getattr(one, kind) for one in subjects], dtype=names) for kind in FACTS
    }
    outcomes = outcome_columns(
        [row.met for row in rows], [row.undetermined for row in rows], chosen.order
    )
    return pl.DataFrame(columns | {one.name: one for one in outcomes} | facts)


async def _content(file: IO[bytes], held: ExitStack) -> AsyncGenerator[bytes, None]:
    with held:
        file.seek(0)
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk


def _too_large(count: int, most: int) -> ExportTooLarge:
    return ExportTooLarge(
        Bilingual(
            f"共 {count} 个对象，一次最多导出 {most} 个；请用 division、outcome 或 kind 缩小范围，"
            "工作簿放不下时改用 subjects.parquet。",
            f"{count} subjects are more than the {most} that one file takes; narrow by division, "
            "outcome or kind, or use subjects.parquet where a workbook is too small.",
        )
    )
