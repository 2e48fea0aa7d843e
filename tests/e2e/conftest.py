"""Monitoring under test, with the real registry and the real rules behind it."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.monitoring.clients.registry import RegistryClient
from services.monitoring.clients.rules import RulesClient
from services.monitoring.main import create_app as create_monitoring
from services.monitoring.scopes import Scope
from services.monitoring.settings import MonitoringSettings
from services.monitoring.zero_outs.following import Judge
from services.registry.main import create_app as create_registry
from services.registry.scopes import Scope as RegistryScope
from services.registry.settings import RegistrySettings
from services.rules.clients.registry import RegistryClient as RegistryOfRules
from services.rules.main import create_app as create_rules
from services.rules.scopes import Scope as RulesScope
from services.rules.settings import RulesSettings
from shared.db.database import Database
from shared.journal.follower import Follower
from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of, running
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.testing.plugin import TokenMaker, settings_for
from tests.registry.samples import VILLAGE, household
from tests.rules.compiled import COMPILED

DATA_KEYS = {1: base64.b64encode(b"a key for personal data in tests")}
COUNTY = "330127000000"
TOWNSHIP = VILLAGE[:9] + "000"


class Switch(httpx.AsyncBaseTransport):
    """The way to a service, which a test can break."""

    def __init__(self, app: FastAPI) -> None:
        self._way = httpx.ASGITransport(app)
        self.broken = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on, or fail as an unreachable service does."""
        if self.broken:
            raise httpx.ConnectError("unreachable", request=request)
        return await self._way.handle_async_request(request)


@dataclass
class System:
    """The three services together."""

    clerk: httpx.AsyncClient
    registry: FastAPI
    rules: FastAPI
    monitoring: FastAPI
    database: Database
    follower: Follower
    judge: Judge
    way_to_rules: Switch
    way_to_registry: Switch
    token: TokenMaker

    def caller(self, division: str, subject: str, *scopes: str) -> httpx.AsyncClient:
        """Return somebody's client of monitoring."""
        made = self.token(*(scopes or Scope), division=division, subject=subject)
        return client_of(self.monitoring, made)

    def judge_of(self, division: str, *scopes: str) -> httpx.AsyncClient:
        """Return somebody's client of rules."""
        made = self.token(*(scopes or RulesScope), division=division, subject="judge")
        return client_of(self.rules, made)

    async def catch_up(self) -> None:
        """Apply everything that the registry's feed holds."""
        while await self.follower.advance():
            pass

    async def record(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Record something in the registry, and let monitoring follow."""
        answer = await self.clerk.post(path, json=body)
        assert answer.status_code == 201, answer.text
        await self.catch_up()
        made: dict[str, Any] = answer.json()
        return made

    async def items(self, **query: str) -> list[dict[str, Any]]:
        """Return the items that a county reader sees."""
        async with self.caller(COUNTY, "reader") as reader:
            answer = await reader.get("/v1/zero-out-items", params=query)
            assert answer.status_code == 200, answer.text
            found: list[dict[str, Any]] = answer.json()["items"]
            return found


@pytest.fixture
async def system(
    databases: Databases, issuer: LocalIssuer, token: TokenMaker
) -> AsyncIterator[System]:
    """The three services on databases of their own, at noon on 15 October 2020."""
    clock = FrozenClock(datetime(2020, 10, 15, 4, tzinfo=UTC))
    keys = issuer.public_keys
    service = token(*RegistryScope, "evaluations:create", subject="service")
    with (
        databases.clone("registry") as registry_address,
        databases.clone("rules") as rules_address,
        databases.clone("monitoring") as monitoring_address,
    ):
        registry = create_registry(
            settings_for(RegistrySettings, registry_address, keys, data_keys=DATA_KEYS),
            clock=clock,
        )
        to_registry = Switch(registry)
        urls = {"registry_url": "http://r", "rules_url": "http://r", "service_key": "none"}
        rules = create_rules(
            settings_for(RulesSettings, rules_address, keys, **urls),
            clock=clock,
            registry=RegistryOfRules(
                "registry", "http://r", lambda: service, transport=to_registry
            ),
            policies=COMPILED,
        )
        to_rules = Switch(rules)
        asked = RulesClient("rules", "http://r", lambda: service, transport=to_rules)
        settings = settings_for(MonitoringSettings, monitoring_address, keys, **urls)
        feed = RegistryClient("registry", "http://r", lambda: service, transport=to_registry)
        monitoring = create_monitoring(settings, clock=clock, rules=asked, registry=feed)
        async with running(registry), running(rules), running(monitoring):
            database: Database = monitoring.state.database
            judge = Judge(database, asked, clock)
            follower = Follower(database, "registry", feed, judge.plan, clock)
            clerk = token(*RegistryScope, division=COUNTY, subject="clerk")
            async with client_of(registry, clerk) as client:
                yield System(
                    client,
                    registry,
                    rules,
                    monitoring,
                    database,
                    follower,
                    judge,
                    to_rules,
                    to_registry,
                    token,
                )


@pytest.fixture
async def household_id(system: System) -> str:
    """A household that nothing more is known of."""
    made: str = (await system.record("/v1/households", household()))["id"]
    return made
