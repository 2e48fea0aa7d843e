"""A bureau that runs judgements: rules with its worker, and a real registry over HTTP."""

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from deploy.child import free_port
from services.registry.main import create_app as create_registry
from services.registry.settings import RegistrySettings
from services.rules.clients.registry import NEEDED, RegistryClient
from services.rules.main import create_app
from services.rules.runs.job import carry_out
from services.rules.runs.usecases import RUN_JOB
from services.rules.scopes import Scope
from services.rules.settings import RulesSettings
from shared.db.database import Database
from shared.jobs.run import Task
from shared.jobs.worker import run_worker
from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of, running
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.testing.plugin import PROVINCE, TokenMaker, settings_for
from tests.bench.province import fill_province
from tests.bench.servers import wait_for
from tests.rules.compiled import COMPILED

AS_OF = "2020-10-15"
CITY = "330100000000"
COUNTY = "330127000000"
OTHER_COUNTY = "330324000000"
HOUSEHOLDS = 6000
DATA_KEYS = {1: base64.b64encode(b"a key for personal data in tests")}


@dataclass(frozen=True)
class Registry:
    """A registry that answers over HTTP, with its database and a token for it."""

    address: str
    database: str
    token: str


@asynccontextmanager
async def served(address: str, issuer: LocalIssuer, token: str) -> AsyncIterator[Registry]:
    """Serve a registry over HTTP while the block runs."""
    settings = settings_for(RegistrySettings, address, issuer.public_keys, data_keys=DATA_KEYS)
    port = free_port()
    config = uvicorn.Config(
        create_registry(settings), port=port, log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await asyncio.to_thread(wait_for, port)
    yield Registry(f"http://127.0.0.1:{port}", address, token)
    server.should_exit = True
    await serving


@pytest.fixture(scope="session")
def filled(databases: Databases) -> Iterator[str]:
    """A registry's database with households in every county of the province; nobody changes it."""
    with databases.clone("registry") as address:
        fill_province(address, HOUSEHOLDS)
        yield address


@pytest.fixture(scope="session")
async def province_registry(
    filled: str, issuer: LocalIssuer, token: TokenMaker
) -> AsyncIterator[Registry]:
    """The registry of the whole province."""
    async with served(filled, issuer, token(*NEEDED)) as registry:
        yield registry


@dataclass
class Bureau:
    """Where runs are asked for; ``settle`` lets the worker do what is waiting."""

    app: FastAPI
    database: Database
    registry: RegistryClient
    clock: FrozenClock
    token: TokenMaker
    settings: RulesSettings

    def caller(self, division: str = PROVINCE, *scopes: str) -> httpx.AsyncClient:
        return client_of(self.app, self.token(*(scopes or Scope), division=division))

    @property
    def tasks(self) -> dict[str, Task]:
        shelf = self.app.state.shelf
        return {RUN_JOB: partial(carry_out, registry=self.registry, shelf=shelf)}

    async def ask(self, division: str = CITY, as_of: str = AS_OF, **asked: Any) -> dict[str, Any]:
        async with self.caller() as client:
            body = {"division": division, "as_of": as_of} | asked
            answer = await client.post("/v1/runs", json=body)
        assert answer.status_code == 202, answer.text
        assert answer.headers["location"] == f"/v1/jobs/{answer.json()['id']}"
        made: dict[str, Any] = answer.json()
        return made

    async def settle(self) -> None:
        await run_worker(self.database, self.tasks, self.clock, until_idle=True)

    async def run(self, division: str = CITY, as_of: str = AS_OF, **asked: Any) -> dict[str, Any]:
        """Return a run once it is published."""
        asked_for = await self.ask(division, as_of, **asked)
        await self.settle()
        done: dict[str, Any] = await self.read(f"/v1/runs/{asked_for['id']}")
        assert done["state"] == "succeeded", await self.read(f"/v1/jobs/{asked_for['id']}")
        return done

    async def read(self, path: str, of: str = PROVINCE, **query: Any) -> Any:
        """Return an answer to a caller of a division."""
        async with self.caller(of) as client:
            answer = await client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def everything(self, path: str, of: str = PROVINCE, **query: Any) -> list[Any]:
        """Return the items of every page."""
        found: list[Any] = []
        following = str(httpx.URL(path, params=query | {"limit": 200}))
        async with self.caller(of) as client:
            while following:
                answer = await client.get(following)
                assert answer.status_code == 200, answer.text
                found += answer.json()["items"]
                following = answer.links.get("next", {}).get("url", "")
        return found


@asynccontextmanager
async def opened_bureau(
    databases: Databases, issuer: LocalIssuer, token: TokenMaker, registry: Registry
) -> AsyncIterator[Bureau]:
    clock = FrozenClock(datetime(2020, 10, 15, 4, tzinfo=UTC))
    with databases.clone("rules") as address:
        urls = {"registry_url": registry.address, "service_key": "none"}
        settings = settings_for(RulesSettings, address, issuer.public_keys, **urls)
        client = RegistryClient("registry", registry.address, lambda: registry.token)
        app = create_app(settings, clock=clock, registry=client, policies=COMPILED)
        async with running(app), Database(address) as database:
            yield Bureau(app, database, client, clock, token, settings)


@pytest.fixture
async def bureau(
    databases: Databases, issuer: LocalIssuer, token: TokenMaker, province_registry: Registry
) -> AsyncIterator[Bureau]:
    """A bureau with a database of its own, on the registry of the province."""
    async with opened_bureau(databases, issuer, token, province_registry) as opened:
        yield opened


@pytest.fixture(scope="session")
async def judged(
    databases: Databases, issuer: LocalIssuer, token: TokenMaker, province_registry: Registry
) -> AsyncIterator[tuple[Bureau, dict[str, Any]]]:
    """A bureau with one published run over a city, for tests that only read."""
    async with opened_bureau(databases, issuer, token, province_registry) as opened:
        yield opened, await opened.run()
