"""Divisions over HTTP: found, opened, renamed, closed, and who may."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.registry.scopes import Scope
from shared.testing.clients import client_of
from shared.testing.clock import FrozenClock
from shared.testing.plugin import TokenMaker
from tests.registry.samples import MERGE, VILLAGE

TOWNSHIP = "330127100000"
COUNTY = "330127000000"
NEW_VILLAGE = "330127100299"
NEW_TOWNSHIP = "330127199000"


def division(**changes: Any) -> dict[str, Any]:
    return {"code": NEW_VILLAGE, "name": "（虚构）新和村", "valid_from": "2020-09-01"} | changes


async def amend(
    client: httpx.AsyncClient, code: str, version: int, /, **changes: Any
) -> httpx.Response:
    headers = {**MERGE, "If-Match": f'"{version}"'}
    return await client.patch(f"/v1/divisions/{code}", json=changes, headers=headers)


@pytest.fixture
async def opened(clerk: httpx.AsyncClient) -> httpx.Response:
    answer = await clerk.post("/v1/divisions", json=division())
    assert answer.status_code == 201, answer.text
    return answer


async def test_the_whole_province_is_on_record(clerk: httpx.AsyncClient) -> None:
    everything = await clerk.get("/v1/divisions?limit=1&count=true")
    assert everything.json()["total"] == 27014
    assert everything.json()["items"][0]["code"] == "330000000000"
    assert everything.json()["items"][0]["parent"] is None


async def test_lists_narrow_by_parent_level_name_and_code(clerk: httpx.AsyncClient) -> None:
    async def codes(query: str) -> list[str]:
        answer = await clerk.get(f"/v1/divisions?{query}")
        assert answer.status_code == 200, answer.text
        return [item["code"] for item in answer.json()["items"]]

    assert COUNTY in await codes("parent=330100000000")
    assert await codes("name=淳安&level=county") == [COUNTY]
    assert all(code.startswith("330127") for code in await codes("code=330127&level=township"))
    assert await codes("name=%25") == []
    assert await codes("name=_") == []
    assert await codes("code=330127&level=county&as_of=2013-12-31") == []
    assert await codes("code=330127&level=county&as_of=2014-01-01") == [COUNTY]


async def test_pages_lead_to_every_child_once(clerk: httpx.AsyncClient) -> None:
    seen: list[str] = []
    following = f"/v1/divisions/{COUNTY}/children?limit=7"
    while following:
        answer = await clerk.get(following)
        seen += [item["code"] for item in answer.json()["items"]]
        following = answer.links.get("next", {}).get("url", "")
    whole = await clerk.get(f"/v1/divisions/{COUNTY}/children?limit=200&count=true")
    assert seen == sorted({item["code"] for item in whole.json()["items"]})
    assert len(seen) == whole.json()["total"] > 7
    assert {item["parent"] for item in whole.json()["items"]} == {COUNTY}


async def test_opened_division_is_read_back_at_its_level(
    clerk: httpx.AsyncClient, opened: httpx.Response
) -> None:
    read = await clerk.get(opened.headers["location"])
    assert read.json() == opened.json()
    assert read.headers["etag"] == opened.headers["etag"] == '"1"'
    assert (read.json()["level"], read.json()["parent"]) == ("village", TOWNSHIP)
    assert read.json()["recorded_by"] == "clerk"
    children = await clerk.get(f"/v1/divisions/{TOWNSHIP}/children?as_of=2020-08-31&limit=200")
    assert NEW_VILLAGE not in [item["code"] for item in children.json()["items"]]


async def test_a_code_is_never_given_away_again(
    clerk: httpx.AsyncClient, opened: httpx.Response
) -> None:
    closed = await amend(clerk, NEW_VILLAGE, 1, valid_to="2020-10-01")
    assert closed.status_code == 200, closed.text
    again = await clerk.post("/v1/divisions", json=division(name="别处"))
    assert again.status_code == 409
    assert again.json()["type"].endswith("division-code-taken")


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"code": "33012710029"}, "/code", "division-not-twelve-digits"),
        ({"code": "330127000299"}, "/code", "division-gap"),
        ({"parent": "330324000000"}, "/parent", "division-outside-parent"),
        ({"parent": NEW_VILLAGE}, "/parent", "division-outside-parent"),
        ({"code": "330127198201"}, "/parent", "parent-not-in-force"),
        ({"valid_from": "2013-12-31"}, "/parent", "parent-not-in-force"),
        ({"valid_from": "2020-02-30"}, "/valid_from", "date-malformed"),
        ({"name": " "}, "/name", "string-too-short"),
        ({"name": ""}, "/name", "string-too-short"),
        ({"level": "village"}, "/level", "extra-forbidden"),
    ],
)
async def test_a_division_that_cannot_be_is_refused(
    clerk: httpx.AsyncClient, changes: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await clerk.post("/v1/divisions", json=division(**changes))
    assert answer.status_code == 422, answer.text
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]


async def test_renaming_closing_and_reopening_are_kept_in_history(
    clerk: httpx.AsyncClient, opened: httpx.Response
) -> None:
    assert (await amend(clerk, NEW_VILLAGE, 1, name="（虚构）和新村")).json()["version"] == 2
    closed = await amend(clerk, NEW_VILLAGE, 2, valid_to="2020-10-01")
    assert (closed.headers["etag"], closed.json()["valid_to"]) == ('"3"', "2020-10-01")
    reopened = await amend(clerk, NEW_VILLAGE, 3, valid_to=None)
    assert (reopened.json()["version"], reopened.json()["valid_to"]) == (4, None)
    unchanged = await amend(clerk, NEW_VILLAGE, 4, valid_to=None)
    assert unchanged.json() == reopened.json()
    history = (await clerk.get(f"/v1/divisions/{NEW_VILLAGE}/history")).json()["items"]
    assert [entry["type"].rpartition(".")[2] for entry in history] == [
        "opened",
        "amended",
        "closed",
        "amended",
    ]
    assert history[2]["changes"]["valid_to"] == {"from": None, "to": "2020-10-01"}


async def test_amending_needs_the_version_read(
    clerk: httpx.AsyncClient, opened: httpx.Response
) -> None:
    address = opened.headers["location"]
    assert (await clerk.patch(address, json={"name": "甲"}, headers=MERGE)).status_code == 428
    assert (await clerk.patch(address, json={"name": "甲"})).status_code == 415
    old = await amend(clerk, NEW_VILLAGE, 7, name="甲")
    assert old.status_code == 412
    assert old.json()["current"] == opened.json()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"valid_to": "2020-09-01"}, "closed-before-opened"),
        ({"name": None}, "missing"),
        ({"code": "330127100298"}, "extra-forbidden"),
        ({"valid_to": "soon"}, "date-malformed"),
    ],
)
async def test_a_change_that_cannot_be_is_refused(
    clerk: httpx.AsyncClient, opened: httpx.Response, changes: dict[str, Any], code: str
) -> None:
    answer = await amend(clerk, NEW_VILLAGE, 1, **changes)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["code"] == code


async def test_a_division_outlasts_those_below_it(clerk: httpx.AsyncClient) -> None:
    village = "330127199201"
    for code in (NEW_TOWNSHIP, village):
        answer = await clerk.post("/v1/divisions", json=division(code=code))
        assert answer.status_code == 201, answer.text
    refused = await amend(clerk, NEW_TOWNSHIP, 1, valid_to="2020-12-31")
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("children-in-force")
    assert refused.json()["children"] == [village]
    assert (await amend(clerk, village, 1, valid_to="2020-12-01")).status_code == 200
    assert (await amend(clerk, NEW_TOWNSHIP, 1, valid_to="2020-12-31")).status_code == 200
    reopened = await amend(clerk, village, 2, valid_to=None)
    assert reopened.status_code == 422
    assert reopened.json()["errors"][0]["code"] == "parent-not-in-force"
    late = await clerk.post("/v1/divisions", json=division(code="330127199202"))
    assert late.json()["errors"][0]["code"] == "parent-not-in-force"


async def test_the_past_is_read_as_it_was_known(
    clerk: httpx.AsyncClient, opened: httpx.Response, clock: FrozenClock
) -> None:
    address = opened.headers["location"]
    moment = clock.now()
    clock.advance(timedelta(days=1))
    renamed = await amend(clerk, NEW_VILLAGE, 1, name="甲")
    then = await clerk.get(address, params={"known_at": moment.isoformat()})
    assert (then.json(), then.headers["etag"]) == (opened.json(), '"1"')
    now = await clerk.get(address, params={"known_at": clock.now().isoformat()})
    assert now.json() == renamed.json()
    before = await clerk.get(address, params={"known_at": "2020-01-01T00:00:00+08:00"})
    assert before.status_code == 404
    assert (await clerk.get(address, params={"known_at": "2020-01-01"})).status_code == 422


async def test_the_first_state_of_an_edition_stays_readable(
    clerk: httpx.AsyncClient, clock: FrozenClock
) -> None:
    clock.move_to(datetime(2090, 1, 1, tzinfo=UTC))
    before = (await clerk.get(f"/v1/divisions/{VILLAGE}")).json()
    amended = await amend(clerk, VILLAGE, 1, name="甲")
    assert amended.status_code == 200, amended.text
    then = await clerk.get(
        f"/v1/divisions/{VILLAGE}", params={"known_at": "2089-12-31T00:00:00+08:00"}
    )
    assert then.json() == before


async def test_everyone_reads_but_only_the_division_itself_is_written(
    registry_app: FastAPI, token: TokenMaker, opened: httpx.Response
) -> None:
    async with client_of(registry_app, token(*Scope, division="330324000000")) as outsider:
        for path in ("", f"/{NEW_VILLAGE}", f"/{COUNTY}/children", f"/{NEW_VILLAGE}/history"):
            assert (await outsider.get(f"/v1/divisions{path}")).status_code == 200, path
        assert (await amend(outsider, NEW_VILLAGE, 1, name="甲")).status_code == 404
        posted = await outsider.post("/v1/divisions", json=division(code="330127100298"))
        assert posted.status_code == 404


async def test_what_does_not_exist_is_not_found(clerk: httpx.AsyncClient) -> None:
    for path in ("", "/children", "/history"):
        assert (await clerk.get(f"/v1/divisions/330127999999{path}")).status_code == 404
    assert (await amend(clerk, "330127999999", 1, name="甲")).status_code == 404
    assert (await clerk.get("/v1/divisions/chunan")).status_code == 422


@pytest.mark.parametrize(
    ("query", "status"),
    [("surplus=1", 400), ("cursor=abc", 400), ("level=hamlet", 422), ("code=33x", 422)],
)
async def test_a_list_that_cannot_be_read_is_refused(
    clerk: httpx.AsyncClient, query: str, status: int
) -> None:
    assert (await clerk.get(f"/v1/divisions?{query}")).status_code == status


async def test_anonymous_and_unscoped_callers_are_turned_away(
    registry_app: FastAPI, token: TokenMaker
) -> None:
    async with client_of(registry_app) as nobody:
        assert (await nobody.get("/v1/divisions")).status_code == 401
    async with client_of(registry_app, token("divisions:read", division=COUNTY)) as reader:
        assert (await reader.get("/v1/divisions")).status_code == 200
        assert (await reader.post("/v1/divisions", json=division())).status_code == 403
    async with client_of(registry_app, token("villages:read")) as stranger:
        assert (await stranger.get("/v1/divisions")).status_code == 403
