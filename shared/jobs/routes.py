"""``/v1/jobs`` 任务."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.columns import within
from shared.jobs.schemas import Job
from shared.jobs.tables import JobRow, JobState
from shared.problems import (
    Conflict,
    NotFound,
    language_of,
)
from shared.security.access import Caller, requires
from shared.values.bilingual import Bilingual
from shared.values.text import Identifier
from shared.web.pages import Page, PageAsked, read_page
from shared.web.reading import ReadSession
from shared.web.route import ServiceRoute
from shared.web.work import CallersWork, writing


def accepted(job: JobRow, response: Response) -> None:
    """Point the answer of a request for long work to its job."""
    response.status_code = 202
    response.headers["Location"] = f"/v1/jobs/{job.id}"


def jobs_router(read: StrEnum, cancel: StrEnum) -> APIRouter:
    """Return the routes of jobs for a service; the scopes are its own."""
    router = APIRouter(prefix="/v1/jobs", route_class=ServiceRoute, tags=["jobs 任务"])
    reader = requires(read)

    @router.get("")
    async def list_jobs(
        request: Request,
        session: ReadSession,
        caller: Annotated[Caller, reader],
        asked: PageAsked,
        state: Annotated[JobState | None, Query(description="状态")] = None,
        kind: Annotated[Annotated[str, Identifier(60)] | None, Query(description="种类")] = None,
    ) -> Page[Job]:
        """任务列表，新的在前。 The jobs of the caller's division, newest first."""
        statement = select(JobRow).where(within(JobRow.division, caller.division))
        if state is not None:
            statement = statement.where(JobRow.state == state)
        if kind is not None:
            statement = statement.where(JobRow.kind == kind)
        language = language_of(request)
        return await read_page(
            session,
            statement,
            [JobRow.created_at, JobRow.id],
            asked,
            lambda row: Job.of(row, language),
            descending=True,
        )

    @router.get("/{job_id}")
    async def get_job(
        request: Request, job_id: UUID, session: ReadSession, caller: Annotated[Caller, reader]
    ) -> Job:
        """任务的状态、进度和结果。 A job's state, progress and results."""
        return Job.of(await _find(session, job_id, caller), language_of(request))

    @router.post("/{job_id}:cancel")
    async def cancel_job(
        request: Request, job_id: UUID, work: Annotated[CallersWork, writing(cancel)]
    ) -> Job:
        """取消任务；运行中的任务在下一个检查点停止。 Ask a job to stop; it leaves nothing half done."""
        job = await _find(work.session, job_id, work.caller, for_update=True)
        if job.state == JobState.QUEUED:
            job.state, job.finished_at = JobState.CANCELLED, work.now
            job.waiting_for = job.waiting_since = None
        elif job.state == JobState.RUNNING:
            job.cancel_requested = True
        else:
            raise Conflict(
                Bilingual(
                    "任务已结束，不能取消。", "The job has ended and cannot be cancelled any more."
                )
            )
        return Job.of(job, language_of(request))

    return router


async def _find(
    session: AsyncSession, job_id: UUID, caller: Caller, *, for_update: bool = False
) -> JobRow:
    job = await session.get(JobRow, job_id, with_for_update=for_update or None)
    if job is None or not caller.covers(job.division):
        raise NotFound.of(Bilingual("任务", "job"), job_id)
    return job
