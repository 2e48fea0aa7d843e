"""``/v1/division-figures`` 区划年度指标."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.registry.divisions.figures.queries import DivisionFigureFilter, DivisionFigureOrder
from services.registry.divisions.figures.queries import (
    list_division_figures as page_of_division_figures,
)
from services.registry.divisions.figures.records import DIVISION_FIGURE
from services.registry.divisions.figures.schemas import (
    DivisionFigure,
    DivisionFigureContent,
    NewDivisionFigure,
)
from services.registry.divisions.figures.usecases import (
    FigureAlreadyRecorded,
    record_division_figure,
    record_division_figures,
)
from services.registry.divisions.figures.usecases import amend_division_figure as amend
from services.registry.scopes import Scope
from shared.journal.history import HistoryEntry
from shared.journal.records import history, state_of
from shared.problems import (
    Conflict,
    Forbidden,
    InvalidCursor,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    UnknownParameter,
    UnsupportedMediaType,
    problems,
)
from shared.security.access import Caller, requires
from shared.web.batch import Batch, BatchAnswer, BatchRefused
from shared.web.etags import IfMatch, etag, representation
from shared.web.merge_patch import MergePatch, merge_patch_body
from shared.web.pages import Page, PageAsked
from shared.web.reading import KnownAt, ReadSession
from shared.web.route import ServiceRoute
from shared.web.work import WorkInHand

router = APIRouter(
    prefix="/v1/division-figures",
    route_class=ServiceRoute,
    tags=["division-figures 区划年度指标"],
)
Reader = Annotated[Caller, requires(Scope.DIVISIONS_READ)]
Writer = Annotated[Caller, requires(Scope.DIVISIONS_WRITE)]


@router.post(
    "", status_code=201, responses=problems(Conflict, FigureAlreadyRecorded, Forbidden, NotFound)
)
async def create_division_figure(
    new: NewDivisionFigure, work: WorkInHand, caller: Writer, response: Response
) -> DivisionFigure:
    """登记区划年度指标。 Record a figure of a division, such as its dibao standard."""
    row = await record_division_figure(work, caller, new)
    location = f"/v1/division-figures/{row.id}"
    response.headers.update({"ETag": etag(row.version), "Location": location})
    return DivisionFigure.of(row)


@router.post(":batch", responses=problems(BatchRefused, Forbidden))
async def create_division_figures(
    batch: Batch[NewDivisionFigure], work: WorkInHand, caller: Writer
) -> BatchAnswer:
    """批量登记区划年度指标。 Record up to 1000 figures; every one gets its outcome."""
    return await record_division_figures(work, caller, batch)


@router.get("", responses=problems(InvalidCursor, UnknownParameter, Forbidden, NotFound))
async def list_division_figures(
    session: ReadSession,
    caller: Reader,
    narrow: Annotated[DivisionFigureFilter, Depends()],
    asked: PageAsked,
    sort: Annotated[DivisionFigureOrder, Query(description="排序")] = DivisionFigureOrder.DIVISION,
) -> Page[DivisionFigure]:
    """区划年度指标列表。 List the figures of a division and of all within it."""
    return await page_of_division_figures(session, caller, narrow, sort, asked)


@router.get("/{figure_id}", response_model=DivisionFigure, responses=problems(Forbidden, NotFound))
async def get_division_figure(
    figure_id: UUID, session: ReadSession, caller: Reader, known_at: KnownAt = None
) -> Response:
    """读取区划年度指标。 Read a figure, as it is or as it was known at a moment."""
    state = await state_of(session, DIVISION_FIGURE, figure_id, caller, known_at)
    return representation(state)


@router.patch(
    "/{figure_id}",
    responses=problems(
        Conflict,
        FigureAlreadyRecorded,
        Forbidden,
        NotFound,
        PreconditionFailed,
        PreconditionRequired,
        UnsupportedMediaType,
    ),
    openapi_extra=merge_patch_body(DivisionFigureContent, {"amount": "720.00"}),
)
async def amend_division_figure(
    figure_id: UUID,
    work: WorkInHand,
    caller: Writer,
    patch: MergePatch,
    expected: IfMatch,
    response: Response,
) -> DivisionFigure:
    """修改区划年度指标。 Amend a figure with a JSON merge patch; null makes a member unknown."""
    row = await amend(work, caller, figure_id, expected, patch)
    response.headers["ETag"] = etag(row.version)
    return DivisionFigure.of(row)


@router.get("/{figure_id}/history", responses=problems(InvalidCursor, Forbidden, NotFound))
async def list_division_figure_history(
    figure_id: UUID, session: ReadSession, caller: Reader, asked: PageAsked
) -> Page[HistoryEntry]:
    """区划年度指标变更记录。 Who changed what, when and why, oldest first."""
    return await history(session, DIVISION_FIGURE, figure_id, caller, asked)
