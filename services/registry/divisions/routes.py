"""``/v1/divisions`` 行政区划."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.registry.divisions.queries import (
    AsOf,
    DivisionFilter,
    division_history,
    read_division,
)
from services.registry.divisions.queries import list_children as page_of_children
from services.registry.divisions.queries import list_divisions as page_of_divisions
from services.registry.divisions.schemas import Division, DivisionContent, NewDivision
from services.registry.divisions.usecases import ChildrenInForce, DivisionCodeTaken, open_division
from services.registry.divisions.usecases import amend_division as amend
from services.registry.scopes import Scope
from shared.journal.history import HistoryEntry
from shared.problems import NotFound, PreconditionRequired, problems
from shared.security.access import Caller, requires
from shared.values.divisions import DivisionCode
from shared.web.etags import IfMatch, etag, representation
from shared.web.merge_patch import MergePatch, merge_patch_body
from shared.web.pages import Page, PageAsked
from shared.web.reading import KnownAt, ReadSession
from shared.web.route import ServiceRoute
from shared.web.work import CallersWork, writing

router = APIRouter(prefix="/v1/divisions", route_class=ServiceRoute, tags=["divisions 行政区划"])
Reader = Annotated[Caller, requires(Scope.DIVISIONS_READ)]
Writing = Annotated[CallersWork, writing(Scope.DIVISIONS_WRITE)]


@router.post("", status_code=201, responses=problems(DivisionCodeTaken, NotFound))
async def create_division(new: NewDivision, work: Writing, response: Response) -> Division:
    """设立区划。 Open a division below one that is in force; a code is never used twice."""
    row = await open_division(work, new)
    response.headers.update({"ETag": etag(row.version), "Location": f"/v1/divisions/{row.code}"})
    return Division.of(row)


@router.get("")
async def list_divisions(
    session: ReadSession,
    _: Reader,
    narrow: Annotated[DivisionFilter, Depends()],
    asked: PageAsked,
) -> Page[Division]:
    """区划列表。 List divisions by code, whatever the caller's own."""
    return await page_of_divisions(session, narrow, asked)


@router.get("/{code}", response_model=Division)
async def get_division(
    code: DivisionCode, session: ReadSession, _: Reader, known_at: KnownAt = None
) -> Response:
    """读取区划。 Read a division, as it is or as it was known at a moment."""
    state = await read_division(session, code, known_at)
    return representation(state)


@router.get("/{code}/children")
async def list_division_children(
    code: DivisionCode, session: ReadSession, _: Reader, asked: PageAsked, as_of: AsOf = None
) -> Page[Division]:
    """下级区划。 List the divisions directly below one."""
    return await page_of_children(session, code, as_of, asked)


@router.patch(
    "/{code}",
    responses=problems(ChildrenInForce, PreconditionRequired),
    openapi_extra=merge_patch_body(DivisionContent, {"valid_to": "2021-01-01"}),
)
async def amend_division(
    code: DivisionCode,
    work: Writing,
    patch: MergePatch,
    expected: IfMatch,
    response: Response,
) -> Division:
    """更名、撤销区划。 Rename or close a division; a null ``valid_to`` reopens it."""
    row = await amend(work, code, expected, patch)
    response.headers["ETag"] = etag(row.version)
    return Division.of(row)


@router.get("/{code}/history")
async def list_division_history(
    code: DivisionCode, session: ReadSession, _: Reader, asked: PageAsked
) -> Page[HistoryEntry]:
    """区划变更记录。 Who changed what, when and why, oldest first."""
    return await division_history(session, code, asked)
