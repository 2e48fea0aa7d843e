"""``/v1/guarantee-checks`` 保障核查."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.registry.guarantees.queries import GuaranteeCheckFilter, GuaranteeCheckOrder
from services.registry.guarantees.queries import list_guarantee_checks as page_of_guarantee_checks
from services.registry.guarantees.records import GUARANTEE_CHECK
from services.registry.guarantees.schemas import (
    GuaranteeCheck,
    GuaranteeCheckContent,
    NewGuaranteeCheck,
)
from services.registry.guarantees.usecases import amend_guarantee_check as amend
from services.registry.guarantees.usecases import record_guarantee_check
from services.registry.households.checking import CheckAlreadyRecorded
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
    prefix="/v1/guarantee-checks", route_class=ServiceRoute, tags=["guarantee-checks 保障核查"]
)
Reader = Annotated[Caller, requires(Scope.HOUSEHOLDS_READ)]
Writer = Annotated[Caller, requires(Scope.HOUSEHOLDS_WRITE)]


@router.post(
    "", status_code=201, responses=problems(Conflict, CheckAlreadyRecorded, Forbidden, NotFound)
)
async def create_guarantee_check(
    new: NewGuaranteeCheck, work: WorkInHand, caller: Writer, response: Response
) -> GuaranteeCheck:
    """登记保障核查。 Record a check of a guarantee."""
    row = await record_guarantee_check(work, caller, new)
    response.headers.update(
        {"ETag": etag(row.version), "Location": f"/v1/guarantee-checks/{row.id}"}
    )
    return GuaranteeCheck.of(row)


@router.get("", responses=problems(InvalidCursor, UnknownParameter, Forbidden, NotFound))
async def list_guarantee_checks(
    session: ReadSession,
    caller: Reader,
    narrow: Annotated[GuaranteeCheckFilter, Depends()],
    asked: PageAsked,
    sort: Annotated[GuaranteeCheckOrder, Query(description="排序")] = GuaranteeCheckOrder.VILLAGE,
) -> Page[GuaranteeCheck]:
    """保障核查列表。 List the checks of a division or a household."""
    return await page_of_guarantee_checks(session, caller, narrow, sort, asked)


@router.get("/{check_id}", response_model=GuaranteeCheck, responses=problems(Forbidden, NotFound))
async def get_guarantee_check(
    check_id: UUID, session: ReadSession, caller: Reader, known_at: KnownAt = None
) -> Response:
    """读取保障核查。 Read a check of a guarantee, as it is or as it was known at a moment."""
    state = await state_of(session, GUARANTEE_CHECK, check_id, caller, known_at)
    return representation(state)


@router.patch(
    "/{check_id}",
    responses=problems(
        Conflict,
        CheckAlreadyRecorded,
        Forbidden,
        NotFound,
        PreconditionFailed,
        PreconditionRequired,
        UnsupportedMediaType,
    ),
    openapi_extra=merge_patch_body(GuaranteeCheckContent, {"evidence": {"grade": "B"}}),
)
async def amend_guarantee_check(
    check_id: UUID,
    work: WorkInHand,
    caller: Writer,
    patch: MergePatch,
    expected: IfMatch,
    response: Response,
) -> GuaranteeCheck:
    """修改保障核查。 Amend a check of a guarantee with a JSON merge patch; null makes a member unknown."""
    row = await amend(work, caller, check_id, expected, patch)
    response.headers["ETag"] = etag(row.version)
    return GuaranteeCheck.of(row)


@router.get("/{check_id}/history", responses=problems(InvalidCursor, Forbidden, NotFound))
async def list_guarantee_check_history(
    check_id: UUID, session: ReadSession, caller: Reader, asked: PageAsked
) -> Page[HistoryEntry]:
    """保障核查变更记录。 Who changed what, when and why, oldest first."""
    return await history(session, GUARANTEE_CHECK, check_id, caller, asked)
