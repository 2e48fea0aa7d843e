"""Asking for a run."""

from uuid import UUID

from services.rules.releases.domain import APPROVED
from services.rules.releases.shelf import Release, Shelf
from services.rules.runs.records import RUN
from services.rules.runs.results.queries import find_run
from services.rules.runs.schemas import NewRun
from services.rules.runs.tables import RunRow
from shared.ids import new_id
from shared.jobs.queue import enqueue
from shared.jobs.tables import JobRow
from shared.journal.records import add
from shared.problems import InvalidRequest
from shared.values.bilingual import Bilingual
from shared.values.divisions import contains
from shared.web.work import CallersWork, WorkToBegin

RUN_JOB = "run"


async def request_run(to_begin: WorkToBegin, shelf: Shelf, asked: NewRun) -> tuple[RunRow, JobRow]:
    """Ask for a run and its job; runs of one division go one after another.

    Raises:
        NotFound: there is no such release or run.
        InvalidRequest: the day is to come, the release is not approved, or the run to compare with
            is not published or of another division.

    """
    if asked.as_of > to_begin.today:
        detail = Bilingual(
            "判定日期不能晚于今天；请改为今天或更早的日期。",
            "The day must not be later than today; give today or an earlier day.",
        )
        raise _refused("as_of", "date-to-come", detail)
    release = await _release(shelf, asked)
    work = await to_begin.begin()
    if asked.compare_with is not None:
        await _require_comparable(work, asked.compare_with, asked.division)
    run_id = new_id()
    lock = f"run:{asked.division}"
    job = await enqueue(work, RUN_JOB, asked.division, {}, job_id=run_id, lock=lock)
    content = {
        "id": run_id,
        "division": asked.division,
        "as_of": asked.as_of,
        "release_id": release.id,
        "release": release.digest,
        "compared_with": asked.compare_with,
        "orders": {},
        "counts": {},
        "outcomes": [],
    }
    row = add(work, RUN, content, "requested")
    await work.session.flush()
    await work.session.refresh(row)
    return row, job


async def _release(shelf: Shelf, asked: NewRun) -> Release:
    if asked.release is None:
        return await shelf.in_force(asked.as_of)
    release = await shelf.get(asked.release)
    if release.state not in APPROVED:
        detail = Bilingual(
            "该政策版本尚未批准；请先批准，或在版本的影响测算中查看其效果。",
            "This release is not approved; have it approved, or look at its impact instead.",
        )
        raise _refused("release", "release-not-approved", detail)
    return release


async def _require_comparable(work: CallersWork, run_id: UUID, division: str) -> None:
    earlier = await find_run(work.session, run_id, work.caller)
    if earlier.published_at is None or not contains(earlier.division, division):
        detail = Bilingual(
            "只能与已发布、且覆盖本区划的批次比对；请在 /v1/runs 中选择。",
            "Compare with a published run that covers this division; choose one in /v1/runs.",
        )
        raise _refused("compare_with", "run-not-comparable", detail)


def _refused(member: str, code: str, detail: Bilingual) -> InvalidRequest:
    return InvalidRequest(detail, errors=[(f"/{member}", code, detail)])
