"""Boards while the registry changes: what is asked anew is of what stands, what goes on is of before."""

import httpx
from sqlalchemy import text

from tests.e2e.conftest import COUNTY, System
from tests.e2e.test_moving import follower_of
from tests.registry.samples import household

BOARD = f"/v1/boards/{COUNTY}"
FIRST = f"{BOARD}/subjects?as_of=2020-10-15&limit=1&count=true"


async def recorded(system: System, *numbers: str) -> list[str]:
    """Record households; rules follows nobody meanwhile."""
    answers = [
        await system.clerk.post("/v1/households", json=household(number=number))
        for number in numbers
    ]
    return sorted(answer.json()["id"] for answer in answers)


def ids(page: httpx.Response) -> list[str]:
    assert page.status_code == 200, page.text
    return [each["id"] for each in page.json()["items"]]


async def test_a_board_is_of_what_stands_though_the_worker_is_down(system: System) -> None:
    await recorded(system, "CA-0")
    await follower_of(system).advance()
    async with system.judge_of(COUNTY) as judge:
        seen = []
        for number in ("CA-1", "CA-2"):
            await recorded(system, number)
            board = (await judge.get(BOARD, params={"as_of": "2020-10-15"})).json()
            listed = (await judge.get(FIRST)).json()
            seen.append((board["households"], listed["total"]))
    assert seen == [(2, 2), (3, 3)]


async def test_pages_that_follow_are_of_what_was_judged_for_the_first(system: System) -> None:
    before = await recorded(system, "CA-1", "CA-2")
    async with system.judge_of(COUNTY) as judge:
        first = await judge.get(FIRST)
        await recorded(system, "CA-0", "CA-3")
        second = await judge.get(first.links["next"]["url"])
        anew = await judge.get(FIRST)
    assert ids(first) + ids(second) == before
    assert (second.json()["total"], second.json()["next"]) == (2, None)
    assert anew.json()["total"] == 4


async def test_what_is_recorded_while_an_earlier_write_goes_on_shows_too(system: System) -> None:
    async with system.judge_of(COUNTY) as judge, system.registry.state.database.session() as slow:
        await slow.execute(text("SELECT journal_position()"))
        seen = []
        for number in ("CA-1", "CA-2"):
            await recorded(system, number)
            seen.append((await judge.get(FIRST)).json()["total"])
    assert seen == [1, 2]


async def test_a_registry_that_does_not_answer_is_said(system: System) -> None:
    before = await recorded(system, "CA-1", "CA-2")
    async with system.judge_of(COUNTY) as judge:
        first = await judge.get(FIRST)
        system.way_to_registry.broken = True
        refused = [await judge.get(address) for address in (f"{BOARD}?as_of=2020-10-15", FIRST)]
        second = await judge.get(first.links["next"]["url"])
    assert ids(first) + ids(second) == before
    for answer in refused:
        assert (answer.status_code, answer.json()["type"]) == (
            503,
            "urn:qingling:problem:dependency-unavailable",
        )
