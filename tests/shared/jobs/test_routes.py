"""``/v1/jobs`` and the answer that points to it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Response

from shared.db.database import Database
from shared.jobs.queue import enqueue
from shared.jobs.routes import accepted, jobs_router
from shared.jobs.run import JobResult, JobRun
from shared.jobs.worker import run_worker
from shared.problems import Conflict
from shared.testing.clients import client_of
from shared.testing.clock import FrozenClock
from shared.testing.plugin import TokenMaker
from shared.values.bilingual import Bilingual
from shared.web.route import ServiceRoute
from shared.web.work import CallersWork, writing
from tests.shared.conftest import AppMaker

COUNTY, TOWNSHIP, OTHER_COUNTY = "330127000000", "330127100000", "330122000000"


class Scope(StrEnum):
    READ = "jobs:read"
    CANCEL = "jobs:cancel"
    START = "work:start"


router = APIRouter(route_class=ServiceRoute)


@router.post("/v1/work", status_code=202)
async def start_work(
    work: Annotated[CallersWork, writing(Scope.START)],
    response: Response,
    kind: str = "count",
) -> None:
    accepted(await enqueue(work, kind, work.caller.division, {}), response)


@pytest.fixture
def app(make_app: AppMaker) -> FastAPI:
    return make_app(router, jobs_router(Scope.READ, Scope.CANCEL))


@pytest.fixture
async def clerk(app: FastAPI, token: TokenMaker) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, token(*Scope, division=TOWNSHIP)) as client:
        yield client


async def start(client: httpx.AsyncClient, kind: str = "count", **headers: str) -> str:
    answer = await client.post("/v1/work", params={"kind": kind}, headers=headers)
    assert answer.status_code == 202, answer.text
    return answer.headers["location"]


async def test_a_job_is_read_from_its_start_to_its_results(
    clerk: httpx.AsyncClient, database: Database, clock: FrozenClock
) -> None:
    location = await start(clerk)
    waiting = (await clerk.get(location)).json()
    assert (waiting["state"], waiting["progress"]) == ("queued", {"done": 0, "total": None})
    assert waiting["created_by"] == "tester"

    async def count(run: JobRun) -> JobResult:
        await run.progress(1, 2, {"seen": 1})
        seen = (await clerk.get(location)).json()
        assert (seen["state"], seen["progress"]) == ("running", {"done": 1, "total": 2})
        return JobResult({"seen": 2}, {"rows": "/v1/rows"})

    clock.advance(timedelta(minutes=1))
    await run_worker(database, {"count": count}, clock, until_idle=True)
    ended = (await clerk.get(location)).json()
    assert (ended["state"], ended["problem"]) == ("succeeded", None)
    assert (ended["counts"], ended["results"]) == ({"seen": 2}, {"rows": "/v1/rows"})
    assert ended["started_at"] == ended["finished_at"] != ended["created_at"]


async def test_a_retried_request_starts_one_job(clerk: httpx.AsyncClient) -> None:
    first = await start(clerk, **{"Idempotency-Key": "1"})
    assert await start(clerk, **{"Idempotency-Key": "1"}) == first
    assert len((await clerk.get("/v1/jobs")).json()["items"]) == 1


async def test_a_failure_speaks_the_readers_language(
    clerk: httpx.AsyncClient, database: Database, clock: FrozenClock
) -> None:
    location = await start(clerk)

    async def refuse(_: JobRun) -> JobResult:
        raise Conflict(Bilingual("已有同名表", "a sheet of this name exists"))

    await run_worker(database, {"count": refuse}, clock, until_idle=True)
    chinese = (await clerk.get(location)).json()["problem"]
    english = (await clerk.get(location, headers={"Accept-Language": "en"})).json()["problem"]
    assert (chinese["detail"], english["detail"]) == ("已有同名表", "a sheet of this name exists")
    assert chinese["type"] == english["type"] == "urn:qingling:problem:conflict"


async def test_a_waiting_job_is_cancelled_at_once_and_never_runs(
    clerk: httpx.AsyncClient, database: Database, clock: FrozenClock
) -> None:
    location = await start(clerk)
    cancelled = await clerk.post(f"{location}:cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    ran: list[JobRun] = []

    async def noticed(run: JobRun) -> JobResult:
        ran.append(run)
        return JobResult()

    await run_worker(database, {"count": noticed}, clock, until_idle=True)
    assert ran == []
    assert (await clerk.post(f"{location}:cancel")).status_code == 409


async def test_a_running_job_stops_when_asked(
    clerk: httpx.AsyncClient, database: Database, clock: FrozenClock
) -> None:
    location = await start(clerk)

    async def count(run: JobRun) -> JobResult:
        await run.progress(1, 2)
        assert (await clerk.post(f"{location}:cancel")).json()["cancel_requested"] is True
        await run.progress(2, 2)
        raise AssertionError("not reached")

    await run_worker(database, {"count": count}, clock, until_idle=True)
    assert (await clerk.get(location)).json()["state"] == "cancelled"


async def test_the_list_pages_newest_first_and_filters(clerk: httpx.AsyncClient) -> None:
    started = [await start(clerk, kind) for kind in ("a", "b", "a")]
    await clerk.post(f"{started[0]}:cancel")
    seen, query = [], {"limit": "2"}
    while True:
        page = (await clerk.get("/v1/jobs", params=query)).json()
        seen += [f"/v1/jobs/{item['id']}" for item in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert seen == started[::-1]
    for filters, count in ({"kind": "a"}, 2), ({"state": "queued"}, 2), ({"state": "failed"}, 0):
        assert len((await clerk.get("/v1/jobs", params=filters)).json()["items"]) == count
    assert (await clerk.get("/v1/jobs", params={"state": "lost"})).status_code == 422


async def test_jobs_exist_only_within_ones_division(
    app: FastAPI, clerk: httpx.AsyncClient, token: TokenMaker
) -> None:
    location = await start(clerk)
    async with client_of(app, token(*Scope, division=OTHER_COUNTY)) as stranger:
        assert (await stranger.get(location)).status_code == 404
        assert (await stranger.post(f"{location}:cancel")).status_code == 404
        assert (await stranger.get("/v1/jobs")).json()["items"] == []
    async with client_of(app, token(*Scope, division=COUNTY)) as county:
        assert (await county.get(location)).status_code == 200
    async with client_of(app, token(Scope.READ, division=COUNTY)) as reader:
        assert (await reader.post(f"{location}:cancel")).status_code == 403
    async with client_of(app) as nobody:
        for answer in await nobody.get(location), await nobody.post(f"{location}:cancel"):
            assert answer.status_code == 401
