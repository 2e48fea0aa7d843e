"""Keyset pages: every row once, and cursors that only their maker can make."""

import base64
from collections.abc import Sequence

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.db.database import Database
from shared.testing.depth import tries
from tests.shared.notes import VILLAGE
from tests.shared.web.test_requests import code

# One database serves every example; each example clears the table itself.
ON_ONE_DATABASE = settings(
    max_examples=tries(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
FILL = (
    "INSERT INTO notes (id, village_code, text, place, version, recorded_by, created_at, "
    "updated_at) SELECT gen_random_uuid(), $1, '', place, 1, '', now(), now() "
    "FROM unnest($2::int[]) AS place"
)


async def fill(database: Database, places: Sequence[int]) -> None:
    async with database.driver() as driver:
        await driver.execute("TRUNCATE notes")
        await driver.execute(FILL, VILLAGE, places)


async def walk(clerk: httpx.AsyncClient, **query: str) -> list[tuple[int, str]]:
    seen, address = [], str(httpx.URL("/v1/notes", params=query))
    while True:
        answer = await clerk.get(address)
        page = answer.json()
        seen += [(item["place"], item["id"]) for item in page["items"]]
        assert len(page["items"]) <= int(query["limit"])
        if page["next"] is None:
            assert "link" not in answer.headers
            return seen
        address, _, relation = answer.headers["link"].partition("; ")
        assert relation == 'rel="next"'
        address = address.strip("<>")
        assert httpx.URL(address).params["cursor"] == page["next"]


@ON_ONE_DATABASE
@given(
    places=st.lists(st.integers(-2, 2), max_size=12),
    limit=st.integers(1, 7),
    descending=st.booleans(),
)
async def test_walking_the_pages_meets_every_row_once(
    clerk: httpx.AsyncClient, database: Database, places: list[int], limit: int, descending: bool
) -> None:
    await fill(database, places)
    seen = await walk(clerk, limit=str(limit), descending=str(descending).lower())
    assert sorted(place for place, _ in seen) == sorted(places)
    assert len(set(seen)) == len(seen)
    assert seen == sorted(seen, reverse=descending)


async def test_rows_added_behind_the_cursor_do_not_shift_the_pages(
    clerk: httpx.AsyncClient, database: Database
) -> None:
    await fill(database, range(4))
    first = (await clerk.get("/v1/notes", params={"limit": 2})).json()
    async with database.driver() as driver:
        await driver.execute(FILL, VILLAGE, [-1, 0])
    second = (await clerk.get("/v1/notes", params={"limit": 2, "cursor": first["next"]})).json()
    assert [item["place"] for item in first["items"] + second["items"]] == [0, 1, 2, 3]


@ON_ONE_DATABASE
@given(data=st.data())
async def test_a_changed_cursor_is_refused(
    clerk: httpx.AsyncClient, database: Database, data: st.DataObject
) -> None:
    await fill(database, range(3))
    cursor = (await clerk.get("/v1/notes", params={"limit": 1})).json()["next"]
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    changed = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    answer = await clerk.get("/v1/notes", params={"limit": 1, "cursor": changed})
    assert (answer.status_code, code(answer)) == (400, "invalid-cursor")


@ON_ONE_DATABASE
@given(cursor=st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=60))
async def test_no_text_is_a_cursor(clerk: httpx.AsyncClient, cursor: str) -> None:
    answer = await clerk.get("/v1/notes", params={"cursor": cursor})
    assert (answer.status_code, code(answer)) == (400, "invalid-cursor")


async def test_a_cursor_belongs_to_its_list_and_order(
    clerk: httpx.AsyncClient, database: Database
) -> None:
    await fill(database, range(3))
    cursor = (await clerk.get("/v1/notes", params={"limit": 1})).json()["next"]
    other = {"cursor": cursor, "descending": "true"}
    assert (await clerk.get("/v1/notes", params=other)).status_code == 400
    created = await clerk.post("/v1/notes", json={"text": "a"})
    history = f"{created.headers['location']}/history"
    assert (await clerk.get(history, params={"cursor": cursor})).status_code == 400


async def test_the_total_is_given_when_asked_for(
    clerk: httpx.AsyncClient, database: Database
) -> None:
    await fill(database, range(3))
    counted = (await clerk.get("/v1/notes", params={"limit": 1, "count": "true"})).json()
    assert (counted["total"], len(counted["items"])) == (3, 1)
    assert (await clerk.get("/v1/notes")).json()["total"] is None


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1.5"])
async def test_the_limit_has_bounds(clerk: httpx.AsyncClient, limit: str) -> None:
    assert (await clerk.get("/v1/notes", params={"limit": limit})).status_code == 422
