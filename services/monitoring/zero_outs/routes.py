"""``/v1/zero-out-items`` 清零事项."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.monitoring.cases.timeline import TimelineStep, read_timeline
from services.monitoring.clients.rules import RulesClient
from services.monitoring.scopes import Scope
from services.monitoring.zero_outs.following import JUDGE_JOB
from services.monitoring.zero_outs.queries import ItemFilter, ItemOrder, count_items, list_items
from services.monitoring.zero_outs.records import ZERO_OUT_ITEM
from services.monitoring.zero_outs.refusals import (
    CountyLevelRequired,
    CriterionNotMet,
    CriterionUndetermined,
    NewEvidenceNeeded,
    NotReady,
    NotReopenable,
    SignerRepeated,
    SignOffLevel,
    SubjectNotJudged,
)
from services.monitoring.zero_outs.schemas import (
    JudgeRequest,
    ReopenRequest,
    SignOffRequest,
    ZeroOutCounts,
    ZeroOutItem,
)
from services.monitoring.zero_outs.usecases import send_back, sign_off
from shared.clock import china_date
from shared.divisions import DivisionsInUse
from shared.jobs.queue import enqueue
from shared.jobs.routes import accepted
from shared.jobs.schemas import Job
from shared.journal.history import HistoryEntry
from shared.journal.records import find, history, state_of
from shared.problems import (
    DependencyUnavailable,
    NotFound,
    PreconditionRequired,
    Problem,
    language_of,
    problem_response,
    problems,
)
from shared.security.access import Caller, requires
from shared.values.divisions import DivisionCode
from shared.web.etags import IfMatch, etag, representation
from shared.web.pages import Page, PageAsked
from shared.web.reading import DatabaseInUse, KnownAt, ReadSession, of_application
from shared.web.route import ServiceRoute
from shared.web.work import CallersWork, WorkToBegin, asking_first, writing

router = APIRouter(route_class=ServiceRoute, tags=["zero-out-items 清零事项"])
ITEMS = "/v1/zero-out-items"
Reader = Annotated[Caller, requires(Scope.ZERO_OUT_ITEMS_READ)]
Signing = Annotated[WorkToBegin, asking_first(Scope.ZERO_OUT_ITEMS_SIGN_OFF)]
Reopening = Annotated[CallersWork, writing(Scope.ZERO_OUT_ITEMS_SIGN_OFF)]
Judging = Annotated[WorkToBegin, asking_first(Scope.ZERO_OUT_ITEMS_JUDGE)]


async def _judged_on(request: Request) -> date:
    return china_date(request.app.state.clock.now())


Rules = Annotated[RulesClient, of_application("rules")]
JudgedOn = Annotated[date, Depends(_judged_on)]


@router.get(ITEMS)
async def list_zero_out_items(
    session: ReadSession,
    caller: Reader,
    narrow: Annotated[ItemFilter, Depends()],
    asked: PageAsked,
    sort: Annotated[ItemOrder, Query(description="排序")] = ItemOrder.NEWEST,
) -> Page[ZeroOutItem]:
    """清零事项列表。 List the zero-out items of a division."""
    return await list_items(session, caller, narrow, sort, asked)


@router.get("/v1/zero-out-counts")
async def get_zero_out_counts(
    session: ReadSession,
    caller: Reader,
    division: Annotated[DivisionCode | None, Query(description="区划")] = None,
) -> ZeroOutCounts:
    """本级和各下级的事项数。 Items by criterion and state, for a division and each below it."""
    return await count_items(session, caller.reach(division))


@router.get(ITEMS + "/{item_id}", response_model=ZeroOutItem)
async def get_zero_out_item(
    item_id: UUID, session: ReadSession, caller: Reader, known_at: KnownAt = None
) -> Response:
    """读取清零事项。 Read an item, as it is or as it was known at a moment."""
    state = await state_of(session, ZERO_OUT_ITEM, item_id, caller, known_at)
    return representation(state)


@router.get(ITEMS + "/{item_id}/history")
async def list_zero_out_item_history(
    item_id: UUID, session: ReadSession, caller: Reader, asked: PageAsked
) -> Page[HistoryEntry]:
    """事项变更记录。 Who changed what, when and why, oldest first."""
    return await history(session, ZERO_OUT_ITEM, item_id, caller, asked)


@router.get(ITEMS + "/{item_id}/timeline")
async def list_zero_out_item_timeline(
    item_id: UUID, session: ReadSession, caller: Reader, asked: PageAsked
) -> Page[TimelineStep]:
    """事项时间线：每一步的人、时间、理由和证据。 The steps of an item, with their evidence."""
    await find(session, ZERO_OUT_ITEM, item_id, caller)
    return await read_timeline(session, item_id, asked)


@router.post(
    ITEMS + "/{item_id}:sign-off",
    response_model=ZeroOutItem,
    responses=problems(
        NotReady,
        CriterionNotMet,
        CriterionUndetermined,
        NewEvidenceNeeded,
        SubjectNotJudged,
        SignOffLevel,
        SignerRepeated,
        PreconditionRequired,
        DependencyUnavailable,
    ),
)
async def sign_off_zero_out_item(
    item_id: UUID,
    asked: SignOffRequest,
    request: Request,
    database: DatabaseInUse,
    to_begin: Signing,
    expected: IfMatch,
    rules: Rules,
    as_of: JudgedOn,
) -> Response:
    """签字销号：村、乡镇、县依次由不同的人签。 Sign an item off at the caller's level."""
    signed = await sign_off(database, to_begin, rules, item_id, expected, asked, as_of)
    if isinstance(signed, Problem):
        return problem_response(request, signed)
    return representation(ZeroOutItem.of(signed).model_dump(mode="json"))


@router.post(
    ITEMS + "/{item_id}:reopen",
    responses=problems(CountyLevelRequired, NotReopenable, PreconditionRequired),
)
async def reopen_zero_out_item(
    item_id: UUID,
    asked: ReopenRequest,
    work: Reopening,
    expected: IfMatch,
    as_of: JudgedOn,
    response: Response,
) -> ZeroOutItem:
    """退回事项：证据不实时由县级以上退回。 Send an item back whose evidence proved false."""
    row = await send_back(work, item_id, expected, asked.reason, as_of)
    response.headers["ETag"] = etag(row.version)
    return ZeroOutItem.of(row)


@router.post(ITEMS + ":judge", status_code=202, responses=problems(NotFound))
async def judge_zero_out_items(
    asked: JudgeRequest,
    request: Request,
    to_begin: Judging,
    divisions: DivisionsInUse,
    response: Response,
) -> Job:
    """重新判定一个区划的事项。 Judge every subject of a division that has an item, as a job."""
    await divisions.require(to_begin.caller, asked.division)
    job = await enqueue(await to_begin.begin(), JUDGE_JOB, asked.division, {})
    accepted(job, response)
    return Job.of(job, language_of(request))
