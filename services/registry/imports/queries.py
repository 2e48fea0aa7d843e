"""Reads of imports."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.imports.columns import PLACES, SheetName
from services.registry.imports.outcomes import Outcome
from services.registry.imports.schemas import ImportSummary, RowOutcome
from services.registry.imports.tables import ImportOutcomeRow, ImportRow
from shared.db.columns import within
from shared.jobs.tables import JobState
from shared.problems import NotFound
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.web.pages import Page, PageRequest, read_page


@dataclass(frozen=True)
class ImportFilter:
    """Which imports a list shows; None does not narrow."""

    state: Annotated[JobState | None, Query(description="状态")] = None
    dry_run: Annotated[bool | None, Query(description="试运行")] = None


@dataclass(frozen=True)
class RowFilter:
    """Which rows of an import a list shows; None does not narrow."""

    sheet: Annotated[SheetName | None, Query(description="工作表")] = None
    outcome: Annotated[Outcome | None, Query(description="结果")] = None


async def find_import(session: AsyncSession, import_id: UUID, caller: Caller) -> ImportRow:
    """Return an import of the caller's division.

    Raises:
        NotFound: it does not exist for the caller.

    """
    row = await session.get(ImportRow, import_id)
    if row is None or not caller.covers(row.division):
        raise NotFound.of(Bilingual("导入", "import"), import_id)
    return row


async def list_imports(
    session: AsyncSession, caller: Caller, narrow: ImportFilter, asked: PageRequest
) -> Page[ImportSummary]:
    """Return a page of the caller's imports, newest first."""
    statement = select(ImportRow).where(within(ImportRow.division, caller.division))
    if narrow.state is not None:
        statement = statement.where(ImportRow.state == narrow.state.value)
    if narrow.dry_run is not None:
        statement = statement.where(ImportRow.dry_run == narrow.dry_run)
    order = [ImportRow.created_at, ImportRow.id]
    return await read_page(session, statement, order, asked, ImportSummary.of, descending=True)


async def list_outcomes(
    session: AsyncSession,
    import_id: UUID,
    caller: Caller,
    narrow: RowFilter,
    asked: PageRequest,
) -> Page[RowOutcome]:
    """Return a page of what became of an import's rows, in the order of sheets and rows.

    Raises:
        NotFound: the import does not exist for the caller.

    """
    await find_import(session, import_id, caller)
    statement = select(ImportOutcomeRow).where(ImportOutcomeRow.import_id == import_id)
    if narrow.sheet is not None:
        statement = statement.where(ImportOutcomeRow.sheet == PLACES[narrow.sheet])
    if narrow.outcome is not None:
        statement = statement.where(ImportOutcomeRow.outcome == narrow.outcome.value)
    order = [ImportOutcomeRow.sheet, ImportOutcomeRow.row]
    return await read_page(session, statement, order, asked, RowOutcome.of)
