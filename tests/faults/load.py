"""Writers that go on whatever breaks, and the recount of everything that was acknowledged to them."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from deploy.child import ChildRun
from shared.ids import new_id
from tests.registry.samples import (
    VILLAGE,
    guarantee_check,
    household,
    identity_number,
    income_entry,
    member,
)

COUNTY = "330127000000"
# What a client tries again: the connection broke, or the service says that something is away.
AGAIN = frozenset({429, 502, 503, 507})
PATHS = {
    "household": "/v1/households",
    "member": "/v1/members",
    "income_entry": "/v1/income-entries",
    "guarantee_check": "/v1/guarantee-checks",
}
PATIENCE_SECONDS = 240
# Writers that follow each other in one system record different persons.
PERSONS = itertools.count(1)


class NotAcknowledged(AssertionError):
    """A write was refused although it was right, or not taken however often it was sent."""


@dataclass
class Acknowledged:
    """The ids of the records that the registry said it had, by kind."""

    ids: dict[str, set[UUID]] = field(default_factory=lambda: {kind: set() for kind in PATHS})
    answers: Counter[int] = field(default_factory=Counter)

    def __len__(self) -> int:
        return sum(map(len, self.ids.values()))


class Writers:
    """Records households, each with a member, an income and an unsafe home, until told to stop."""

    def __init__(self, run: ChildRun, prefix: str) -> None:
        self._run = run
        self._prefix = prefix
        self._stop = asyncio.Event()
        self._number = 0
        self._tasks: list[asyncio.Task[None]] = []
        self.acknowledged = Acknowledged()

    @asynccontextmanager
    async def at_work(self, count: int) -> AsyncIterator[Acknowledged]:
        """Write with so many clients while the block runs; each finishes what it has begun."""
        async with self._client() as client:
            self._tasks = [asyncio.create_task(self._write(client)) for _ in range(count)]
            try:
                yield self.acknowledged
            finally:
                self._stop.set()
                await asyncio.gather(*self._tasks)

    def _client(self) -> httpx.AsyncClient:
        token = self._run.token(COUNTY, "fault-clerk")
        return httpx.AsyncClient(
            base_url=self._run.address("registry"),
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )

    async def get_on(self, by: int = 8) -> None:
        """Wait until so many more records are acknowledged: whatever broke is in order again."""
        enough = len(self.acknowledged) + by
        while len(self.acknowledged) < enough:
            for task in self._tasks:
                if task.done():
                    await task  # raises what kept it from going on
            await asyncio.sleep(0.1)

    async def _write(self, client: httpx.AsyncClient) -> None:
        while not self._stop.is_set():
            self._number += 1
            number = self._number
            home = new_id()
            await self._record(
                client, "household", home, household(number=f"{self._prefix}-{number}")
            )
            nth = next(PERSONS)
            person = identity_number(birth=_birth(nth), sequence=f"{nth % 500 * 2 + 1:03d}")
            parts = {
                "member": member(str(home), document_number=person),
                "income_entry": income_entry(str(home)),
                "guarantee_check": guarantee_check(str(home)),
            }
            for kind, body in parts.items():
                await self._record(client, kind, new_id(), body)

    async def _record(
        self, client: httpx.AsyncClient, kind: str, record_id: UUID, body: dict[str, Any]
    ) -> None:
        """Send one record under one key until it is acknowledged."""
        headers = {"Idempotency-Key": str(record_id)}
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            try:
                answer = await client.post(
                    PATHS[kind], json=body | {"id": str(record_id)}, headers=headers
                )
            except httpx.TransportError:
                status = 0
            else:
                status = answer.status_code
                self.acknowledged.answers[status] += 1
                if status == 201:
                    self.acknowledged.ids[kind].add(record_id)
                    return
                if status not in AGAIN:
                    raise NotAcknowledged(f"{kind}: {status} {answer.text}")
            if asyncio.get_running_loop().time() > deadline:
                raise NotAcknowledged(f"{kind}: last {status or 'no answer'}")
            await asyncio.sleep(0.2)


def _birth(number: int) -> str:
    """Return another birth date for each number: many alike are taken for guesses."""
    year, rest = divmod(number, 12 * 28)
    month, day = divmod(rest, 28)
    return f"19{40 + year % 50:02d}{month + 1:02d}{day + 1:02d}"


@contextmanager
def reader(run: ChildRun, service: str, division: str = COUNTY) -> Iterator[httpx.Client]:
    """Yield a client of a service for a county."""
    headers = {"Authorization": f"Bearer {run.token(division, 'fault-reader')}"}
    with httpx.Client(base_url=run.address(service), headers=headers, timeout=60) as client:
        yield client


def feed(client: httpx.Client) -> Iterator[dict[str, Any]]:
    """Yield every event of a service's feed."""
    after = ""
    while True:
        page = client.get("/v1/events", params={"after": after, "limit": 1000})
        page.raise_for_status()
        yield from page.json()
        if not page.json():
            return
        after = page.headers["X-Next-Cursor"]


def recount(run: ChildRun, acknowledged: Acknowledged, prefix: str) -> None:
    """Find everything acknowledged, once: in the lists, in the feed, and as items of monitoring."""
    with reader(run, "registry") as registry:
        created = Counter(
            event["subject"] for event in feed(registry) if event["type"].endswith(".created")
        )
    for kind, ids in acknowledged.ids.items():
        counts = Counter(created[f"{kind}/{each}"] for each in ids)
        assert counts == ({1: len(ids)} if ids else {}), (kind, counts)
        # A client finishes what it has begun, so that nothing else was recorded either.
        listed = {each["id"] for each in _listed(run, PATHS[kind])}
        assert {str(each) for each in ids} <= listed, kind
    with reader(run, "registry") as registry:
        numbers = [
            each["number"]
            for each in _pages(registry, PATHS["household"])
            if each["number"].startswith(f"{prefix}-")
        ]
    assert len(numbers) == len(set(numbers)) == len(acknowledged.ids["household"])


def items_of(run: ChildRun, criterion: str = "household.housing") -> Counter[str]:
    """Return how many items each subject has of a criterion."""
    with reader(run, "monitoring") as monitoring:
        return Counter(
            item["subject_id"]
            for item in _pages(monitoring, "/v1/zero-out-items", criterion=criterion)
        )


def _listed(run: ChildRun, path: str) -> list[dict[str, Any]]:
    with reader(run, "registry") as registry:
        return list(_pages(registry, path, division=VILLAGE))


def _pages(client: httpx.Client, path: str, **query: str) -> Iterator[dict[str, Any]]:
    params: dict[str, str] = {"limit": "200", **query}
    while True:
        answer = client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield from page["items"]
        if page["next"] is None:
            return
        params["cursor"] = page["next"]
