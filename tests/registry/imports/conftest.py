"""A desk where files are handed in over HTTP and a worker imports them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from services.registry.main import create_app
from services.registry.scopes import Scope
from services.registry.settings import RegistrySettings
from services.registry.values.sealing import Sealer
from services.registry.worker import tasks
from shared.db.database import Database
from shared.jobs.tables import JobRow, JobState
from shared.jobs.worker import run_worker
from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of, running
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.testing.plugin import TokenMaker, settings_for
from tests.registry.conftest import CHUNAN, DATA_KEYS
from tests.registry.imports.workbooks import Sheets, workbook

Files = Sequence[tuple[str, bytes]]


@dataclass
class Desk:
    """Where a caller hands in files; ``settle`` lets the worker do what is waiting."""

    client: httpx.AsyncClient
    database: Database
    sealer: Sealer
    clock: FrozenClock

    @property
    def app(self) -> FastAPI:
        app: FastAPI = self.client._transport.app  # type: ignore[attr-defined]
        return app

    async def hand_in(self, files: Files, **form: str) -> httpx.Response:
        sent = [("files", (name, content)) for name, content in files]
        return await self.client.post("/v1/imports", files=sent, data=form)

    async def settle(self) -> None:
        given = tasks(self.sealer, self.app.state.allowances)
        work = partial(run_worker, self.database, given, self.clock, until_idle=True)
        await work()
        for _ in range(await self._waiting()):  # behind another one of the same county
            await work()

    async def _waiting(self) -> int:
        async with self.database.session() as session:
            queued = select(func.count()).where(JobRow.state == JobState.QUEUED)
            return await session.scalar(queued) or 0

    async def import_files(self, files: Files, **form: str) -> dict[str, Any]:
        """Return the import once it is over."""
        answer = await self.hand_in(files, **form)
        assert answer.status_code == 202, answer.text
        await self.settle()
        done = (await self.client.get(answer.headers["location"])).json()
        assert done["state"] in {"succeeded", "failed"}, done
        return dict(done)

    async def import_sheets(self, sheets: Sheets, **form: str) -> dict[str, Any]:
        return await self.import_files([("登记.xlsx", workbook(sheets))], **form)

    async def rows(self, done: dict[str, Any], **narrow: str) -> list[dict[str, Any]]:
        """Return every row's outcome, page by page."""
        found: list[dict[str, Any]] = []
        following = str(httpx.URL(f"/v1/imports/{done['id']}/rows", params=narrow | {"limit": "7"}))
        while following:
            answer = await self.client.get(following)
            assert answer.status_code == 200, answer.text
            found += answer.json()["items"]
            following = answer.links.get("next", {}).get("url", "")
        return found


@asynccontextmanager
async def opened_desk(
    databases: Databases, issuer: LocalIssuer, clock: FrozenClock, token: str
) -> AsyncIterator[Desk]:
    with databases.clone("registry") as address:
        settings = settings_for(RegistrySettings, address, issuer.public_keys, data_keys=DATA_KEYS)
        app = create_app(settings, clock=clock)
        async with running(app), Database(address) as database, client_of(app, token) as client:
            yield Desk(client, database, settings.sealer(), clock)


def _desk_of_chunan(
    databases: Databases, issuer: LocalIssuer, token: TokenMaker
) -> AbstractAsyncContextManager[Desk]:
    """A county clerk of 淳安县, on a database of its own."""
    caller = token(*Scope, division=CHUNAN, subject="clerk")
    clock = FrozenClock(datetime(2020, 10, 1, 4, tzinfo=UTC))
    return opened_desk(databases, issuer, clock, caller)


@pytest.fixture
async def desk(databases: Databases, issuer: LocalIssuer, token: TokenMaker) -> AsyncIterator[Desk]:
    """The desk of a county clerk, on a database of its own."""
    async with _desk_of_chunan(databases, issuer, token) as opened:
        yield opened


@pytest.fixture(scope="module")
async def county(
    databases: Databases, issuer: LocalIssuer, token: TokenMaker
) -> AsyncIterator[Desk]:
    """A desk that the tests of a module share, and clear for themselves."""
    async with _desk_of_chunan(databases, issuer, token) as opened:
        yield opened


@pytest.fixture(scope="session")
async def drill(
    databases: Databases, issuer: LocalIssuer, token: TokenMaker
) -> AsyncIterator[Desk]:
    """A desk that many tests share, for dry runs and files that are refused."""
    async with _desk_of_chunan(databases, issuer, token) as opened:
        yield opened
