"""``/v1/imports`` 导入."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Response, UploadFile

from services.registry.imports.columns import SHEETS
from services.registry.imports.outcomes import Mode
from services.registry.imports.queries import (
    ImportFilter,
    RowFilter,
    find_import,
    list_outcomes,
)
from services.registry.imports.queries import list_imports as page_of_imports
from services.registry.imports.schemas import ImportSummary, RowOutcome
from services.registry.imports.template import template
from services.registry.imports.usecases import request_import
from services.registry.personal_data import SealerInUse
from services.registry.scopes import Scope
from shared.problems import (
    PayloadTooLarge,
    problems,
)
from shared.security.access import Caller, requires
from shared.web.pages import Page, PageAsked
from shared.web.reading import ReadSession
from shared.web.route import ServiceRoute
from shared.web.work import CallersWork, writing

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEMPLATE_NAME = "qingling-import-template.xlsx"

router = APIRouter(prefix="/v1/imports", route_class=ServiceRoute, tags=["imports 导入"])
Importer = Annotated[Caller, requires(Scope.IMPORTS_WRITE)]
Importing = Annotated[CallersWork, writing(Scope.IMPORTS_WRITE)]


@router.get(
    "/template",
    response_class=Response,
    responses={
        200: {
            "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}},
            "description": "工作簿模板 the workbook to fill in",
        },
    },
)
async def get_import_template(caller: Importer) -> Response:
    """导入模板。 The workbook to fill in: every sheet, its headers, choices and notes."""
    disposition = f'attachment; filename="{TEMPLATE_NAME}"'
    content = await asyncio.to_thread(template)
    return Response(content, media_type=XLSX, headers={"Content-Disposition": disposition})


@router.post("", status_code=202, responses=problems(PayloadTooLarge))
async def create_import(
    work: Importing,
    sealer: SealerInUse,
    response: Response,
    files: Annotated[
        list[UploadFile],
        File(
            max_length=len(SHEETS),
            description="一个 .xlsx 工作簿，或以工作表名命名的 .csv 文件 one .xlsx workbook, or .csv "
            "files named as its sheets",
        ),
    ],
    mode: Annotated[
        Mode,
        Form(description="all_or_nothing 有一行失败则全不写入; each_row 逐行写入"),
    ] = Mode.ALL_OR_NOTHING,
    dry_run: Annotated[
        bool, Form(description="试运行：检查每一行，不写入 nothing is written")
    ] = False,
) -> ImportSummary:
    """导入工作簿。 Import households, members, income and checks; safe to do twice.

    A blank cell leaves what is recorded as it is: an import never erases.
    """
    contents = [(file.filename or "", await file.read()) for file in files]
    row = await request_import(work, contents, mode, sealer, dry_run=dry_run)
    response.headers["Location"] = f"/v1/imports/{row.id}"
    response.headers["Link"] = f'</v1/jobs/{row.id}>; rel="monitor"'
    return ImportSummary.of(row)


@router.get("")
async def list_imports(
    session: ReadSession,
    caller: Importer,
    narrow: Annotated[ImportFilter, Depends()],
    asked: PageAsked,
) -> Page[ImportSummary]:
    """导入列表，新的在前。 The imports of the caller's division, newest first."""
    return await page_of_imports(session, caller, narrow, asked)


@router.get("/{import_id}")
async def get_import(import_id: UUID, session: ReadSession, caller: Importer) -> ImportSummary:
    """导入的状态和结果。 Where an import stands, and how many rows had which outcome."""
    return ImportSummary.of(await find_import(session, import_id, caller))


@router.get("/{import_id}/rows")
async def list_import_rows(
    import_id: UUID,
    session: ReadSession,
    caller: Importer,
    narrow: Annotated[RowFilter, Depends()],
    asked: PageAsked,
) -> Page[RowOutcome]:
    """逐行结果。 What became of every row, and why those failed that did."""
    return await list_outcomes(session, import_id, caller, narrow, asked)
