"""``/v1/rules``, ``/v1/parameters``, ``/v1/dictionary`` 规则手册: the policy as staff and programs read it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from services.rules.releases.shelf import Release, Shelf, ShelfInUse
from services.rules.rulebook.differences import differences
from services.rules.rulebook.pages import (
    XLSX,
    differences_page,
    rule_page,
    rulebook_page,
    rulebook_workbook,
)
from services.rules.rulebook.queries import Reader, fact_dictionary, parameter_sheet
from services.rules.rulebook.schemas import (
    Differences,
    FactDictionary,
    Family,
    Name,
    ParameterSheet,
    Rulebook,
    RuleName,
    RuleSheet,
)
from services.rules.scopes import Scope
from services.rules.subjects import JudgedKind
from shared.problems import NotFound, problems
from shared.security.access import Caller, requires
from shared.values.divisions import DivisionCode
from shared.values.periods import IsoDate
from shared.web.negotiation import HTML, JSON, NotAcceptable, chosen_format
from shared.web.route import ServiceRoute

router = APIRouter(
    prefix="/v1",
    route_class=ServiceRoute,
    tags=["rulebook 规则手册"],
)
PolicyReader = Annotated[Caller, requires(Scope.POLICY_READ)]
AsOf = Annotated[IsoDate, Query(description="日期 the values in force on this day")]
Division = Annotated[
    DivisionCode | None, Query(description="区划 its own values where it has some")
]
ReleaseId = Annotated[
    UUID | None, Query(description="发布版本 the one in force on the date unless given")
]
FAILURES = problems(NotAcceptable)


def _offered(**formats: str) -> dict[int | str, dict[str, object]]:
    """Describe the formats that a route answers in beside JSON."""
    content = {formats[name]: {"schema": {"type": "string"}} for name in formats}
    return {200: {"content": content}, **FAILURES}


@router.get("/rules", response_model=Rulebook, responses=_offered(page=HTML, table=XLSX))
async def get_rulebook(
    request: Request,
    caller: PolicyReader,
    shelf: ShelfInUse,
    as_of: AsOf,
    division: Division = None,
    release: ReleaseId = None,
    family: Annotated[Family | None, Query(description="规则类别")] = None,
    subject: Annotated[JudgedKind | None, Query(description="对象")] = None,
) -> Rulebook | Response:
    """规则手册：网页、表格或 JSON。 Every rule of a release, as a page, a workbook or JSON."""
    wanted = chosen_format(request, JSON, HTML, XLSX)
    chosen = await _release(shelf, release, as_of)
    book = (await _reader(shelf, chosen, as_of, division)).rulebook(chosen.number, family, subject)
    if wanted == XLSX:
        return Response(rulebook_workbook(book), media_type=XLSX)
    return HTMLResponse(rulebook_page(book)) if wanted == HTML else book


@router.get("/rules/{rule}", response_model=RuleSheet, responses=_offered(page=HTML))
async def get_rule(
    request: Request,
    rule: RuleName,
    caller: PolicyReader,
    shelf: ShelfInUse,
    as_of: AsOf,
    division: Division = None,
    release: ReleaseId = None,
) -> RuleSheet | Response:
    """一条规则：条件、当日参数、依据、案例。 One rule: conditions, values in force, citation, cases."""
    wanted = chosen_format(request, JSON, HTML)
    chosen = await _release(shelf, release, as_of)
    sheet = (await _reader(shelf, chosen, as_of, division)).sheet(rule)
    if wanted == HTML:
        return HTMLResponse(rule_page(sheet, chosen.digest, as_of, division))
    return sheet


@router.get("/parameters/{name}")
async def get_parameter(
    name: Name, caller: PolicyReader, shelf: ShelfInUse, as_of: AsOf, release: ReleaseId = None
) -> ParameterSheet:
    """一个参数的历年各地数值。 A parameter with all its values, by division and date."""
    return parameter_sheet((await _release(shelf, release, as_of)).policy, name)


@router.get("/dictionary", responses=problems(NotFound))
async def get_dictionary(
    caller: PolicyReader, shelf: ShelfInUse, as_of: AsOf, release: ReleaseId = None
) -> FactDictionary:
    """事实字典。 Every fact that rules look at: type, unit, range, codes, how long it stays fresh."""
    return fact_dictionary((await _release(shelf, release, as_of)).policy)


@router.get(
    "/releases/{release_id}/differences",
    response_model=Differences,
    responses=_offered(page=HTML),
)
async def get_differences(
    request: Request,
    release_id: UUID,
    caller: PolicyReader,
    shelf: ShelfInUse,
    since: Annotated[UUID, Query(description="与哪一版本相比 the earlier release")],
) -> Differences | Response:
    """两个版本的差异，逐条列出。 What changes between two releases, condition by condition."""
    wanted = chosen_format(request, JSON, HTML)
    before, after = await shelf.get(since), await shelf.get(release_id)
    found = Differences(
        since=before.digest,
        release=after.digest,
        differences=differences(before.policy, after.policy),
    )
    return HTMLResponse(differences_page(found)) if wanted == HTML else found


async def _release(shelf: Shelf, asked: UUID | None, as_of: date) -> Release:
    return await (shelf.in_force(as_of) if asked is None else shelf.get(asked))


async def _reader(shelf: Shelf, release: Release, as_of: date, division: str | None) -> Reader:
    return Reader(release.policy, await shelf.files(release.id), as_of, division)
