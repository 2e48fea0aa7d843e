"""Whatever hangs on a household moves with it by an entry of its own, whoever moves it; the file
travels: who has it now reads all of it, and who had it hears that it left."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import pytest
from sqlalchemy import Table, inspect

from services.registry.households.kind import MOVING_WITH_HOUSEHOLD
from services.registry.scopes import Scope
from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.testing.plugin import TokenMaker
from shared.values.divisions import contains
from tests.registry.belongings import BELONGINGS, tables_of_households
from tests.registry.imports.conftest import Desk, opened_desk
from tests.registry.samples import MERGE, OTHER_VILLAGE, VILLAGE, figure, household
from tests.registry.villages.accounts import account

NEIGHBOUR, FARAWAY = "330127101200", "330324001001"
LEVELS = (12, 9, 6, 2)
"""Digits of a village, a township, a county and the province."""
MOVES = pytest.mark.parametrize("to", [OTHER_VILLAGE, NEIGHBOUR, FARAWAY])


@pytest.fixture(scope="module")
async def province(
    databases: Databases, issuer: LocalIssuer, token: TokenMaker, moving_clock: FrozenClock
) -> AsyncIterator[Desk]:
    """A desk of the province, where every request commits and time can pass."""
    async with opened_desk(databases, issuer, moving_clock, token(*Scope)) as desk:
        yield desk


@pytest.fixture(scope="module")
def moving_clock() -> FrozenClock:
    return FrozenClock(datetime(2020, 10, 1, 4, tzinfo=UTC))


def above(village: str, digits: int) -> str:
    return village[:digits].ljust(12, "0")


async def post(client: httpx.AsyncClient, path: str, content: dict[str, Any]) -> str:
    answer = await client.post(f"/v1/{path}", json=content)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


async def amend(client: httpx.AsyncClient, address: str, **patch: Any) -> None:
    version = (await client.get(address)).headers["etag"]
    headers = {**MERGE, "If-Match": version}
    answer = await client.patch(address, json=patch, headers=headers)
    assert answer.status_code == 200, answer.text


async def events_of(client: httpx.AsyncClient, subjects: set[str]) -> list[dict[str, Any]]:
    answer = await client.get("/v1/events", params={"limit": 1000})
    assert answer.status_code == 200, answer.text
    return [event for event in answer.json() if event["subject"].partition("/")[2] in subjects]


def id_of(address: str) -> str:
    return address.rpartition("/")[2]


@pytest.fixture
async def settled(province: Desk, request: pytest.FixtureRequest) -> list[str]:
    """The addresses of a household with one record of every kind, and of what villages have."""
    client, number = province.client, f"M-{abs(hash(request.node.name)) % 10**9}"
    home = await post(client, "households", household(number=number))
    document = {"document_type": "other", "document_number": number}
    addresses = [home]
    for path, sample in BELONGINGS.values():
        more = document if path == "members" else {}
        addresses.append(await post(client, path, sample(id_of(home), **more)))
    return addresses


def test_every_table_of_households_is_known_to_move() -> None:
    assert set(BELONGINGS) == tables_of_households()
    assert {kind.table for kind in MOVING_WITH_HOUSEHOLD} == tables_of_households()


def test_the_village_of_what_belongs_to_a_household_follows_by_its_key() -> None:
    for mapped in tables_of_households():
        table = cast("Table", inspect(mapped).local_table)
        carried = [
            set(key.column_keys)
            for key in table.foreign_key_constraints
            if key.referred_table.name == "households" and key.onupdate == "CASCADE"
        ]
        assert carried == [{"household_id", "village_code"}], (
            f"{table.name} stays behind when its household moves: give the table, and its migration, "
            "the constraint belongs_to_household()"
        )


@MOVES
async def test_the_file_travels(
    province: Desk, token: TokenMaker, settled: list[str], to: str
) -> None:
    before = province.clock.now().isoformat()
    province.clock.advance(timedelta(hours=1))
    await amend(province.client, settled[0], village_code=to, category="other")
    province.clock.advance(timedelta(hours=1))
    await travelled(province, token, settled, VILLAGE, to, before)
    await amend(province.client, settled[0], village_code=VILLAGE)
    await travelled(province, token, settled, to, VILLAGE, before)


@pytest.mark.parametrize("path", ["village-accounts", "division-figures"])
@MOVES
async def test_what_villages_have_travels_when_it_was_recorded_for_another(
    province: Desk, token: TokenMaker, path: str, to: str
) -> None:
    column = "village_code" if path == "village-accounts" else "division"
    content = account() if path == "village-accounts" else figure(division=VILLAGE)
    year = 2017 + [OTHER_VILLAGE, NEIGHBOUR, FARAWAY].index(to)
    address = await post(province.client, path, content | {"year": year})
    before = province.clock.now().isoformat()
    province.clock.advance(timedelta(hours=1))
    await amend(province.client, address, **{column: to})
    await travelled(province, token, [address], VILLAGE, to, before)


async def travelled(
    desk: Desk, token: TokenMaker, addresses: list[str], left: str, to: str, before: str
) -> None:
    """Everybody who has the records reads all of them; who had them heard that they left."""
    subjects = {id_of(address) for address in addresses}
    for digits in LEVELS:
        for village in (left, to):
            caller = token(*Scope, division=above(village, digits))
            async with client_of(desk.app, caller) as client:
                seen = await events_of(client, subjects)
                if contains(above(village, digits), to):
                    await reads_all(client, addresses, before)
                    moves = [event for event in seen if event["division"] == to]
                    last = [event for event in moves if event["type"].endswith(".moved")]
                    assert {id_of(event["subject"]) for event in last} == subjects
                    assert all(event["data"]["state"] for event in last)
                    assert not any(event["type"].endswith(".left") for event in seen[-1:])
                else:
                    await reads_nothing(client, addresses, before)
                    assert {event["type"].rpartition(".")[2] for event in seen} == {"left"}
                    assert {id_of(event["subject"]) for event in seen} == subjects
                    for event in seen:
                        assert contains(above(village, digits), event["division"])
                        data = event["data"]
                        assert (data["state"], data["changes"], data["reason"]) == ({}, {}, None)
                        assert to not in str(event)


async def reads_all(client: httpx.AsyncClient, addresses: list[str], before: str) -> None:
    for address in addresses:
        now = await client.get(address)
        assert now.status_code == 200, (address, now.text)
        past = await client.get(address, params={"known_at": before})
        assert (past.status_code, past.json()["version"]) == (200, 1)
        entries = (await client.get(f"{address}/history")).json()["items"]
        assert [entry["version"] for entry in entries] == list(range(1, now.json()["version"] + 1))
        assert entries[-1]["type"].endswith(".moved")
        assert entries[-1]["state"] == now.json()
        listed = await client.get(address.rpartition("/")[0], params={"limit": 200})
        assert id_of(address) in listed.text


async def reads_nothing(client: httpx.AsyncClient, addresses: list[str], before: str) -> None:
    for address in addresses:
        assert (await client.get(address)).status_code == 404
        assert (await client.get(address, params={"known_at": before})).status_code == 404
        assert (await client.get(f"{address}/history")).status_code == 404
        listed = await client.get(address.rpartition("/")[0], params={"limit": 200})
        assert id_of(address) not in listed.text
