"""What the version before recorded is read, amended, voided and imported again by this one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from alembic import command

from services.registry.imports.columns import SHEETS
from services.registry.kinds import KINDS
from services.registry.scopes import Scope
from shared.db.migrations import alembic_config
from shared.security.issuer import LocalIssuer
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.testing.plugin import TokenMaker
from tests.registry.imports.conftest import Desk, opened_desk
from tests.registry.imports.workbooks import everything
from tests.registry.samples import MERGE, OTHER_VILLAGE, PURPOSE, VILLAGE

RECORDED = Path(__file__).with_name("recorded_before_voiding.sql")
BEFORE = "registry_0010"
NOW = datetime(2020, 10, 20, 4, tzinfo=UTC)
WRITTEN = RECORDED.read_text(encoding="utf-8")
KINDS_BEFORE = [each for each in KINDS if f"INSERT INTO {each.table.__tablename__} " in WRITTEN]
PATHS = ("households", "members", *(kind.path for kind in KINDS_BEFORE))
NEW_MEMBERS = {"voiding", "external_source", "external_id"}


@pytest.fixture
async def desk(databases: Databases, issuer: LocalIssuer, token: TokenMaker) -> AsyncIterator[Desk]:
    """A desk whose database was migrated from what the version before had recorded."""
    caller = token(*Scope, subject="clerk")
    async with opened_desk(databases, issuer, FrozenClock(NOW), caller) as opened:
        await asyncio.to_thread(_migrated, opened.database.url)
        yield opened


def _migrated(address: str) -> None:
    config = alembic_config("registry", address)
    command.downgrade(config, BEFORE)
    with psycopg.connect(address) as connection:
        connection.execute(WRITTEN.encode())
    command.upgrade(config, "heads")


async def listed(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/v1/{path}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_all_of_it_is_read_with_its_past(desk: Desk) -> None:
    for path in PATHS:
        records = await listed(desk.client, path)
        assert records, path
        for record in records:
            at = f"/v1/{path}/{record['id']}"
            assert (await desk.client.get(at)).json() == record
            assert {record[name] for name in NEW_MEMBERS} == {None}
            history = (await desk.client.get(f"{at}/history")).json()["items"]
            assert [entry["version"] for entry in history] == list(range(1, record["version"] + 1))
            first = {"known_at": record["created_at"]}
            known = (await desk.client.get(at, params=first)).json()
            assert known == history[0]["state"]
            assert known.keys() == record.keys() - NEW_MEMBERS


async def test_its_events_are_told_with_whom_they_concern(desk: Desk) -> None:
    events = (await desk.client.get("/v1/events", params={"limit": 1000})).json()
    kinds = {event["subject"].partition("/")[0] for event in events}
    assert kinds >= {"household", "member", *(kind.name for kind in KINDS_BEFORE)}
    for event in events:
        kind = event["subject"].partition("/")[0]
        expected = {"village_account": "village", "division_figure": None}.get(kind, "household")
        assert (event["concerns"] or "").partition("/")[0] == (expected or "")


async def test_what_is_sealed_opens(desk: Desk) -> None:
    for path, asked in (("households", "phone"), ("members", "document_number")):
        for record in await listed(desk.client, path):
            body = {"purpose": PURPOSE, "fields": [asked]}
            revealed = await desk.client.post(f"/v1/{path}/{record['id']}:reveal", json=body)
            assert revealed.json()[asked], revealed.text


async def test_it_is_amended_and_voided_by_two(desk: Desk, token: TokenMaker) -> None:
    for kind in KINDS_BEFORE:
        record = (await listed(desk.client, kind.path))[0]
        at = f"{kind.address}/{record['id']}"
        headers = {**MERGE, "If-Match": f'"{record["version"]}"'}
        patch = {"description": "（虚构）更正"} if "description" in record else kind.amendment
        amended = await desk.client.patch(at, json=patch, headers=headers)
        assert amended.status_code == 200, amended.text
        why = {"reason": "（虚构）登记有误"}
        proposed = await desk.client.post(
            f"{at}:void", json=why, headers={"If-Match": amended.headers["etag"]}
        )
        assert proposed.json()["voiding"]["voided_at"] is None
        second = {"Authorization": f"Bearer {token(*Scope, subject='second clerk')}"}
        version = {"If-Match": proposed.headers["etag"]}
        voided = await desk.client.post(f"{at}:void", json=why, headers=second | version)
        assert voided.json()["voiding"]["voided_by"] == "second clerk"


async def test_the_same_files_change_nothing(desk: Desk) -> None:
    before = {kind.name for kind in KINDS_BEFORE} | {"household", "member"}
    then = {sheet.name.value for sheet in SHEETS if sheet.kind.name in before}
    sheets = {name: rows for name, rows in everything().items() if name in then}
    done = await desk.import_sheets(sheets)
    outcomes = {row["outcome"] for row in await desk.rows(done)}
    assert outcomes == {"unchanged"}
    earlier = (await desk.client.get("/v1/imports")).json()["items"]
    assert len(earlier) == 2


async def test_where_it_moved_is_known(desk: Desk) -> None:
    moved = next(each for each in await listed(desk.client, "households") if each["version"] == 2)
    assert moved["village_code"] == OTHER_VILLAGE
    at = f"/v1/households/{moved['id']}"
    then = await desk.client.get(at, params={"known_at": "2020-10-01T06:30:00Z"})
    assert then.json()["village_code"] == VILLAGE
