"""Whoever enters persons learns of no more of them a day than may be found by number."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from stdnum.iso7064 import mod_11_2

from services.registry.allowances.domain import Allowances
from services.registry.households.members.refusals import MemberRefusal
from services.registry.scopes import Scope
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker
from tests.registry.conftest import CHUNAN
from tests.registry.samples import MERGE, household, identity_number, lookup, member

MOST = 7
FARAWAY, FARAWAY_VILLAGE = "330324000000", "330324001001"
BIRTH, LATE, SOON = "19630512", 400, 3
Clerk = httpx.AsyncClient
Way = Callable[[Clerk, str, list[str]], Awaitable[list[httpx.Response]]]


def candidates() -> list[str]:
    """Return all numbers of men whom 淳安县 may have registered as born on a day."""
    bodies = [f"330127{BIRTH}{serial:03}" for serial in range(1, 1000, 2)]
    return [body + mod_11_2.calc_check_digit(body) for body in bodies]


@pytest.fixture(autouse=True)
def few(registry_app: FastAPI) -> None:
    registry_app.state.allowances = Allowances(MOST, MOST)


@pytest.fixture
async def faraway(registry_app: FastAPI, token: TokenMaker) -> Any:
    caller = token(*Scope, division=FARAWAY, subject="faraway")
    async with client_of(registry_app, caller) as client:
        yield client


async def registered(client: Clerk, number: str, **changes: Any) -> dict[str, Any]:
    home = await client.post(
        "/v1/households", json=household(number="WC-1", village_code=FARAWAY_VILLAGE)
    )
    answer = await client.post(
        "/v1/members", json=member(home.json()["id"], document_number=number, **changes)
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def relative(home: str, number: str, **changes: Any) -> dict[str, Any]:
    return member(home, document_number=number, relation_to_head="other", **changes)


async def creating(clerk: Clerk, home: str, numbers: list[str]) -> list[httpx.Response]:
    return [await clerk.post("/v1/members", json=relative(home, number)) for number in numbers]


async def creating_with_another_fault(
    clerk: Clerk, home: str, numbers: list[str]
) -> list[httpx.Response]:
    """Nothing is ever recorded: the household has a head already."""
    first = await clerk.post(
        "/v1/members", json=member(home, document_number=identity_number("19500101"))
    )
    assert first.status_code == 201, first.text
    return [
        await clerk.post("/v1/members", json=member(home, document_number=number))
        for number in numbers
    ]


async def creating_under_a_taken_id(
    clerk: Clerk, home: str, numbers: list[str]
) -> list[httpx.Response]:
    taken = (
        await clerk.post("/v1/members", json=relative(home, identity_number("19500101")))
    ).json()["id"]
    return [
        await clerk.post("/v1/members", json=relative(home, number, id=taken)) for number in numbers
    ]


async def amending(clerk: Clerk, home: str, numbers: list[str]) -> list[httpx.Response]:
    made = await clerk.post("/v1/members", json=relative(home, identity_number("19500101")))
    address, version, answers = made.headers["location"], made.headers["etag"], []
    for number in numbers:
        change = {"document_number": number, "birth_date": None, "sex": None}
        answer = await clerk.patch(address, json=change, headers={**MERGE, "If-Match": version})
        version = answer.headers.get("etag", version)
        answers.append(answer)
    return answers


async def opening_again(clerk: Clerk, home: str, numbers: list[str]) -> list[httpx.Response]:
    """Each is entered for a day of the past, which contradicts nothing, and then for good."""
    past = {"joined_on": "1990-01-01", "left_on": "1990-01-02"}
    answers = []
    for number in numbers:
        made = await clerk.post("/v1/members", json=relative(home, number, **past))
        if made.status_code != 201:
            answers.append(made)
            continue
        headers = {**MERGE, "If-Match": made.headers["etag"]}
        answers.append(
            await clerk.patch(made.headers["location"], json={"left_on": None}, headers=headers)
        )
    return answers


async def opening_households_again(
    clerk: Clerk, home: str, numbers: list[str]
) -> list[httpx.Response]:
    answers, ended = [], None
    for place, number in enumerate(numbers):
        if ended is None:
            days = {"registered_on": "1990-01-01", "ended_on": "1990-01-02"}
            ended = await clerk.post("/v1/households", json=household(number=f"E-{place}", **days))
        past = relative(ended.json()["id"], number, joined_on="1990-01-01")
        made = await clerk.post("/v1/members", json=past)
        if made.status_code != 201:
            answers.append(made)
            continue
        headers = {**MERGE, "If-Match": ended.headers["etag"]}
        address = ended.headers["location"]
        answers.append(await clerk.patch(address, json={"ended_on": None}, headers=headers))
        ended = None
    return answers


async def finding(clerk: Clerk, home: str, numbers: list[str]) -> list[httpx.Response]:
    return [await clerk.post("/v1/members:find", json=lookup(number)) for number in numbers]


WAYS: list[Way] = [
    creating,
    creating_with_another_fault,
    creating_under_a_taken_id,
    amending,
    opening_again,
    opening_households_again,
    finding,
]


def told(answer: httpx.Response) -> bool:
    """Tell whether an answer may depend on who is registered."""
    return answer.status_code != 429


@pytest.mark.parametrize("way", WAYS)
async def test_five_hundred_candidates_are_told_apart_no_oftener_than_found(
    clerk: Clerk, faraway: Clerk, household_id: str, way: Way
) -> None:
    numbers = candidates()
    assert len(numbers) == 500
    await registered(faraway, numbers[LATE])
    # All of them in the plainest way; of the others every fifth, the right one among them.
    tried = numbers if way is creating else numbers[:: LATE // 80]
    answers = await way(clerk, household_id, tried)
    assert [told(each) for each in answers] == [place < MOST for place in range(len(tried))]
    beyond = {(each.json()["type"], each.json()["detail"]) for each in answers[MOST:]}
    assert len(beyond) == 1


@pytest.mark.parametrize("way", [way for way in WAYS if way is not finding])
async def test_a_right_guess_is_refused_in_one_way(
    clerk: Clerk, faraway: Clerk, household_id: str, way: Way
) -> None:
    numbers = candidates()[: MOST - 1]
    made = await registered(faraway, numbers[SOON])
    refused = (await way(clerk, household_id, numbers))[SOON]
    assert refused.status_code == 409
    body = refused.json()
    assert body["type"] == "urn:qingling:problem:person-cannot-be-entered"
    assert body.keys() == {"type", "title", "status", "detail", "request_id", "conflict_id"}
    for known in (made["id"], made["household_id"], FARAWAY_VILLAGE, FARAWAY[:6]):
        assert known not in refused.text


@pytest.mark.parametrize(
    "elsewhere",
    [
        {},
        {"left_on": "2019-12-01", "leave_reason": "death"},
        {"joined_on": "2018-01-01", "left_on": "2020-09-30", "leave_reason": "moved"},
    ],
    ids=["registered", "dead", "left later"],
)
async def test_registered_dead_and_moved_away_have_one_text(
    clerk: Clerk, faraway: Clerk, household_id: str, elsewhere: dict[str, Any]
) -> None:
    await registered(faraway, identity_number(), **elsewhere)
    refused = await clerk.post("/v1/members", json=member(household_id))
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:qingling:problem:person-cannot-be-entered"
    assert refused.json()["detail"] == MemberRefusal("person-cannot-be-entered").message.zh


async def test_refusals_are_counted_against_the_finds(
    clerk: Clerk, faraway: Clerk, household_id: str
) -> None:
    made = await clerk.post("/v1/members", json=member(household_id))
    person = identity_number("19700101")
    await registered(faraway, person)
    for left in reversed(range(1, MOST)):
        refused = await clerk.post("/v1/members", json=relative(household_id, person))
        assert refused.status_code == 409
        found = await clerk.post("/v1/members:find", json=lookup())
        if left > MOST // 2:
            assert found.headers["x-allowance-remaining"] == str(2 * left - MOST)
        else:
            assert found.status_code == 429
    assert (await clerk.post("/v1/members", json=relative(household_id, person))).status_code == 409
    for number in (person, identity_number("19800101")):
        refused = await clerk.post("/v1/members", json=relative(household_id, number))
        assert refused.json()["type"] == "urn:qingling:problem:finds-exhausted"
        assert refused.headers["retry-after"] == str(12 * 60 * 60)
    # What asks the register nothing goes on.
    change = {"left_on": "2020-09-01", "leave_reason": "moved"}
    headers = {**MERGE, "If-Match": made.headers["etag"]}
    left_now = await clerk.patch(made.headers["location"], json=change, headers=headers)
    assert left_now.status_code == 200, left_now.text


async def test_a_colleague_goes_on(
    registry_app: FastAPI, token: TokenMaker, clerk: Clerk, household_id: str
) -> None:
    await creating(clerk, household_id, candidates()[: MOST + 1])
    other = token(*Scope, division=CHUNAN, subject="colleague")
    async with client_of(registry_app, other) as colleague:
        answer = await colleague.post("/v1/members", json=relative(household_id, candidates()[50]))
        assert answer.status_code == 201
