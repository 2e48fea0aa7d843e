"""``/v1/determinations`` 判定存档."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.rules.determinations.places import HouseholdMoving
from services.rules.determinations.queries import (
    DeterminationFilter,
    list_kept,
    read_determination,
)
from services.rules.determinations.records import DETERMINATION
from services.rules.determinations.replay import replay
from services.rules.determinations.schemas import (
    Determination,
    DeterminationExplained,
    NewDetermination,
    Replay,
    determination,
)
from services.rules.determinations.usecases import determine
from services.rules.instruments import Registry
from services.rules.releases.shelf import ShelfInUse
from services.rules.scopes import Scope
from shared.journal.records import find
from shared.problems import DependencyUnavailable, NotFound, language_of, problems
from shared.security.access import Caller, requires
from shared.web.pages import Page, PageAsked
from shared.web.reading import ReadSession
from shared.web.route import ServiceRoute
from shared.web.work import CallersWork, WorkToBegin, asking_first, writing

router = APIRouter(
    prefix="/v1/determinations",
    route_class=ServiceRoute,
    tags=["determinations 判定存档"],
)
Making = Annotated[WorkToBegin, asking_first(Scope.DETERMINATIONS_CREATE)]
Reader = Annotated[Caller, requires(Scope.DETERMINATIONS_READ)]
Replaying = Annotated[CallersWork, writing(Scope.DETERMINATIONS_READ)]


@router.post(
    "", status_code=201, responses=problems(NotFound, DependencyUnavailable, HouseholdMoving)
)
async def create_determination(
    asked: NewDetermination,
    response: Response,
    to_begin: Making,
    shelf: ShelfInUse,
    registry: Registry,
) -> Determination:
    """判定一户（村）并存档。 Judge one subject, and keep the outcomes with the facts they rest on."""
    row = await determine(to_begin, shelf, registry, to_begin.caller, asked)
    response.headers["Location"] = f"/v1/determinations/{row.id}"
    return determination(row)


@router.get("")
async def list_determinations(
    session: ReadSession,
    caller: Reader,
    narrow: Annotated[DeterminationFilter, Depends()],
    asked: PageAsked,
) -> Page[Determination]:
    """判定存档列表，最新的在前。 Determinations of a division or of one subject, newest first."""
    return await list_kept(session, caller, narrow, asked)


@router.get("/{determination_id}")
async def get_determination(
    determination_id: UUID,
    request: Request,
    session: ReadSession,
    caller: Reader,
    shelf: ShelfInUse,
) -> DeterminationExplained:
    """判定存档及理由。 A determination with its facts and reasons, in the language asked."""
    return await read_determination(session, shelf, caller, determination_id, language_of(request))


@router.post("/{determination_id}:replay")
async def replay_determination(
    determination_id: UUID, request: Request, work: Replaying, shelf: ShelfInUse
) -> Replay:
    """按存档的事实和版本复算；不一致即告警。 Compute it again; a difference raises an alarm."""
    row = await find(work.session, DETERMINATION, determination_id, work.caller)
    return await replay(work, shelf, row, request.app.state.replays)
