"""``/v1/boards`` 清零看板."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from services.rules.boards.queries import list_uncleared, read_board
from services.rules.boards.schemas import Board, UnclearedSubject
from services.rules.engine import Outcome
from services.rules.instruments import Registry
from services.rules.judging.kept import DivisionJudge, KeptJudgements
from services.rules.releases.shelf import ShelfInUse
from services.rules.scopes import Scope
from services.rules.subjects import SubjectKind
from shared.problems import (
    DependencyUnavailable,
    problems,
)
from shared.security.access import Caller, requires
from shared.values.divisions import DivisionCode
from shared.values.periods import IsoDate
from shared.values.text import Identifier
from shared.web.pages import Page, PageAsked
from shared.web.route import ServiceRoute

router = APIRouter(
    prefix="/v1/boards",
    route_class=ServiceRoute,
    tags=["boards 清零看板"],
)
Reader = Annotated[Caller, requires(Scope.BOARDS_READ)]
AsOf = Annotated[IsoDate, Query(description="判定日期 judged by what held on this day")]


async def _judging(
    request: Request, as_of: AsOf, shelf: ShelfInUse, registry: Registry
) -> DivisionJudge:
    policy = (await shelf.in_force(as_of)).policy
    kept: KeptJudgements = request.app.state.kept_judgements
    return DivisionJudge(policy, registry, kept)


DivisionJudgeInUse = Annotated[DivisionJudge, Depends(_judging)]
"""Judges divisions by the release in force on the day."""


@router.get("/{division}", responses=problems(DependencyUnavailable))
async def get_board(
    division: DivisionCode, as_of: AsOf, caller: Reader, judging: DivisionJudgeInUse
) -> Board:
    """三个清零看板：本级和各下级的达标、未达标、待判定数。 Counts for a division and each child."""
    caller.require_within(division)
    return await read_board(judging, division, as_of)


@router.get("/{division}/subjects", responses=problems(DependencyUnavailable))
async def list_board_subjects(
    division: DivisionCode,
    as_of: AsOf,
    caller: Reader,
    judging: DivisionJudgeInUse,
    asked: PageAsked,
    kind: Annotated[SubjectKind, Query(description="农户或村")] = "household",
    rule: Annotated[
        Annotated[str, Identifier(100)] | None,
        Query(description="规则 the whole zero-out unless given"),
    ] = None,
    outcome: Annotated[
        list[Outcome] | None, Query(description="判定结果 not_met and undetermined unless given")
    ] = None,
) -> Page[UnclearedSubject]:
    """未清零名单及首要理由。 The households or villages not cleared, with their first reasons.

    The pages that follow are of what was judged for the first one, as long as this service keeps it;
    later they are of what is judged by then, and go on behind the last one shown.
    """
    caller.require_within(division)
    wanted = outcome or [Outcome.NOT_MET, Outcome.UNDETERMINED]
    return await list_uncleared(judging, division, as_of, kind, rule, wanted, asked)
