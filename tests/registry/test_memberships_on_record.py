"""Memberships from before the register refused what contradicts: kept, told, listed, and put right."""

import asyncio
from collections.abc import Iterator
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


async def test_contradictions_on_record_are_kept_and_listed(
    address: str,
    issuer: LocalIssuer,
    clock: FrozenClock,
    token: TokenMaker,
    caplog: pytest.LogCaptureFixture,
) -> None:
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
        expected = {others["twice"], others["head"]}
        assert await contested(client) == expected
        assert len((await client.get("/v1/members")).json()["items"]) == 3
        # What else is known of them can be put right.
        for each in expected:
            assert (await amend(client, each, name="（虚构）李四")).status_code == 200
        assert await contested(client) == expected
        # The contradiction may shrink, and may not grow again once it is gone.
        shorter = await amend(client, others["twice"], left_on="2020-06-01")
        assert shorter.status_code == 200, shorter.text
        assert await contested(client) == expected
        assert (await amend(client, first, joined_on="2020-06-01")).status_code == 200
        assert await contested(client) == {others["head"]}
        assert (await amend(client, others["twice"], left_on=None)).status_code == 409
        assert (await amend(client, others["head"], relation_to_head="child")).status_code == 200
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
