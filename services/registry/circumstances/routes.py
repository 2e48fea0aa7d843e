"""``/v1/circumstances`` 家庭状况核对."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.registry.circumstances.queries import CircumstancesOrder
from services.registry.circumstances.queries import list_circumstances as page_of_circumstances
from services.registry.circumstances.records import CIRCUMSTANCES
from services.registry.circumstances.schemas import (
    Circumstances,
    CircumstancesContent,
    NewCircumstances,
)
from services.registry.circumstances.usecases import amend_circumstances as amend
from services.registry.circumstances.usecases import record_circumstances
from services.registry.households.checking import CheckAlreadyRecorded, CheckFilter
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
from shared.web.etags import IfMatch, etag, representation
from shared.web.merge_patch import MergePatch, merge_patch_body
from shared.web.pages import Page, PageAsked
from shared.web.reading import KnownAt, ReadSession
from shared.web.route import ServiceRoute
from shared.web.work import WorkInHand

router = APIRouter(
    prefix="/v1/circumstances", route_class=ServiceRoute, tags=["circumstances 家庭状况核对"]
)
Reader = Annotated[Caller, requires(Scope.HOUSEHOLDS_READ)]
Writer = Annotated[Caller, requires(Scope.HOUSEHOLDS_WRITE)]


@router.post(
    "", status_code=201, responses=problems(Conflict, CheckAlreadyRecorded, Forbidden, NotFound)
)
async def create_circumstances(
    new: NewCircumstances, work: WorkInHand, caller: Writer, response: Response
) -> Circumstances:
    """登记家庭状况核对。 Record what a check found of a household's circumstances."""
    row = await record_circumstances(work, caller, new)
    response.headers.update({"ETag": etag(row.version), "Location": f"/v1/circumstances/{row.id}"})
    return Circumstances.of(row)


@router.get("", responses=problems(InvalidCursor, UnknownParameter, Forbidden, NotFound))
async def list_circumstances(
    session: ReadSession,
    caller: Reader,
    narrow: Annotated[CheckFilter, Depends()],
    asked: PageAsked,
    sort: Annotated[CircumstancesOrder, Query(description="排序")] = CircumstancesOrder.VILLAGE,
) -> Page[Circumstances]:
    """家庭状况核对列表。 List the circumstances of a division or a household."""
    return await page_of_circumstances(session, caller, narrow, sort, asked)


@router.get(
    "/{circumstances_id}", response_model=Circumstances, responses=problems(Forbidden, NotFound)
)
async def get_circumstances(
    circumstances_id: UUID, session: ReadSession, caller: Reader, known_at: KnownAt = None
) -> Response:
    """读取家庭状况核对。 Read circumstances, as they are or as they were known at a moment."""
    state = await state_of(session, CIRCUMSTANCES, circumstances_id, caller, known_at)
    return representation(state)


@router.patch(
    "/{circumstances_id}",
    responses=problems(
        Conflict,
        CheckAlreadyRecorded,
        Forbidden,
        NotFound,
        PreconditionFailed,
        PreconditionRequired,
        UnsupportedMediaType,
    ),
    openapi_extra=merge_patch_body(CircumstancesContent, {"cars": 1}),
)
async def amend_circumstances(
    circumstances_id: UUID,
    work: WorkInHand,
    caller: Writer,
    patch: MergePatch,
    expected: IfMatch,
    response: Response,
) -> Circumstances:
    """修改家庭状况核对。 Amend circumstances with a JSON merge patch; null makes a member unknown."""
    row = await amend(work, caller, circumstances_id, expected, patch)
    response.headers["ETag"] = etag(row.version)
    return Circumstances.of(row)


@router.get("/{circumstances_id}/history", responses=problems(InvalidCursor, Forbidden, NotFound))
async def list_circumstances_history(
    circumstances_id: UUID, session: ReadSession, caller: Reader, asked: PageAsked
) -> Page[HistoryEntry]:
    """家庭状况核对变更记录。 Who changed what, when and why, oldest first."""
    return await history(session, CIRCUMSTANCES, circumstances_id, caller, asked)
