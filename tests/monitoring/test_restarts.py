"""PostgreSQL goes and comes back: requests are told to come again, worker and jobs go on by themselves."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from services.monitoring.main import create_app
from services.monitoring.scopes import Scope
from services.monitoring.zero_outs.following import JUDGE_JOB, Judge
from shared.db.database import Database
from shared.db.embedded import EPHEMERAL, EmbeddedServer, ensure_database
from shared.db.migrations import upgrade
from shared.jobs import worker as jobs_worker
from shared.jobs.run import JobResult, JobRun
from shared.jobs.tables import JobRow
from shared.jobs.worker import run_worker
from shared.journal.follower import Follower
from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of, running
from shared.testing.clock import FrozenClock
from shared.testing.plugin import TokenMaker
from tests.monitoring.campaign import HOME, monitoring_settings
from tests.monitoring.fakes import COUNTY, VILLAGE, FakeFeed, FakeRegistry, FakeRules

SMALL = EPHEMERAL | {"shared_buffers": "16MB", "max_connections": "60"}


@dataclass
class Site:
    """Monitoring on a server of its own."""

    server: EmbeddedServer
    database: Database
    clerk: httpx.AsyncClient
    rules: FakeRules

    async def answers(self) -> list[httpx.Response]:
        """Return the answers to a request of each kind: reads, a long poll, writes."""
        body = {"division": COUNTY}
        keyed = {"Idempotency-Key": "restart-1"}
        return [
            await self.clerk.get("/v1/zero-out-items"),
            await self.clerk.get("/v1/events", params={"wait": 0.1}),
            await self.clerk.get("/v1/jobs"),
            await self.clerk.post("/v1/zero-out-items:judge", json=body),
            await self.clerk.post("/v1/zero-out-items:judge", json=body, headers=keyed),
        ]

    async def ready(self) -> int:
        """Return the status of /readyz."""
        return (await self.clerk.get("/readyz")).status_code

    async def job(self, job_id: UUID) -> JobRow:
        """Read a job."""
        async with self.database.session() as session:
            return await session.get_one(JobRow, job_id)


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    """A server of this test's own, for it to stop and start."""
    with tempfile.TemporaryDirectory(prefix="qingling-restart-") as folder:
        Path(folder).chmod(0o755)
        own = EmbeddedServer(Path(folder) / "postgres", SMALL)
        own.start()
        yield own
        own.stop()


@pytest.fixture
async def site(
    server: EmbeddedServer, issuer: LocalIssuer, clock: FrozenClock, token: TokenMaker
) -> AsyncIterator[Site]:
    address = ensure_database(server.address, "monitoring")
    await asyncio.to_thread(upgrade, "monitoring", address)
    rules = FakeRules()
    app = create_app(
        monitoring_settings(address, issuer), clock=clock, rules=rules, registry=FakeRegistry()
    )
    caller = token(*Scope, division=COUNTY, subject="county-clerk")
    async with running(app), client_of(app, caller) as clerk:
        yield Site(server, app.state.database, clerk, rules)


async def test_everything_goes_on_after_a_restart(
    site: Site, clock: FrozenClock, issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_worker, "LONGEST_PAUSE", 0.5)
    begun, let_go = asyncio.Event(), asyncio.Event()
    site.rules.find(HOME, VILLAGE, housing="not_met")
    feed = FakeFeed()

    async def long_task(run: JobRun) -> JobResult:
        for done in range(10_000):
            await run.progress(done)
            begun.set()
            if let_go.is_set():
                return JobResult({"judged": done})
            await asyncio.sleep(0.05)
        raise AssertionError("not reached")

    judge = Judge(site.database, site.rules, clock)
    follower = asyncio.create_task(
        Follower(site.database, "registry", feed, judge.plan, clock).run()
    )
    worker = asyncio.create_task(run_worker(site.database, {JUDGE_JOB: long_task}, clock))
    asked = await site.clerk.post("/v1/zero-out-items:judge", json={"division": COUNTY})
    job_id = UUID(asked.json()["id"])
    async with asyncio.timeout(60):
        await begun.wait()

    await asyncio.to_thread(site.server.stop)
    for answer in await site.answers():
        assert answer.status_code == 503, answer.text
        assert answer.json()["type"] == "urn:qingling:problem:database-unavailable"
        assert answer.headers["Retry-After"]
    assert await site.ready() == 503
    feed.tell(HOME, VILLAGE)
    await asyncio.to_thread(site.server.start)

    async def is_ready() -> bool:
        return await site.ready() == 200

    async def is_done() -> bool:
        return (await site.job(job_id)).state == "succeeded"

    async def is_followed() -> bool:
        return bool((await site.clerk.get("/v1/zero-out-items")).json()["items"])

    await until(is_ready)
    assert [one.status_code for one in await site.answers()] == [200, 200, 200, 202, 202]
    let_go.set()
    await until(is_done)
    await until(is_followed)
    assert (await site.job(job_id)).attempts == 1
    assert not worker.done()
    assert not follower.done()
    for task in (worker, follower):
        task.cancel()
    await asyncio.gather(worker, follower, return_exceptions=True)


async def until(comes_true: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(600):
        if await comes_true():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(comes_true.__name__)
