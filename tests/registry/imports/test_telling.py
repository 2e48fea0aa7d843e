"""A file tells right guesses from wrong no oftener than entering persons one by one."""

from typing import Any

import pytest

from services.registry.allowances.domain import Allowances
from services.registry.scopes import Scope
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker
from tests.registry import samples
from tests.registry.imports.conftest import Desk
from tests.registry.imports.workbooks import household, member
from tests.registry.samples import identity_number

MOST, SOON, RIGHT, MEMBERS = 5, 7, 300, 90
FARAWAY_VILLAGE = "330324001001"
ELSEWHERE, UNDECIDED = "person-cannot-be-entered", "finds-exhausted"


def candidates() -> list[str]:
    return [identity_number(sequence=f"{serial:03}") for serial in range(1, 1000, 2)]


def others(count: int) -> list[str]:
    """Return numbers of men who were born on different days."""
    return [identity_number(f"19{50 + n // 28 % 40}02{1 + n % 28:02}") for n in range(count)]


def file_of(numbers: list[str]) -> dict[str, list[dict[str, Any]]]:
    homes = range(1 + (len(numbers) - 1) // MEMBERS)
    return {
        "农户": [household(f"CA-{home}") for home in homes],
        "成员": [
            member(f"CA-{place // MEMBERS}", number, 与户主关系="其他")
            for place, number in enumerate(numbers)
        ],
    }


async def register_elsewhere(desk: Desk, token: TokenMaker, numbers: list[str]) -> None:
    async with client_of(desk.app, token(*Scope, subject="province")) as province:
        for place, number in enumerate(numbers):
            home = samples.household(number=f"WC-{place}", village_code=FARAWAY_VILLAGE)
            made = await province.post("/v1/households", json=home)
            answer = await province.post(
                "/v1/members", json=samples.member(made.json()["id"], document_number=number)
            )
            assert answer.status_code == 201, answer.text


async def codes(desk: Desk, done: dict[str, Any]) -> list[str]:
    """Return what each member row was told: its outcome, or why it failed."""
    rows = await desk.rows(done, sheet="成员", limit="200")
    return [row["problems"][0]["code"] if row["problems"] else row["outcome"] for row in rows]


@pytest.mark.parametrize(
    ("form", "fine"),
    [
        ({"mode": "each_row"}, "created"),
        ({"mode": "all_or_nothing"}, "all-or-nothing"),
        ({"dry_run": "true"}, "created"),
        ({"dry_run": "true", "mode": "each_row"}, "created"),
    ],
    ids=str,
)
async def test_of_five_hundred_candidates_as_many_are_decided_as_finds_are_left(
    desk: Desk, token: TokenMaker, form: dict[str, str], fine: str
) -> None:
    desk.app.state.allowances = Allowances(50, 50)
    numbers = candidates()
    await register_elsewhere(desk, token, [numbers[RIGHT], numbers[SOON]])
    told = await codes(desk, await desk.import_sheets(file_of(numbers), **form))
    expected = [fine] * 50 + [UNDECIDED] * 450
    expected[SOON] = ELSEWHERE
    assert told == expected
    again = await codes(desk, await desk.import_sheets(file_of(numbers[::-1]), dry_run="true"))
    assert len([code for code in again if code != UNDECIDED]) == 50
    assert again[-1 - RIGHT] == UNDECIDED


async def test_a_file_in_which_all_that_is_told_is_recorded_may_have_many_alike(
    desk: Desk,
) -> None:
    desk.app.state.allowances = Allowances(MOST, MOST)
    alike, apart = candidates()[: 2 * MOST], others(18 * MOST)
    done = await desk.import_sheets(file_of([*alike, *apart]))
    assert done["counts"]["成员"] == {"created": 20 * MOST}
    assert (await desk.import_sheets(file_of([*alike, *apart])))["counts"]["成员"] == {
        "unchanged": 20 * MOST
    }
    wrong = file_of([*alike, *apart])
    wrong["农户"][0]["农户类别"] = "无"
    told = await codes(desk, await desk.import_sheets(wrong))
    assert told[MOST : 2 * MOST] == [UNDECIDED] * MOST


async def test_once_the_refusals_are_told_nothing_new_is_decided(
    desk: Desk, token: TokenMaker
) -> None:
    desk.app.state.allowances = Allowances(MOST, MOST)
    numbers = others(40)
    elsewhere = numbers[10:20]
    await register_elsewhere(desk, token, elsewhere)
    done = await desk.import_sheets(file_of(numbers), mode="each_row")
    told = await codes(desk, done)
    assert told == ["created"] * 10 + [ELSEWHERE] * MOST + [UNDECIDED] * (30 - MOST)
    home = (await desk.client.get("/v1/households")).json()["items"][0]
    person = samples.member(home["id"], document_number=numbers[-1], relation_to_head="other")
    refused = await desk.client.post("/v1/members", json=person)
    assert refused.json()["type"] == f"urn:qingling:problem:{UNDECIDED}"
    async with client_of(desk.app, token(*Scope)) as province:
        listed = (await province.get("/v1/conflicts")).json()["items"]
    assert {each["asking"]["village_code"] for each in listed} == {samples.VILLAGE}
    assert len(listed) == MOST
    # What is known already costs nothing the next day, so that the file gets on.
    desk.clock.move_to(desk.clock.now().replace(day=2))
    again = await codes(desk, await desk.import_sheets(file_of(numbers), mode="each_row"))
    assert again == ["unchanged"] * 10 + [ELSEWHERE] * 10 + [UNDECIDED] * 20


async def test_a_file_of_a_county_goes_through(desk: Desk, token: TokenMaker) -> None:
    desk.app.state.allowances = Allowances(MOST, MOST)
    numbers = others(200)
    await register_elsewhere(desk, token, numbers[:2])
    for form in ({"dry_run": "true", "mode": "each_row"}, {"mode": "each_row"}):
        told = await codes(desk, await desk.import_sheets(file_of(numbers), **form))
        assert told == [ELSEWHERE] * 2 + ["created"] * 198
