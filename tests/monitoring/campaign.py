"""What happens out there, who signs, and what monitoring makes of it."""

from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from services.monitoring.clients.rules import Subject
from services.monitoring.scopes import Scope
from services.monitoring.settings import MonitoringSettings
from shared.journal.follower import Follower
from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker, settings_for
from tests.monitoring.fakes import COUNTY, HOUSEHOLD, TOWNSHIP, VILLAGE, FakeFeed, FakeRules

HOME = Subject("household", HOUSEHOLD)
HAMLET = Subject("village", VILLAGE)
EVIDENCE = [{"kind": "photo", "reference": "2020-0831-01", "description": "（虚构）修缮后的房屋"}]


def monitoring_settings(address: str, issuer: LocalIssuer, **more: Any) -> MonitoringSettings:
    """Return the settings of monitoring for a test database."""
    addresses = {"registry_url": "http://registry", "rules_url": "http://rules"}
    return settings_for(
        MonitoringSettings,
        address,
        issuer.public_keys,
        service_key="none",
        **addresses,
        **more,
    )


@dataclass
class Signatures:
    """Signs and sends back in the name of whoever is told."""

    app: FastAPI
    token: TokenMaker

    async def sign(
        self,
        item: dict[str, Any],
        division: str = VILLAGE,
        subject: str = "village-cadre",
        **body: Any,
    ) -> httpx.Response:
        """Sign an item; the village's own cadre with evidence unless told otherwise."""
        return await self._post(item, "sign-off", division, subject, {"evidence": EVIDENCE} | body)

    async def send_back(
        self, item: dict[str, Any], division: str = COUNTY, subject: str = "inspector"
    ) -> httpx.Response:
        """Send an item back, as a county's inspector unless told otherwise."""
        body = {"reason": "（虚构）交叉检查发现照片不实"}
        return await self._post(item, "reopen", division, subject, body)

    async def _post(
        self, item: dict[str, Any], what: str, division: str, subject: str, body: dict[str, Any]
    ) -> httpx.Response:
        caller = self.token(Scope.ZERO_OUT_ITEMS_SIGN_OFF, division=division, subject=subject)
        async with client_of(self.app, caller) as client:
            return await client.post(
                f"/v1/zero-out-items/{item['id']}:{what}",
                json=body,
                headers={"If-Match": f'"{item["version"]}"'},
            )


@dataclass
class Campaign:
    """A county's work on its items, as the registry, rules and monitoring see it."""

    rules: FakeRules
    feed: FakeFeed
    follower: Follower
    clerk: httpx.AsyncClient
    signatures: Signatures

    async def found(
        self,
        subject: Subject = HOME,
        division: str = VILLAGE,
        *,
        day: str | None = "2020-06-10",
        **outcomes: str,
    ) -> None:
        """Let the registry change, rules judge as told, and monitoring follow."""
        self.rules.find(subject, division, day=day, **outcomes)
        await self.noticed(subject, division)

    async def noticed(self, subject: Subject = HOME, division: str = VILLAGE) -> None:
        """Let the registry tell of a subject, and monitoring follow."""
        self.feed.tell(subject, division)
        await self.follower.advance()

    async def items(self, **narrow: Any) -> list[dict[str, Any]]:
        """Return the items that the county clerk sees."""
        answer = await self.clerk.get("/v1/zero-out-items", params=narrow)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def only_item(self, **narrow: Any) -> dict[str, Any]:
        """Return the one item there is."""
        (item,) = await self.items(**narrow)
        return item

    async def timeline(self, item: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the steps of an item."""
        answer = await self.clerk.get(f"/v1/zero-out-items/{item['id']}/timeline")
        assert answer.status_code == 200, answer.text
        steps: list[dict[str, Any]] = answer.json()["items"]
        return steps

    async def ready_item(self) -> dict[str, Any]:
        """Return an item on housing that waits for the village's signature."""
        await self.found(housing="not_met")
        await self.found(housing="met")
        return await self.only_item()

    async def closed_item(self) -> dict[str, Any]:
        """Return an item on housing that went all the way."""
        item = await self.ready_item()
        for division, subject in (
            (VILLAGE, "village-cadre"),
            (TOWNSHIP, "township-clerk"),
            (COUNTY, "county-clerk"),
        ):
            answer = await self.signatures.sign(item, division, subject)
            assert answer.status_code == 200, answer.text
            item = answer.json()
        return item
