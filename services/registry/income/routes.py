"""``/v1/income-entries`` 收入."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.registry.income.queries import IncomeEntryFilter, IncomeEntryOrder
from services.registry.income.queries import list_income_entries as page_of_income_entries
from services.registry.income.records import INCOME_ENTRY
from services.registry.income.schemas import IncomeEntry, IncomeEntryContent, NewIncomeEntry
from services.registry.income.usecases import IncomeAlreadyRecorded, record_income_entry
from services.registry.income.usecases import amend_income_entry as amend
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
    prefix="/v1/income-entries", route_class=ServiceRoute, tags=["income-entries 收入"]
)
Reader = Annotated[Caller, requires(Scope.HOUSEHOLDS_READ)]
Writer = Annotated[Caller, requires(Scope.HOUSEHOLDS_WRITE)]


@router.post(
    "", status_code=201, responses=problems(Conflict, IncomeAlreadyRecorded, Forbidden, NotFound)
)
async def create_income_entry(
    new: NewIncomeEntry, work: WorkInHand, caller: Writer, response: Response
) -> IncomeEntry:
    """登记收入。 Record an income entry."""
    row = await record_income_entry(work, caller, new)
    response.headers.update({"ETag": etag(row.version), "Location": f"/v1/income-entries/{row.id}"})
    return IncomeEntry.of(row)


@router.get("", responses=problems(InvalidCursor, UnknownParameter, Forbidden, NotFound))
async def list_income_entries(
    session: ReadSession,
    caller: Reader,
    narrow: Annotated[IncomeEntryFilter, Depends()],
    asked: PageAsked,
    sort: Annotated[IncomeEntryOrder, Query(description="排序")] = IncomeEntryOrder.VILLAGE,
) -> Page[IncomeEntry]:
    """收入列表。 List the income entries of a division or a household."""
    return await page_of_income_entries(session, caller, narrow, sort, asked)


@router.get("/{entry_id}", response_model=IncomeEntry, responses=problems(Forbidden, NotFound))
async def get_income_entry(
    entry_id: UUID, session: ReadSession, caller: Reader, known_at: KnownAt = None
) -> Response:
    """读取收入。 Read an income entry, as it is or as it was known at a moment."""
    state = await state_of(session, INCOME_ENTRY, entry_id, caller, known_at)
    return representation(state)


@router.patch(
    "/{entry_id}",
    responses=problems(
        Conflict,
        IncomeAlreadyRecorded,
        Forbidden,
        NotFound,
        PreconditionFailed,
        PreconditionRequired,
        UnsupportedMediaType,
    ),
    openapi_extra=merge_patch_body(IncomeEntryContent, {"amount": "12600.00"}),
)
async def amend_income_entry(
    entry_id: UUID,
    work: WorkInHand,
    caller: Writer,
    patch: MergePatch,
    expected: IfMatch,
    response: Response,
) -> IncomeEntry:
    """修改收入。 Amend an income entry with a JSON merge patch; null makes a member unknown."""
    row = await amend(work, caller, entry_id, expected, patch)
    response.headers["ETag"] = etag(row.version)
    return IncomeEntry.of(row)


@router.get("/{entry_id}/history", responses=problems(InvalidCursor, Forbidden, NotFound))
async def list_income_entry_history(
    entry_id: UUID, session: ReadSession, caller: Reader, asked: PageAsked
) -> Page[HistoryEntry]:
    """收入变更记录。 Who changed what, when and why, oldest first."""
    return await history(session, INCOME_ENTRY, entry_id, caller, asked)
