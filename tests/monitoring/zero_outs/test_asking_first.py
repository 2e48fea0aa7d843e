"""Whoever asks rules holds no transaction meanwhile, and a judgement locks its subject alone."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import date
from uuid import uuid4

import pytest

from services.monitoring.clients.rules import Answer, Subject
from services.monitoring.main import create_app
from services.monitoring.scopes import Scope
from services.monitoring.zero_outs.following import Judge
from services.monitoring.zero_outs.judging import lock_subjects
from shared.db.database import Database
from shared.journal.follower import Follower
from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of, running
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.testing.locks import until_one_waits
from shared.testing.plugin import TokenMaker
from tests.monitoring.campaign import EVIDENCE, HOME, Campaign, Signatures, monitoring_settings
from tests.monitoring.fakes import COUNTY, VILLAGE, FakeFeed, FakeRegistry, FakeRules

OPEN = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"


class WatchingRules(FakeRules):
    """Rules that counts the transactions that are open while it is asked."""

    database: Database
    found_open: list[int]

    async def evaluate(self, subjects: Iterable[Subject], as_of: date) -> list[Answer]:
        async with Database(self.database.url) as beside, beside.driver() as driver:
            self.found_open.append(await driver.fetchval(OPEN))
        return await super().evaluate(subjects, as_of)


@pytest.fixture
async def committed(
    databases: Databases, issuer: LocalIssuer, clock: FrozenClock, token: TokenMaker
) -> AsyncIterator[tuple[Campaign, WatchingRules]]:
    """A campaign on a database of its own, with one connection."""
    with databases.clone("monitoring") as address:
        settings = monitoring_settings(address, issuer, pool_size=1)
        rules, feed = WatchingRules(), FakeFeed()
        app = create_app(settings, clock=clock, rules=rules, registry=FakeRegistry())
        caller = token(*Scope, division=COUNTY, subject="county-clerk")
        async with running(app), client_of(app, caller) as clerk:
            database = rules.database = app.state.database
            rules.found_open = []
            judge = Judge(database, rules, clock)
            follower = Follower(database, "registry", feed, judge.plan, clock)
            yield Campaign(rules, feed, follower, clerk, Signatures(app, token)), rules


@pytest.mark.parametrize("keyed", [False, True])
async def test_signing_asks_before_its_transaction_opens(
    committed: tuple[Campaign, WatchingRules], token: TokenMaker, keyed: bool
) -> None:
    campaign, rules = committed
    item = await campaign.ready_item()
    headers = {"If-Match": f'"{item["version"]}"'}
    if keyed:
        headers["Idempotency-Key"] = str(uuid4())
    caller = token(*Scope, division=VILLAGE, subject="village-cadre")
    path, body = f"/v1/zero-out-items/{item['id']}:sign-off", {"evidence": EVIDENCE}
    async with client_of(campaign.signatures.app, caller) as cadre:
        signed = await cadre.post(path, json=body, headers=headers)
        again = await cadre.post(path, json=body, headers=headers)
    assert signed.status_code == 200, signed.text
    assert again.status_code == (200 if keyed else 412)
    assert set(rules.found_open) == {0}


async def test_a_judgement_waits_for_those_of_its_subject_alone(
    committed: tuple[Campaign, WatchingRules],
) -> None:
    campaign, rules = committed
    other = Subject("household", "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c99")
    async with Database(rules.database.url) as beside, beside.session() as session:
        await lock_subjects(session, [other])
        await campaign.found(housing="not_met")
        assert len(await campaign.items()) == 1
        waiting = asyncio.create_task(campaign.found(other, housing="not_met"))
        await until_one_waits(rules.database.url)
        assert not waiting.done()
    await waiting
    assert len(await campaign.items()) == 2
    assert {item["subject_id"] for item in await campaign.items()} == {HOME.id, other.id}
