"""Judging a division on request, as a job that the worker carries out."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.monitoring.clients.rules import Subject
from services.monitoring.main import create_app
from services.monitoring.scopes import Scope
from services.monitoring.zero_outs.following import JUDGE_JOB, Judge
from shared.db.database import Database
from shared.jobs.worker import run_worker
from shared.journal.follower import Follower
from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of, running
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.testing.plugin import TokenMaker
from tests.monitoring.campaign import HOME, Campaign, Signatures, monitoring_settings
from tests.monitoring.fakes import COUNTY, VILLAGE, FakeFeed, FakeRegistry, FakeRules

ELSEWHERE = Subject("household", "0192f3c4-7a10-7b7e-8f56-000000000002")
STUCK = Subject("household", "0192f3c4-7a10-7b7e-8f56-000000000003")
OTHER_COUNTY_VILLAGE = "330122001001"


@pytest.fixture
async def committed(
    databases: Databases,
    issuer: LocalIssuer,
    clock: FrozenClock,
    token: TokenMaker,
    rules: FakeRules,
    feed: FakeFeed,
) -> AsyncIterator[tuple[Campaign, Database, Judge]]:
    """A campaign on a database of its own, where everything commits and a worker can run."""
    with databases.clone("monitoring") as address:
        settings = monitoring_settings(address, issuer)
        app = create_app(settings, clock=clock, rules=rules, registry=FakeRegistry())
        caller = token(*Scope, division=COUNTY, subject="county-clerk")
        async with running(app), client_of(app, caller) as clerk:
            database: Database = app.state.database
            judge = Judge(database, rules, clock)
            follower = Follower(database, "registry", feed, judge.plan, clock)
            signatures = Signatures(app, token)
            yield Campaign(rules, feed, follower, clerk, signatures), database, judge


async def carry_out_jobs(database: Database, judge: Judge, clock: FrozenClock) -> None:
    await run_worker(database, {JUDGE_JOB: judge.judge_division}, clock, until_idle=True)


async def ask(clerk: httpx.AsyncClient, division: str) -> str:
    answer = await clerk.post("/v1/zero-out-items:judge", json={"division": division})
    assert answer.status_code == 202, answer.text
    assert answer.json()["state"] == "queued"
    return answer.headers["Location"]


async def test_the_subjects_of_a_division_are_judged_again(
    committed: tuple[Campaign, Database, Judge], clock: FrozenClock
) -> None:
    campaign, database, judge = committed
    await campaign.found(housing="not_met")
    await campaign.found(ELSEWHERE, OTHER_COUNTY_VILLAGE, water="not_met")
    campaign.rules.refuse(STUCK)
    await campaign.noticed(STUCK)
    campaign.rules.find(HOME, VILLAGE, housing="met")
    campaign.rules.find(STUCK, VILLAGE, food="not_met")
    campaign.rules.asked.clear()
    location = await ask(campaign.clerk, COUNTY)
    await carry_out_jobs(database, judge, clock)
    job = (await campaign.clerk.get(location)).json()
    assert (job["state"], job["counts"]) == ("succeeded", {"judged": 2})
    ((asked, _),) = campaign.rules.asked
    assert set(asked) == {HOME, STUCK}
    states = {item["criterion"]: item["state"] for item in await campaign.items()}
    assert states == {"household.housing": "ready", "household.food": "open"}
    ready = (await campaign.items(state="ready"))[0]
    assert (await campaign.timeline(ready))[-1]["actor"] == "county-clerk"


async def test_a_job_while_rules_is_down_waits_and_says_for_what(
    committed: tuple[Campaign, Database, Judge], clock: FrozenClock
) -> None:
    campaign, database, judge = committed
    await campaign.found(housing="not_met")
    campaign.rules.down = True
    location = await ask(campaign.clerk, COUNTY)
    await carry_out_jobs(database, judge, clock)
    job = (await campaign.clerk.get(location)).json()
    assert (job["state"], job["waiting_for"]) == ("queued", "dependency-unavailable")
    campaign.rules.down = False
    async with database.driver() as driver:
        await driver.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")
    await carry_out_jobs(database, judge, clock)
    job = (await campaign.clerk.get(location)).json()
    assert (job["state"], job["waiting_for"], job["counts"]) == ("succeeded", None, {"judged": 1})


async def test_another_county_is_not_judged_on_request(
    committed: tuple[Campaign, Database, Judge],
) -> None:
    campaign, _, _ = committed
    answer = await campaign.clerk.post(
        "/v1/zero-out-items:judge", json={"division": "330122000000"}
    )
    assert answer.status_code == 404


async def test_changes_of_items_are_events(committed: tuple[Campaign, Database, Judge]) -> None:
    campaign, _, _ = committed
    await campaign.found(housing="not_met")
    events = (await campaign.clerk.get("/v1/events", params={"wait": 2})).json()
    assert [event["type"] for event in events] == ["qingling.monitoring.zero_out_item.opened"]
    assert events[0]["data"]["state"]["criterion"] == "household.housing"
    assert events[0]["division"] == VILLAGE
