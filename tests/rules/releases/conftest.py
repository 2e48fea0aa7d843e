"""A release taken through its life, step by step."""

from functools import partial
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.rules.releases.impact import IMPACT_JOB, run_impact
from services.rules.releases.shelf import Shelf
from services.rules.vocabulary import build_policy
from shared.clock import Clock
from shared.db.database import Database
from shared.jobs.attempt import attempt
from tests.rules.conftest import CallerMaker
from tests.rules.fakes import FakeRegistry
from tests.rules.releases.policies import FILES, LINES_PATH, RAISED


class Releases:
    """What the officials of the province do with releases; every answer must be as expected."""

    def __init__(self, app: FastAPI, caller: CallerMaker, registry: FakeRegistry) -> None:
        self.drafter = caller(subject="drafter")
        self.approver = caller(subject="approver")
        self.database: Database = app.state.database
        self.shelf: Shelf = app.state.shelf
        self.clock: Clock = app.state.clock
        self.registry = registry

    async def draft(self, **content: Any) -> dict[str, Any]:
        """A draft with a summary and the files of the release in force."""
        body = {"title": "收入线调整", "summary": "收入线提高到 9000 元。", **content}
        return _json(await self.drafter.post("/v1/releases", json=body), 201)

    async def raised(self) -> dict[str, Any]:
        """A draft in which the income line is 9,000 yuan."""
        return await self.put(await self.draft(), LINES_PATH, RAISED)

    async def put(self, release: dict[str, Any], path: str, text: str) -> dict[str, Any]:
        """Write one file of a draft."""
        answer = await self.drafter.put(
            f"/v1/releases/{release['id']}/files/{path}",
            content=text.encode(),
            headers=match(release) | {"Content-Type": "application/yaml"},
        )
        return _json(answer)

    async def step(
        self,
        release: dict[str, Any],
        step: str,
        body: Any = None,
        *,
        by: httpx.AsyncClient | None = None,
        status: int = 200,
    ) -> dict[str, Any]:
        """Take a step with the version of the release that is given."""
        client = by or (
            self.drafter if step in ("propose", "withdraw", "assess") else self.approver
        )
        address = f"/v1/releases/{release['id']}:{step}"
        return _json(await client.post(address, json=body, headers=match(release)), status)

    async def read(self, release: dict[str, Any], part: str = "") -> dict[str, Any]:
        """Read a release, or a part of it."""
        return _json(await self.drafter.get(f"/v1/releases/{release['id']}{part}"))

    async def run_impact(self, release: dict[str, Any]) -> None:
        """Run the job that proposing the release asked for."""
        impact = await self.read(release, "/impact")
        task = partial(run_impact, registry=self.registry, shelf=self.shelf)
        await attempt(self.database, {IMPACT_JOB: task}, self.clock, impact["job_id"])

    async def proposed(self) -> dict[str, Any]:
        """A proposed release whose impact is computed."""
        release = await self.step(await self.raised(), "propose", {})
        await self.run_impact(release)
        return release

    async def approved(self) -> dict[str, Any]:
        """An approved release."""
        return await self.step(await self.proposed(), "approve")

    async def scheduled(self, day: str) -> dict[str, Any]:
        """A release that is to take force on a day."""
        return await self.step(await self.approved(), "schedule", {"in_force_from": day})


def match(release: dict[str, Any]) -> dict[str, str]:
    """The header that names the version read."""
    return {"If-Match": f'"{release["version"]}"'}


def code(problem: dict[str, Any]) -> str:
    """The stable code of a problem."""
    return str(problem["type"]).removeprefix("urn:qingling:problem:")


def _json(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.fixture
def shipped() -> dict[str, str]:
    """A small policy, so that a test sees every part of it."""
    return FILES


@pytest.fixture
def registry() -> FakeRegistry:
    """A registry that states what the small policy declares."""
    return FakeRegistry(build_policy(FILES))


@pytest.fixture
def releases(rules_app: FastAPI, caller: CallerMaker, registry: FakeRegistry) -> Releases:
    return Releases(rules_app, caller, registry)
