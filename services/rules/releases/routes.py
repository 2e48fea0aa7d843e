"""``/v1/releases`` 政策版本: drafts, what they hold, and what they would change."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.rules.releases.checking import check
from services.rules.releases.domain import ReleaseState
from services.rules.releases.queries import (
    list_flips,
    read_impact,
    read_release,
    release_history,
)
from services.rules.releases.queries import list_releases as page_of_releases
from services.rules.releases.refusals import BaseNotApproved, ReleaseNotDraft
from services.rules.releases.schemas import (
    CountyFlips,
    NewRelease,
    ReleaseCheck,
    ReleaseContent,
    ReleaseImpact,
    ReleaseRecord,
)
from services.rules.releases.shelf import ShelfInUse, shelf_in_use
from services.rules.releases.usecases import amend_draft, create_draft
from services.rules.scopes import Scope
from shared.journal.history import HistoryEntry
from shared.problems import NotFound, PreconditionRequired, language_of, problems
from shared.security.access import Caller, requires
from shared.values.divisions import DivisionCode
from shared.values.text import Identifier
from shared.web.etags import IfMatch, etag, representation
from shared.web.merge_patch import MergePatch, merge_patch_body
from shared.web.pages import Page, PageAsked
from shared.web.reading import KnownAt, ReadSession
from shared.web.route import ServiceRoute
from shared.web.work import CallersWork, writing

router = APIRouter(
    prefix="/v1/releases",
    route_class=ServiceRoute,
    tags=["releases 政策版本"],
    dependencies=[Depends(shelf_in_use)],
)
Reader = Annotated[Caller, requires(Scope.POLICY_READ)]
Drafting = Annotated[CallersWork, writing(Scope.RELEASES_DRAFT)]


@router.post("", status_code=201, responses=problems(BaseNotApproved, NotFound))
async def create_release(
    new: NewRelease, work: Drafting, shelf: ShelfInUse, response: Response
) -> ReleaseRecord:
    """起草政策版本：复制依据版本的全部文件。 Start a draft with the files of an approved release."""
    row = await create_draft(work, new, (await shelf.in_force(work.today)).id)
    response.headers.update({"ETag": etag(row.version), "Location": f"/v1/releases/{row.id}"})
    return ReleaseRecord.model_validate(row)


@router.get("")
async def list_releases(
    session: ReadSession,
    caller: Reader,
    asked: PageAsked,
    state: Annotated[ReleaseState | None, Query(description="状态")] = None,
) -> Page[ReleaseRecord]:
    """政策版本列表，新的在前。 The releases of the policy, newest first."""
    return await page_of_releases(session, state, asked)


@router.get("/{release_id}", response_model=ReleaseRecord)
async def get_release(
    release_id: UUID, session: ReadSession, caller: Reader, known_at: KnownAt = None
) -> Response:
    """读取政策版本。 Read a release, as it is or as it was known at a moment."""
    return representation(await read_release(session, release_id, known_at))


@router.patch(
    "/{release_id}",
    responses=problems(ReleaseNotDraft, PreconditionRequired),
    openapi_extra=merge_patch_body(ReleaseContent, {"summary": "自 2021 年起收入线提高。"}),
)
async def amend_release(
    release_id: UUID,
    work: Drafting,
    patch: MergePatch,
    expected: IfMatch,
    response: Response,
) -> ReleaseRecord:
    """修改草稿的名称和修改说明。 Amend a draft's title and summary with a JSON merge patch."""
    row = await amend_draft(work, release_id, expected, patch)
    response.headers["ETag"] = etag(row.version)
    return ReleaseRecord.model_validate(row)


@router.get("/{release_id}/history")
async def list_release_history(
    release_id: UUID, session: ReadSession, caller: Reader, asked: PageAsked
) -> Page[HistoryEntry]:
    """政策版本变更记录。 Who changed what, when and why, oldest first."""
    return await release_history(session, release_id, asked)


@router.post("/{release_id}:check")
async def check_release(
    release_id: UUID, request: Request, caller: Reader, shelf: ShelfInUse
) -> ReleaseCheck:
    """检查政策版本：列出每处错误和未通过的案例。 Every error with its place, and every failing case."""
    files = await shelf.files(release_id)
    return ReleaseCheck.of(await asyncio.to_thread(check, files), language_of(request))


@router.get("/{release_id}/impact")
async def get_release_impact(
    release_id: UUID, session: ReadSession, caller: Reader
) -> ReleaseImpact:
    """影响测算：各县、各规则有多少户（村）结果改变。 How many outcomes would change, by county and rule."""
    return await read_impact(session, release_id, caller)


@router.get("/{release_id}/impact/flips")
async def list_release_flips(
    release_id: UUID,
    session: ReadSession,
    caller: Reader,
    asked: PageAsked,
    county: Annotated[DivisionCode | None, Query(description="县（市、区）")] = None,
    rule: Annotated[Annotated[str, Identifier(100)] | None, Query(description="规则")] = None,
) -> Page[CountyFlips]:
    """分县结果变化。 How many subjects flip, by county, rule, and the outcomes before and after."""
    return await list_flips(session, release_id, caller.reach(county), rule, asked)
