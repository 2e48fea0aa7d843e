"""``/v1/releases/{id}:…``: the steps from a draft to a release in force."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.rules.releases.refusals import (
    DateTaken,
    ImpactInProgress,
    ImpactNotComputed,
    ImpactOutdated,
    ReleaseNotReady,
    SecondPersonNeeded,
    StepNotPossible,
)
from services.rules.releases.schemas import (
    JudgingDate,
    ReleaseClosing,
    ReleaseRecord,
    ReleaseScheduling,
)
from services.rules.releases.shelf import ShelfInUse, shelf_in_use
from services.rules.releases.steps import approve, assess, propose, reject, schedule, withdraw
from services.rules.releases.tables import ImpactRow, ReleaseRow
from services.rules.scopes import Scope
from shared.problems import (
    PreconditionRequired,
    Problem,
    problems,
)
from shared.web.etags import IfMatch, etag
from shared.web.route import ServiceRoute
from shared.web.work import CallersWork, writing

router = APIRouter(
    prefix="/v1/releases",
    route_class=ServiceRoute,
    tags=["releases 政策版本"],
    dependencies=[Depends(shelf_in_use)],
)
Drafting = Annotated[CallersWork, writing(Scope.RELEASES_DRAFT)]
Approving = Annotated[CallersWork, writing(Scope.RELEASES_APPROVE)]
STEP: tuple[type[Problem], ...] = (StepNotPossible, PreconditionRequired)


@router.post("/{release_id}:propose", responses=problems(*STEP, ReleaseNotReady))
async def propose_release(
    release_id: UUID,
    asked: JudgingDate,
    work: Drafting,
    shelf: ShelfInUse,
    expected: IfMatch,
    response: Response,
) -> ReleaseRecord:
    """提请批准：检查文件和案例，并开始测算影响。 Propose a draft that checks; its impact is computed as a job."""
    row = await propose(work, shelf, release_id, expected, asked)
    return await _monitored(work.session, row, response)


@router.post("/{release_id}:assess", responses=problems(*STEP, ImpactInProgress))
async def assess_release(
    release_id: UUID,
    asked: JudgingDate,
    work: Drafting,
    shelf: ShelfInUse,
    expected: IfMatch,
    response: Response,
) -> ReleaseRecord:
    """重新测算影响。 Compute the impact of a proposed release again, as a job."""
    row = await assess(work, shelf, release_id, expected, asked)
    return await _monitored(work.session, row, response)


@router.post(
    "/{release_id}:approve",
    responses=problems(
        *STEP, SecondPersonNeeded, ReleaseNotReady, ImpactNotComputed, ImpactOutdated
    ),
)
async def approve_release(
    release_id: UUID,
    work: Approving,
    shelf: ShelfInUse,
    expected: IfMatch,
    response: Response,
) -> ReleaseRecord:
    """批准：须由起草、编辑、提请以外的人，在影响测算之后。 Approve, as somebody who had no hand in it."""
    return _answered(await approve(work, shelf, release_id, expected), response)


@router.post("/{release_id}:reject", responses=problems(*STEP))
async def reject_release(
    release_id: UUID,
    asked: ReleaseClosing,
    work: Approving,
    expected: IfMatch,
    response: Response,
) -> ReleaseRecord:
    """退回：不予批准，说明理由。 Reject a proposed release, with the reason."""
    return _answered(await reject(work, release_id, expected, asked.reason), response)


@router.post("/{release_id}:withdraw", responses=problems(*STEP))
async def withdraw_release(
    release_id: UUID,
    asked: ReleaseClosing,
    work: Drafting,
    expected: IfMatch,
    response: Response,
) -> ReleaseRecord:
    """撤回：施行日期之前均可。 Take a release back before its day has come, with the reason."""
    return _answered(await withdraw(work, release_id, expected, asked.reason), response)


@router.post("/{release_id}:schedule", responses=problems(*STEP, ReleaseNotReady, DateTaken))
async def schedule_release(
    release_id: UUID,
    asked: ReleaseScheduling,
    work: Approving,
    expected: IfMatch,
    response: Response,
) -> ReleaseRecord:
    """确定施行日期。 Set the day from which an approved release judges."""
    return _answered(await schedule(work, release_id, expected, asked), response)


def _answered(row: ReleaseRow, response: Response) -> ReleaseRecord:
    response.headers["ETag"] = etag(row.version)
    return ReleaseRecord.model_validate(row)


async def _monitored(session: AsyncSession, row: ReleaseRow, response: Response) -> ReleaseRecord:
    """Answer a release whose impact is being computed, pointing to the job."""
    impact = await session.get_one(ImpactRow, row.id)
    response.headers["Link"] = f'</v1/jobs/{impact.job_id}>; rel="monitor"'
    return _answered(row, response)
