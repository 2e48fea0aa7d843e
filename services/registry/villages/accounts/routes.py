"""``/v1/village-accounts`` 村集体经济年度收支."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.registry.scopes import Scope
from services.registry.villages.accounts.queries import VillageAccountFilter, VillageAccountOrder
from services.registry.villages.accounts.queries import (
    list_village_accounts as page_of_village_accounts,
)
from services.registry.villages.accounts.records import VILLAGE_ACCOUNT
from services.registry.villages.accounts.schemas import (
    NewVillageAccount,
    VillageAccount,
    VillageAccountContent,
)
from services.registry.villages.accounts.usecases import (
    AccountAlreadyRecorded,
    record_village_account,
    record_village_accounts,
)
from services.registry.villages.accounts.usecases import amend_village_account as amend
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
    prefix="/v1/village-accounts",
    route_class=ServiceRoute,
    tags=["village-accounts 村集体经济年度收支"],
)
Reader = Annotated[Caller, requires(Scope.VILLAGES_READ)]
Writer = Annotated[Caller, requires(Scope.VILLAGES_WRITE)]


@router.post(
    "", status_code=201, responses=problems(Conflict, AccountAlreadyRecorded, Forbidden, NotFound)
)
async def create_village_account(
    new: NewVillageAccount, work: WorkInHand, caller: Writer, response: Response
) -> VillageAccount:
    """登记村集体经济年度收支。 Record a village's account of a year; its sums are made from its lines."""
    row = await record_village_account(work, caller, new)
    location = f"/v1/village-accounts/{row.id}"
    response.headers.update({"ETag": etag(row.version), "Location": location})
    return VillageAccount.of(row)


@router.post(":batch", responses=problems(BatchRefused, Forbidden))
async def create_village_accounts(
    batch: Batch[NewVillageAccount], work: WorkInHand, caller: Writer
) -> BatchAnswer:
    """批量登记村集体经济年度收支。 Record up to 1000 accounts; every one gets its outcome."""
    return await record_village_accounts(work, caller, batch)


@router.get("", responses=problems(InvalidCursor, UnknownParameter, Forbidden, NotFound))
async def list_village_accounts(
    session: ReadSession,
    caller: Reader,
    narrow: Annotated[VillageAccountFilter, Depends()],
    asked: PageAsked,
    sort: Annotated[VillageAccountOrder, Query(description="排序")] = VillageAccountOrder.VILLAGE,
) -> Page[VillageAccount]:
    """村集体经济年度收支列表。 List the accounts of a division's villages."""
    return await page_of_village_accounts(session, caller, narrow, sort, asked)


@router.get("/{account_id}", response_model=VillageAccount, responses=problems(Forbidden, NotFound))
async def get_village_account(
    account_id: UUID, session: ReadSession, caller: Reader, known_at: KnownAt = None
) -> Response:
    """读取村集体经济年度收支。 Read an account, as it is or as it was known at a moment."""
    state = await state_of(session, VILLAGE_ACCOUNT, account_id, caller, known_at)
    return representation(state)


@router.patch(
    "/{account_id}",
    responses=problems(
        Conflict,
        AccountAlreadyRecorded,
        Forbidden,
        NotFound,
        PreconditionFailed,
        PreconditionRequired,
        UnsupportedMediaType,
    ),
    openapi_extra=merge_patch_body(VillageAccountContent, {"relatively_weak": False}),
)
async def amend_village_account(
    account_id: UUID,
    work: WorkInHand,
    caller: Writer,
    patch: MergePatch,
    expected: IfMatch,
    response: Response,
) -> VillageAccount:
    """修改村集体经济年度收支。 Amend an account with a JSON merge patch; its lines as a whole."""
    row = await amend(work, caller, account_id, expected, patch)
    response.headers["ETag"] = etag(row.version)
    return VillageAccount.of(row)


@router.get("/{account_id}/history", responses=problems(InvalidCursor, Forbidden, NotFound))
async def list_village_account_history(
    account_id: UUID, session: ReadSession, caller: Reader, asked: PageAsked
) -> Page[HistoryEntry]:
    """村集体经济年度收支变更记录。 Who changed what, when and why, oldest first."""
    return await history(session, VILLAGE_ACCOUNT, account_id, caller, asked)
