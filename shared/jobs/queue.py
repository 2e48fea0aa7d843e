"""Putting work into the queue, in the transaction that asks for it."""

from typing import Any
from uuid import UUID

import orjson
from procrastinate.schema import SchemaManager
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.jobs.tables import JobRow
from shared.web.work import Work

QUEUE = "jobs"
RUN_JOB = "run_job"

# The library's own function, so that its row and ours commit together or not at all.
DEFER = text(
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW("
    ":queue, :task, 0, :lock, NULL, cast(:arguments AS jsonb), NULL"
    ")::procrastinate_job_to_defer_v1])"
)


def queue_schema() -> str:
    """Return the statements that make the queue's own tables, types and functions."""
    return SchemaManager.get_schema()


async def enqueue(
    work: Work,
    kind: str,
    division: str,
    arguments: dict[str, Any],
    *,
    job_id: UUID | None = None,
    lock: str | None = None,
) -> JobRow:
    """Ask for a job: it runs once the transaction of ``work`` has committed.

    Jobs with the same ``lock`` run one after another.
    """
    job = JobRow(
        kind=kind,
        division=division,
        arguments=arguments,
        created_by=work.actor,
        created_at=work.now,
        **({"id": job_id} if job_id else {}),
    )
    work.session.add(job)
    await work.session.flush()
    await defer(work.session, job.id, lock)
    return job


async def defer(session: AsyncSession, job_id: UUID, lock: str | None = None) -> None:
    """Put a job that is on record into the queue (again)."""
    arguments = orjson.dumps({"job_id": str(job_id)}).decode()
    await session.execute(
        DEFER, {"queue": QUEUE, "task": RUN_JOB, "lock": lock, "arguments": arguments}
    )
