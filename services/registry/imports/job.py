"""The job that carries out an import."""

import asyncio
import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy import ColumnElement, delete, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.allowances.domain import Allowances
from services.registry.imports.apart import FileToRead, read_apart
from services.registry.imports.carrying_out import IMPORTABLES, ImportOrder, ImportRun
from services.registry.imports.outcomes import ImportResult, Mode, Outcome, result_of
from services.registry.imports.reading import Reading, matched
from services.registry.imports.tables import ImportFileRow, ImportRow
from services.registry.imports.usecases import seal_context
from services.registry.imports.writing import changed_meanwhile
from services.registry.reading_limits import ReadingLimits
from services.registry.values.sealing import Sealer
from shared.db.database import Database, driver_of
from shared.jobs.run import JobResult, JobRun, while_asked_for
from shared.jobs.tables import FINAL, JobRow
from shared.problems import Conflict, InvalidRequest, Problem
from shared.values.bilingual import Bilingual
from shared.values.refusal import InvalidValue

log = structlog.get_logger(__name__)
# Another writer may come between the judging of a row and its writing. Judged anew, the row finds what
# that one wrote, and is refused by name or left as it is; one that comes every time is given way to.
TIMES_JUDGED = 3
COLLISIONS = (Conflict, IntegrityError, asyncpg.IntegrityConstraintViolationError)
OF_ANOTHER_WRITER = {
    asyncpg.UniqueViolationError.sqlstate,
    asyncpg.ExclusionViolationError.sqlstate,
    asyncpg.ForeignKeyViolationError.sqlstate,
}
"""What a constraint says of two writes; what it says of one alone is a fault of ours, whoever else writes."""


class ImportRefused(Problem):
    """Rows could not be imported, and so nothing was written."""

    status, code = 422, "import-refused"
    title = Bilingual("导入未写入", "The import was not written")


async def run_import(
    run: JobRun, sealer: Sealer, allowances: Allowances, limits: ReadingLimits
) -> JobResult:
    """Import the files of a request; the effect, its outcomes and the job's end commit together.

    An import of which nothing could be written fails, with the outcome of every row.

    It stops within a second or two of being asked to, whether it reads, checks or writes.

    Raises:
        InvalidRequest: a file cannot be imported as a whole; the import says why.
        Conflict: others changed its records meanwhile, each time that it was judged.
        JobCancelled: somebody asked for it.

    """
    async with run.database.session() as session:
        order, reason, files = await _asked(session, run.id, sealer)
    gathered = await while_asked_for(run, read_apart(files, limits))
    reading = await asyncio.to_thread(matched, gathered)
    del files, gathered
    if reading.problems:
        async with run.database.session() as session:
            await _refuse(session, run.id, reading.problems)
        raise _refused(reading.problems)
    judged_before = 0
    while True:
        try:
            result, written = await _carry_out(run, order, reason, reading, sealer, allowances)
            break
        except COLLISIONS as error:
            if not isinstance(error, Conflict) and _sqlstate(error) not in OF_ANOTHER_WRITER:
                raise
            judged_before += 1
            if judged_before == TIMES_JUDGED:
                raise changed_meanwhile() from error
            log.info("import met another writer, judged anew", job_id=str(run.id))
    if written:
        await _refresh_statistics(run.database)
    return result


def _sqlstate(error: IntegrityError | asyncpg.IntegrityConstraintViolationError) -> object:
    return getattr(getattr(error, "orig", error), "sqlstate", None)


async def _carry_out(
    run: JobRun,
    order: ImportOrder,
    reason: str | None,
    reading: Reading,
    sealer: Sealer,
    allowances: Allowances,
) -> tuple[JobResult, bool]:
    """Carry out an import in one transaction; return its result, and whether anything was written."""
    counts: dict[str, int] = {}
    address = f"/v1/imports/{run.id}"
    result = JobResult(counts, {"import": address, "rows": f"{address}/rows"})
    async with run.finishing(result) as work:
        importing = ImportRun(
            order=order,
            work=replace(work, reason=reason),
            driver=await driver_of(work.session),
            sealer=sealer,
            allowances=allowances,
            progress=run.progress,
            apart=run.work,
        )
        with collection_paused():
            judged = await while_asked_for(run, importing.carry_out(reading))
        row = await work.session.get_one(ImportRow, run.id)
        row.counts, row.written = judged.counts(), judged.written
        counts |= judged.totals()
        if result_of(order.mode, dry_run=order.dry_run, refused=False, counts=row.counts) is (
            ImportResult.REFUSED
        ):
            result.refusal = _rows_refused(order, counts)
        await _forget(work.session, ImportFileRow.import_id == run.id)
    return result, judged.written


async def _refresh_statistics(database: Database) -> None:
    """Let the planner know at once of what came in: until then a county's facts take seconds."""
    tables = ", ".join(importable.kind.table.__tablename__ for importable in IMPORTABLES)
    async with database.session() as session:
        await session.execute(text(f"ANALYZE {tables}"))


@contextmanager
def collection_paused() -> Iterator[None]:
    """Keep the collector from walking through millions of cells again and again, all in use.

    They hold no cycles and go with the last reference; the pause costs no memory.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


async def forget_files(database: Database) -> None:
    """Delete the files of imports that are over, however they ended."""
    over = select(JobRow.id).where(JobRow.state.in_(FINAL))
    async with database.session() as session:
        await _forget(session, ImportFileRow.import_id.in_(over))


async def _asked(
    session: AsyncSession, import_id: UUID, sealer: Sealer
) -> tuple[ImportOrder, str | None, list[FileToRead]]:
    row = await session.get_one(ImportRow, import_id)
    files = await session.scalars(
        select(ImportFileRow)
        .where(ImportFileRow.import_id == import_id)
        .order_by(ImportFileRow.place)
    )
    order = ImportOrder(row.id, row.division, Mode(row.mode), row.dry_run)
    return order, row.reason, [_to_read(file, sealer) for file in files]


def _to_read(file: ImportFileRow, sealer: Sealer) -> FileToRead:
    if file.length is None:
        return FileToRead(file.name, len(file.content), [file.content])
    context = seal_context(file.import_id, file.place)
    return FileToRead(file.name, file.length, sealer.open_bytes(file.content, context))


async def seal_waiting_files(database: Database, sealer: Sealer) -> None:
    """Seal the files that have been waiting since before files were sealed, one by one."""
    unsealed = select(ImportFileRow).where(ImportFileRow.length.is_(None))
    one = unsealed.limit(1).with_for_update(skip_locked=True)
    sealed = True
    while sealed:
        async with database.session() as session:
            file = await session.scalar(one)
            sealed = file is not None
            if file is not None:
                context = seal_context(file.import_id, file.place)
                file.length = len(file.content)
                file.content = await asyncio.to_thread(sealer.seal_bytes, file.content, context)


async def _refuse(session: AsyncSession, import_id: UUID, problems: list[InvalidValue]) -> None:
    row = await session.get_one(ImportRow, import_id)
    row.written = False
    row.problems = [
        {"code": problem.code, "detail": problem.message._asdict()} for problem in problems
    ]
    await _forget(session, ImportFileRow.import_id == import_id)


async def _forget(session: AsyncSession, which: ColumnElement[bool]) -> None:
    await session.execute(delete(ImportFileRow).where(which))


def _refused(problems: list[InvalidValue]) -> InvalidRequest:
    detail = Bilingual(
        "文件不能导入，见 errors；改正后重新导入。",
        "The file cannot be imported, see errors; correct it and import it again.",
    )
    return InvalidRequest(
        detail, errors=[("/files", problem.code, problem.message) for problem in problems]
    )


def _rows_refused(order: ImportOrder, counts: Mapping[str, int]) -> ImportRefused:
    total, failed = sum(counts.values()), counts[Outcome.FAILED]
    rows = f"/v1/imports/{order.import_id}/rows?outcome=failed"
    zh = f"{total} 行中有 {failed} 行有误，未写入任何内容；原因见 {rows}，改正这些行后重新导入"
    en = (
        f"{failed} of {total} rows failed and nothing was written; see {rows}, correct those rows and "
        "import again"
    )
    if order.mode is Mode.ALL_OR_NOTHING and failed < total:
        zh += "，或以 each_row 逐行写入其余各行"
        en += ", or write the others by the mode each_row"
    return ImportRefused(Bilingual(f"{zh}。", f"{en}."))
