"""Memberships from before the register refused what contradicts: kept, told, listed, and put right."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest
from alembic import command

from services.registry.main import create_app
from services.registry.scopes import Scope
from services.registry.settings import RegistrySettings
from shared.db.migrations import alembic_config
from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of, running
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.testing.plugin import TokenMaker, settings_for
from tests.registry.conftest import CHUNAN, DATA_KEYS
from tests.registry.samples import MERGE, household, identity_number, member

BEFORE = "registry_0006"


@pytest.fixture
def address(databases: Databases) -> Iterator[str]:
    with databases.clone("registry") as made:
        yield made


async def recorded(client: httpx.AsyncClient, path: str, content: dict[str, Any]) -> str:
    answer = await client.post(f"/v1/{path}", json=content)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def amend(client: httpx.AsyncClient, member_id: str, **patch: Any) -> httpx.Response:
    address = f"/v1/members/{member_id}"
    version = (await client.get(address)).headers["etag"]
    return await client.patch(address, json=patch, headers={**MERGE, "If-Match": version})


async def contested(client: httpx.AsyncClient) -> set[str]:
    answer = await client.get("/v1/members", params={"contested": "true"})
    return {item["id"] for item in answer.json()["items"]}


@dataclass
class OnRecord:
    """A membership, and two recorded after it that contradict it: of its person, and as its head."""

    client: httpx.AsyncClient
    first: str
    others: dict[str, str]

    @property
    def all_others(self) -> set[str]:
        return set(self.others.values())


@pytest.fixture
async def on_record(
    address: str,
    issuer: LocalIssuer,
    clock: FrozenClock,
    token: TokenMaker,
    caplog: pytest.LogCaptureFixture,
) -> AsyncIterator[OnRecord]:
    settings = settings_for(RegistrySettings, address, issuer.public_keys, data_keys=DATA_KEYS)
    app = create_app(settings, clock=clock)
    caller = token(*Scope, division=CHUNAN, subject="clerk")
    async with running(app), client_of(app, caller) as client:
        homes = [await recorded(client, "households", household(number=n)) for n in ("A", "B")]
        first = await recorded(client, "members", member(homes[0]))
        second, third = (identity_number(f"199{place}0101", "101") for place in range(2))
        others = {
            "twice": await recorded(client, "members", member(homes[1], document_number=second)),
            "head": await recorded(
                client,
                "members",
                member(homes[0], document_number=third, relation_to_head="other"),
            ),
        }
        twice = f"member:{others['twice']}:document"
        sealed = settings.sealer().seal(identity_number(), twice)
        await asyncio.to_thread(_contradict, address, first, others, sealed)
        assert "2 memberships contradict" in caplog.text
        yield OnRecord(client, first, others)


async def test_contradictions_on_record_are_kept_and_listed(on_record: OnRecord) -> None:
    client = on_record.client
    assert await contested(client) == on_record.all_others
    assert len((await client.get("/v1/members")).json()["items"]) == 3
    # What else is known of them can be put right.
    for each in on_record.all_others:
        assert (await amend(client, each, name="（虚构）李四")).status_code == 200
    assert await contested(client) == on_record.all_others
    # The contradiction may shrink, and may not grow again once it is gone.
    shorter = await amend(client, on_record.others["twice"], left_on="2020-06-01")
    assert shorter.status_code == 200, shorter.text
    assert await contested(client) == on_record.all_others
    assert (await amend(client, on_record.first, joined_on="2020-06-01")).status_code == 200
    assert await contested(client) == {on_record.others["head"]}
    assert (await amend(client, on_record.others["twice"], left_on=None)).status_code == 409
    assert (
        await amend(client, on_record.others["head"], relation_to_head="child")
    ).status_code == 200
    assert await contested(client) == set()


async def test_voiding_the_first_settles_what_contradicted_it(on_record: OnRecord) -> None:
    client = on_record.client
    why = {"reason": "（虚构）登记到了另一户名下"}
    at = f"/v1/members/{on_record.first}"
    version = (await client.get(at)).headers["etag"]
    voided = await client.post(f"{at}:void", json=why, headers={"If-Match": version})
    assert voided.json()["voiding"]["voided_by"] == "clerk", voided.text
    assert await contested(client) == set()


async def test_one_that_is_voided_contradicts_nothing(on_record: OnRecord) -> None:
    client = on_record.client
    why = {"reason": "（虚构）重复登记"}
    for each in on_record.all_others:
        at = f"/v1/members/{each}"
        version = (await client.get(at)).headers["etag"]
        assert (
            await client.post(f"{at}:void", json=why, headers={"If-Match": version})
        ).status_code == 200
    assert await contested(client) == set()


def _contradict(address: str, first: str, others: dict[str, str], sealed: bytes) -> None:
    """Record contradictions as they could be recorded before, and migrate."""
    config = alembic_config("registry", address)
    command.downgrade(config, BEFORE)
    with psycopg.connect(address) as connection:
        connection.execute(
            "UPDATE members SET document_sealed = %s, (document_digest, birth_date, sex) ="
            " (SELECT document_digest, birth_date, sex FROM members WHERE id = %s) WHERE id = %s",
            (sealed, first, others["twice"]),
        )
        connection.execute(
            "UPDATE members SET relation_to_head = 'head' WHERE id = %s", (others["head"],)
        )
        connection.execute(
            "UPDATE members SET created_at = created_at + interval '1 hour' WHERE id <> %s",
            (first,),
        )
    command.upgrade(config, "heads")
