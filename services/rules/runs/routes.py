"""``/v1/runs`` 批量判定."""

from contextlib import AbstractContextManager
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import StreamingResponse

from services.rules.evaluations.schemas import parse_subject_id
from services.rules.releases.shelf import Shelf, ShelfInUse
from services.rules.runs.exports import PARQUET, WORKBOOK, ExportTooLarge, Form, export
from services.rules.runs.results.comparing import (
    FindingFilter,
    FlipFilter,
    count_flips,
    list_flips,
    list_found,
)
from services.rules.runs.results.past import list_past
from services.rules.runs.results.queries import RunFilter, RunNotPublished, list_visible, read_run
from services.rules.runs.results.subjects import (
    Filtered,
    SubjectFilter,
    choose,
    explain_subject,
    list_subjects,
)
from services.rules.runs.schemas import (
    Flip,
    FlipCount,
    NewRun,
    PastOutcome,
    Run,
    RunFinding,
    RunSubject,
    RunWithResults,
    SubjectExplained,
)
from services.rules.runs.usecases import request_run
from services.rules.scopes import Scope
from services.rules.subjects import SubjectKind
from shared.divisions import DivisionsInUse
from shared.jobs.routes import accepted
from shared.problems import (
    DependencyUnavailable,
    NotFound,
    language_of,
    problems,
)
from shared.security.access import Caller, requires
from shared.values.divisions import DivisionCode
from shared.values.text import Identifier
from shared.web.pages import Page, PageAsked
from shared.web.reading import ReadSession
from shared.web.route import ServiceRoute
from shared.web.streams import StreamedAnswer, StreamPlaces
from shared.web.validation import refusing_at
from shared.web.work import WorkToBegin, asking_first

router = APIRouter(
    prefix="/v1/runs",
    route_class=ServiceRoute,
    tags=["runs 批量判定"],
)
outcomes_router = APIRouter(prefix="/v1/outcomes", route_class=ServiceRoute, tags=["runs 批量判定"])
Asking = Annotated[WorkToBegin, asking_first(Scope.RUNS_CREATE)]
Reader = Annotated[Caller, requires(Scope.RUNS_READ)]
Division = Annotated[DivisionCode | None, Query(description="区划 all the caller sees")]
Subjects = Annotated[SubjectFilter, Depends()]


def _file(form: Form, description: str) -> dict[int | str, dict[str, object]]:
    content = {form.media_type: {"schema": {"type": "string", "format": "binary"}}}
    return {
        200: {"content": content, "description": description},
        **problems(RunNotPublished, ExportTooLarge),
    }


@router.post("", status_code=202, responses=problems(NotFound, DependencyUnavailable))
async def create_run(
    asked: NewRun,
    to_begin: Asking,
    shelf: ShelfInUse,
    divisions: DivisionsInUse,
    response: Response,
) -> Run:
    """对一个区划批量判定。 Judge everybody of a division; follow the job that Location names."""
    await divisions.require(to_begin.caller, asked.division, asked.as_of)
    row, job = await request_run(to_begin, shelf, asked)
    accepted(job, response)
    return Run.of(row)


@router.get("")
async def list_runs(
    session: ReadSession, caller: Reader, narrow: Annotated[RunFilter, Depends()], asked: PageAsked
) -> Page[Run]:
    """批次列表，新的在前。 The runs of the caller's division, and published ones that contain it."""
    return await list_visible(session, caller, narrow, asked)


@router.get("/{run_id}")
async def get_run(
    run_id: UUID, session: ReadSession, caller: Reader, shelf: ShelfInUse, division: Division = None
) -> RunWithResults:
    """一个批次及各规则、各下级的计数。 A run, and its counts by rule and child once published."""
    return await read_run(session, shelf, run_id, caller, division)


@router.get("/{run_id}/subjects", responses=problems(RunNotPublished))
async def list_run_subjects(
    run_id: UUID,
    session: ReadSession,
    caller: Reader,
    shelf: ShelfInUse,
    narrow: Subjects,
    asked: PageAsked,
    reasons: Annotated[bool, Query(description="附理由 explain each outcome")] = False,
) -> Page[RunSubject]:
    """批次的判定名单。 The households or villages that a run judged, by village."""
    return await list_subjects(session, shelf, run_id, caller, narrow, asked, reasons=reasons)


@router.get(
    "/{run_id}/subjects.xlsx",
    response_class=StreamingResponse,
    responses=_file(WORKBOOK, "工作簿，每个对象一行 a workbook with a row a subject"),
)
async def export_run_workbook(
    run_id: UUID,
    session: ReadSession,
    caller: Reader,
    shelf: ShelfInUse,
    places: StreamPlaces,
    narrow: Subjects,
) -> Response:
    """导出名单（工作簿）。 The list as a workbook with Chinese headers, 20,000 subjects at most."""
    chosen = await choose(session, run_id, caller, narrow)
    return await _exported(session, shelf, chosen, WORKBOOK, places.taken(caller.subject))


@router.get(
    "/{run_id}/subjects.parquet",
    response_class=StreamingResponse,
    responses=_file(PARQUET, "每个对象一行 a row a subject, a nullable Boolean a rule"),
)
async def export_run_parquet(
    run_id: UUID,
    session: ReadSession,
    caller: Reader,
    shelf: ShelfInUse,
    places: StreamPlaces,
    narrow: Subjects,
) -> Response:
    """导出名单（Parquet）。 The list as Parquet, 2,000,000 subjects at most."""
    chosen = await choose(session, run_id, caller, narrow)
    return await _exported(session, shelf, chosen, PARQUET, places.taken(caller.subject))


@router.get("/{run_id}/subjects/{kind}/{subject_id}", responses=problems(RunNotPublished))
async def get_run_subject(
    run_id: UUID,
    kind: SubjectKind,
    subject_id: Annotated[str, Identifier(40), Path(description="农户编号或村代码")],
    request: Request,
    session: ReadSession,
    caller: Reader,
    shelf: ShelfInUse,
) -> SubjectExplained:
    """一个对象的判定及理由，由留存的事实复算。 Every rule explained from the facts that the run kept."""
    with refusing_at("subject_id"):
        subject_id = parse_subject_id(kind, subject_id)
    language = language_of(request)
    return await explain_subject(session, shelf, run_id, caller, kind, subject_id, language)


@router.get("/{run_id}/flips", responses=problems(RunNotPublished))
async def list_run_flips(
    run_id: UUID,
    session: ReadSession,
    caller: Reader,
    narrow: Annotated[FlipFilter, Depends()],
    asked: PageAsked,
) -> Page[Flip]:
    """与上一批次相比的变化名单。 Who is answered otherwise than in the run compared with."""
    return await list_flips(session, run_id, caller, narrow, asked)


@router.get("/{run_id}/flip-counts", responses=problems(RunNotPublished))
async def count_run_flips(
    run_id: UUID, session: ReadSession, caller: Reader, division: Division = None
) -> list[FlipCount]:
    """按下级区划和规则统计的变化。 How many flipped, by child division, rule and outcomes."""
    return await count_flips(session, run_id, caller, division)


@router.get("/{run_id}/findings", responses=problems(RunNotPublished))
async def list_run_findings(
    run_id: UUID,
    session: ReadSession,
    caller: Reader,
    narrow: Annotated[FindingFilter, Depends()],
    asked: PageAsked,
) -> Page[RunFinding]:
    """总体核查发现。 What looks odd in the population; for somebody other than the recorder to check."""
    return await list_found(session, run_id, caller, narrow, asked)


@outcomes_router.get("")
async def list_outcomes(
    session: ReadSession,
    caller: Reader,
    asked: PageAsked,
    kind: Annotated[SubjectKind, Query(description="农户或村")],
    id: Annotated[str, Identifier(40), Query(description="农户编号或村代码")],
) -> Page[PastOutcome]:
    """一个对象的历次判定，新的在前。 How runs and determinations judged a subject, newest first."""
    with refusing_at("id"):
        subject_id = parse_subject_id(kind, id)
    return await list_past(session, caller, kind, subject_id, asked)


async def _exported(
    session: AsyncSession,
    shelf: Shelf,
    chosen: Filtered,
    form: Form,
    place: AbstractContextManager[None],
) -> Response:
    policy = (await shelf.by_digest(chosen.run.release)).policy
    content = await export(session, policy, chosen, form, place)
    name = f"qingling-run-{chosen.run.id}.{form.ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return await StreamedAnswer.of(content, media_type=form.media_type, headers=headers)
