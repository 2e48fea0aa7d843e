"""Of what there is one, there is one, whoever writes and whenever: the database refuses the second.

Every kind of thing is tried by writers that know nothing of one another and of the use cases, by requests
at once, and by a request beside a writer that has not committed yet.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from sqlalchemy import UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from services.registry.base import RegistryBase
from services.registry.imports.tables import ImportFileRow, ImportOutcomeRow, ImportRow
from services.registry.kinds import KINDS
from services.registry.recording.kind import Kind
from shared.db.connecting import connect_arguments
from shared.db.database import Database
from shared.testing.locks import until_one_waits
from tests.registry.belongings import example
from tests.registry.imports.conftest import Desk
from tests.registry.samples import MERGE, figure, household, identity_number, member
from tests.registry.villages.accounts import account

OTHER_NUMBER = identity_number("19900101", "101")
Content = Callable[[str, str], dict[str, Any]]


@dataclass(frozen=True)
class Thing:
    """Something of which there is one: where it is recorded, and two records that both claim it.

    The contents are made from the ids of two households.
    """

    table: str
    path: str
    first: Content
    second: Content
    code: str


def same(table: str, path: str, content: Content, code: str) -> Thing:
    return Thing(table, path, content, content, code)


def dead(home: str) -> dict[str, Any]:
    return member(home, left_on="2020-06-01", leave_reason="death")


def of_kind(kind: Kind[Any]) -> Thing:
    """Return what a declared kind of record has one of."""

    def content(one: str, _two: str) -> dict[str, Any]:
        return example(kind, one)

    return same(kind.table.__tablename__, kind.path, content, kind.key.failure.code)


THINGS = {
    "person": Thing(
        "members",
        "members",
        lambda one, _: member(one),
        lambda _, two: member(two),
        "person-cannot-be-entered",
    ),
    "life": Thing(
        "members",
        "members",
        lambda one, _: dead(one),
        lambda _, two: member(two, joined_on="2020-08-01"),
        "person-cannot-be-entered",
    ),
    "head": Thing(
        "members",
        "members",
        lambda one, _: member(one),
        lambda one, _: member(one, document_number=OTHER_NUMBER),
        "head-already-active",
    ),
    "household": same("households", "households", lambda *_: household(number="CA-77"), "conflict"),
    **{kind.name: of_kind(kind) for kind in KINDS},
    "division": same(
        "divisions",
        "divisions",
        lambda *_: {"code": "330127100299", "name": "（虚构）新村", "valid_from": "2020-09-01"},
        "division-code-taken",
    ),
}
EACH = pytest.mark.parametrize("name", list(THINGS))


@pytest.fixture
async def desk(county: Desk) -> Desk:
    """The desk, with nothing recorded."""
    async with county.database.session() as session:
        await session.execute(
            text("TRUNCATE households, village_accounts, division_figures CASCADE")
        )
        await session.execute(text("DELETE FROM divisions WHERE code = '330127100299'"))
    return county


@pytest.fixture
async def homes(desk: Desk) -> tuple[str, str]:
    """Two households of the clerk's."""
    made = [await recorded(desk.client, "households", household(number=n)) for n in ("A", "B")]
    return made[0]["id"], made[1]["id"]


async def recorded(client: httpx.AsyncClient, path: str, content: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(f"/v1/{path}", json=content)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def connection(database: Database) -> Any:
    return await asyncpg.connect(**connect_arguments(database.url))


async def taken_out(writer: Any, thing: Thing, content: dict[str, Any], desk: Desk) -> Any:
    """Return the row of a record that was recorded and is no more."""
    made = await recorded(desk.client, thing.path, content)
    key = "code" if thing.table == "divisions" else "id"
    return await writer.fetchrow(
        f"DELETE FROM {thing.table} WHERE {key} = $1 RETURNING *",  # noqa: S608 - our own names
        made[key],
    )


async def put_in(writer: Any, thing: Thing, row: Any) -> None:
    given = dict(row) | ({} if thing.table == "divisions" else {"id": uuid4()})
    columns = ", ".join(f'"{column}"' for column in given)
    places = ", ".join(f"${place}" for place in range(1, len(given) + 1))
    await writer.execute(
        f"INSERT INTO {thing.table} ({columns}) VALUES ({places})",  # noqa: S608 - our own names
        *given.values(),
    )


def test_every_constraint_of_the_registry_is_tried() -> None:
    """A table with a key beside its id, or an exclusion, has a thing above."""
    imports = {each.__tablename__ for each in (ImportRow, ImportFileRow, ImportOutcomeRow)}
    keyed = {
        table.name
        for table in RegistryBase.metadata.tables.values()
        if any(isinstance(one, UniqueConstraint | ExcludeConstraint) for one in table.constraints)
        or any(index.unique for index in table.indexes)
    }
    assert keyed - imports <= {thing.table for thing in THINGS.values()}
    exclusions = [
        one
        for table in RegistryBase.metadata.tables.values()
        for one in table.constraints
        if isinstance(one, ExcludeConstraint)
    ]
    assert {one.name for one in exclusions} == {"ex_members_person", "ex_members_head"}


@EACH
async def test_a_writer_waits_for_one_that_has_not_committed_and_is_refused(
    desk: Desk, homes: tuple[str, str], name: str
) -> None:
    thing = THINGS[name]
    first, second = await connection(desk.database), await connection(desk.database)
    try:
        one = await taken_out(first, thing, thing.first(*homes), desk)
        two = await taken_out(first, thing, thing.second(*homes), desk)
        transaction = first.transaction()
        await transaction.start()
        await put_in(first, thing, one)
        waiting = asyncio.create_task(put_in(second, thing, two))
        await until_one_waits(desk.database.url)
        assert not waiting.done()
        await transaction.commit()
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await waiting
    finally:
        await first.close()
        await second.close()


@EACH
async def test_a_request_beside_a_writer_hears_what_is_taken(
    desk: Desk, homes: tuple[str, str], name: str
) -> None:
    thing = THINGS[name]
    writer = await connection(desk.database)
    try:
        row = await taken_out(writer, thing, thing.first(*homes), desk)
        transaction = writer.transaction()
        await transaction.start()
        await put_in(writer, thing, row)
        asked = desk.client.post(f"/v1/{thing.path}", json=thing.second(*homes))
        waiting = asyncio.create_task(asked)
        await until_one_waits(desk.database.url)
        await transaction.commit()
        answer = await waiting
    finally:
        await writer.close()
    assert answer.status_code == 409, answer.text
    assert answer.json()["type"] == f"urn:qingling:problem:{thing.code}"


@EACH
async def test_of_requests_at_once_one_is_granted(
    desk: Desk, homes: tuple[str, str], name: str
) -> None:
    thing = THINGS[name]
    contents = [thing.first(*homes), thing.second(*homes)] * 2
    answers = await asyncio.gather(
        *(desk.client.post(f"/v1/{thing.path}", json=content) for content in contents)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = {answer.json()["type"] for answer in answers if answer.status_code == 409}
    expected = (
        {thing.code, "person-cannot-be-entered"} if thing.table == "members" else {thing.code}
    )
    assert refused <= {f"urn:qingling:problem:{code}" for code in expected}


@pytest.mark.parametrize("path", ["village-accounts", "division-figures"])
async def test_batches_at_once_record_each_thing_once(desk: Desk, path: str) -> None:
    make = account if path == "village-accounts" else figure
    batch = {"mode": "each", "items": [make(year=2019), make(year=2018)]}
    back = {"mode": "each", "items": batch["items"][::-1]}
    answers = await asyncio.gather(
        *(desk.client.post(f"/v1/{path}:batch", json=each) for each in (batch, back) * 2)
    )
    # Those that wait for one another are asked to come back, and find everything recorded.
    for answer, each in zip(answers, (batch, back) * 2, strict=True):
        assert answer.status_code in {200, 503}, answer.text
        again = await desk.client.post(f"/v1/{path}:batch", json=each)
        assert again.json()["counts"] == {"unchanged": 2}
        assert answer.status_code == 200 or "retry-after" in answer.headers
    counts = [answer.json()["counts"] for answer in answers if answer.status_code == 200]
    assert sum(each.get("created", 0) for each in counts) == 2
    assert not any("failed" in each for each in counts)


async def amended(client: httpx.AsyncClient, address: str, **patch: Any) -> httpx.Response:
    version = (await client.get(address)).headers["etag"]
    return await client.patch(address, json=patch, headers={**MERGE, "If-Match": version})


async def test_a_household_that_opens_again_takes_nobody_back_who_joined_another(
    desk: Desk, homes: tuple[str, str]
) -> None:
    """Whatever writes: the constraint knows of the household's end."""
    one, two = homes
    await recorded(desk.client, "members", member(one))
    ended = await amended(desk.client, f"/v1/households/{one}", ended_on="2020-07-01")
    assert ended.status_code == 200, ended.text
    await recorded(desk.client, "members", member(two, joined_on="2020-07-01"))
    writer = await connection(desk.database)
    try:
        for later in (None, "2020-07-02"):
            with pytest.raises(asyncpg.ExclusionViolationError):
                await writer.execute(
                    "UPDATE households SET ended_on = $2::text::date WHERE id = $1", one, later
                )
        await writer.execute("UPDATE households SET ended_on = '2020-06-01' WHERE id = $1", one)
        until = await writer.fetchval("SELECT until FROM members WHERE household_id = $1", one)
        assert until.isoformat() == "2020-06-01"
    finally:
        await writer.close()


async def test_households_that_swap_their_people_in_requests_at_once_fail_by_no_deadlock(
    desk: Desk, homes: tuple[str, str]
) -> None:
    people = [identity_number("19700101", f"{place:03}") for place in range(1, 9)]
    for place, number in enumerate(people):
        home = member(
            homes[place % 2],
            document_number=number,
            relation_to_head="other",
            left_on="2020-05-01",
        )
        await recorded(desk.client, "members", home)
    joins = [
        member(
            homes[(place + 1) % 2],
            document_number=number,
            relation_to_head="other",
            joined_on="2020-05-01",
        )
        for place, number in enumerate(people)
    ]
    answers = await asyncio.gather(
        *(desk.client.post("/v1/members", json=join) for join in [*joins, *reversed(joins)])
    )
    assert sorted(answer.status_code for answer in answers) == [201] * 8 + [409] * 8
