"""Of what there is one, there is one, whoever comes first: requests and imports race on the whole system.

Everything that is unique is raced for, and every sheet of an import takes part.
"""

import asyncio
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import AsyncExitStack
from itertools import count

import httpx
import pytest

from deploy.child import ChildRun
from deploy.sample.load import ENDED, XLSX
from services.registry.imports.columns import SHEETS, SheetName
from shared.ids import new_id
from tests.faults.conftest import Size
from tests.faults.load import AGAIN, COUNTY, reader
from tests.faults.races import (
    OTHER_COUNTY,
    OTHER_COUNTYS_VILLAGE,
    RACES,
    Body,
    Homes,
    Narrow,
    Race,
)
from tests.registry.imports import workbooks
from tests.registry.samples import household

PROVINCE = "330000000000"
SERIALS = count(1)
WAYS = {"requests": (False, False), "request and import": (False, True), "imports": (True, True)}
EACH = [
    pytest.param(name, way, id=f"{name}-{way}")
    for name, race in RACES.items()
    for way in WAYS
    if race.sheet is not None or way == "requests"
]


class Clerk:
    """A county's clerk, who records by requests and by imports."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def request(self, path: str, body: Body) -> tuple[str, str]:
        """Ask until the answer is a final one; return what became of it, and why."""
        headers = {"Idempotency-Key": str(new_id())}
        while True:
            answer = await self._client.post(f"/v1/{path}", json=body, headers=headers)
            if answer.status_code not in AGAIN:
                break
            await asyncio.sleep(0.2)
        assert answer.status_code in {201, 409}, answer.text
        if answer.status_code == 201:
            return "created", answer.json()["id"]
        return "failed", answer.json()["type"].rpartition(":")[2]

    async def hand_in(self, sheet: SheetName, row: Body) -> str:
        """Hand in a workbook of one row; return the import's address."""
        files = {"files": ("登记.xlsx", workbooks.workbook({sheet.value: [row]}), XLSX)}
        sent = await self._client.post("/v1/imports", files=files, data={"mode": "each_row"})
        assert sent.status_code == 202, sent.text
        return sent.headers["location"]

    async def outcome(self, address: str) -> tuple[str, str]:
        """Wait for an import; return what became of its row, and why."""
        done = (await self._client.get(address)).json()
        while done["state"] not in ENDED:
            await asyncio.sleep(0.1)
            done = (await self._client.get(address)).json()
        rows = (await self._client.get(f"{address}/rows")).json()["items"]
        if not rows:
            job = (await self._client.get(f"/v1/jobs/{done['id']}")).json()
            return "failed", job["problem"]["zh"]["type"].rpartition(":")[2]
        (row,) = rows
        return row["outcome"], " ".join(each["code"] for each in row["problems"])


class Feed:
    """The registry's feed, read on from where it was left."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._after = ""

    def created(self, kind: str) -> list[str]:
        """Return what was created of a kind since the feed was read last."""
        found: list[str] = []
        while True:
            params: Narrow = {"after": self._after, "limit": 1000}
            page = self._client.get("/v1/events", params=params)
            assert page.status_code == 200, page.text
            if not page.json():
                return found
            self._after = page.headers["X-Next-Cursor"]
            found += [
                event["subject"]
                for event in page.json()
                if event["type"] == f"qingling.registry.{kind}.created"
            ]


@pytest.fixture(scope="module")
def province(system: ChildRun) -> Iterator[httpx.Client]:
    with reader(system, "registry", PROVINCE) as client:
        yield client


@pytest.fixture(scope="module")
def events(province: httpx.Client) -> Feed:
    return Feed(province)


def test_every_sheet_takes_part() -> None:
    assert {race.sheet for race in RACES.values()} >= {sheet.name for sheet in SHEETS}


@pytest.mark.parametrize(("name", "way"), EACH)
async def test_of_two_at_once_one_is_granted(
    system: ChildRun, size: Size, province: httpx.Client, events: Feed, name: str, way: str
) -> None:
    race = RACES[name]
    async with AsyncExitStack() as stack:
        clerks = {}
        for county in (COUNTY, OTHER_COUNTY):
            # A clerk of their own, who has entered nobody yet.
            token = system.token(county, f"clerk-{new_id()}")
            client = httpx.AsyncClient(
                base_url=system.address("registry"),
                headers={"Authorization": f"Bearer {token}"},
                timeout=60,
            )
            clerks[county] = Clerk(await stack.enter_async_context(client))
        for _ in range(size.races):
            homes = await settled(clerks)
            events.created(race.kind)
            outcomes = await raced(race, homes, clerks, WAYS[way])
            recorded = sorted(outcome for outcome, _ in outcomes)
            assert recorded.count("created") == 1, outcomes
            for (outcome, why), imported in zip(outcomes, WAYS[way], strict=True):
                if outcome == "failed":
                    assert why == race.code, outcomes
                elif outcome != "created":
                    assert (imported, race.amends) == (True, True), outcomes
            (record_id,) = ids_standing(province, race, homes)
            assert events.created(race.kind) == [f"{race.kind}/{record_id}"]


def ids_standing(province: httpx.Client, race: Race, homes: Homes) -> list[str]:
    """Return the ids of what is on record of what was raced for."""
    pages = [
        province.get(f"/v1/{race.path}", params=narrow).json() for narrow in race.standing(homes)
    ]
    return [each["id"] for page in pages for each in page["items"]]


async def settled(clerks: Mapping[str, Clerk]) -> Homes:
    """Record the two households of a round."""
    homes = Homes(next(SERIALS), ("", ""))
    one, two = homes.numbers
    bodies = {
        COUNTY: household(number=one),
        OTHER_COUNTY: household(number=two, village_code=OTHER_COUNTYS_VILLAGE),
    }
    made = [await clerks[county].request("households", body) for county, body in bodies.items()]
    assert [outcome for outcome, _ in made] == ["created", "created"]
    return Homes(homes.serial, (made[0][1], made[1][1]))


async def raced(
    race: Race, homes: Homes, clerks: Mapping[str, Clerk], imported: tuple[bool, bool]
) -> list[tuple[str, str]]:
    """Let both sides start at once; return what became of each, and why."""
    sides = list(zip(race.sides(homes), imported, strict=True))
    running: list[Awaitable[tuple[str, str]]] = []
    for side, as_import in sides:
        clerk = clerks[side.county]
        if as_import and race.sheet is not None:
            running.append(clerk.outcome(await clerk.hand_in(race.sheet, side.row)))
        else:
            # Sent below, when the worker has just been told of the imports.
            running.append(clerk.request(race.path, side.body))
    return list(await asyncio.gather(*running))
