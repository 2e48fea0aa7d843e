"""Boards of a real registry: counts that add up, and pages of what was judged once."""

from typing import Any

import httpx
import pytest

from services.rules.judging.columns import judge_division
from services.rules.judging.kept import KeptJudgements
from tests.rules.bureau import AS_OF, CITY, COUNTY, OTHER_COUNTY, Bureau

BOARD = f"/v1/boards/{COUNTY}"
SUBJECTS = f"{BOARD}/subjects"


class Times:
    """How often the registry was asked for a division's facts."""

    def __init__(self, bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        ask = bureau.registry.facts_of_division

        async def counted(*args: Any, **named: Any) -> Any:
            self.asked += 1
            return await ask(*args, **named)

        monkeypatch.setattr(bureau.registry, "facts_of_division", counted)


@pytest.fixture
def times(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> Times:
    return Times(bureau, monkeypatch)


async def test_what_is_counted_is_what_is_listed(bureau: Bureau) -> None:
    board = await bureau.read(BOARD, as_of=AS_OF)
    whole = next(
        each["counts"] for each in board["criteria"] if each["rule"] == "household.zero_out"
    )
    assert sum(whole.values()) == board["households"] > 0
    assert sum(child["households"] for child in board["children"]) == board["households"]
    uncleared = await bureau.everything(SUBJECTS, as_of=AS_OF)
    assert len(uncleared) == whole["not_met"] + whole["undetermined"] > 0
    assert all(each["reasons"] for each in uncleared)
    places = [(each["village_code"], each["id"]) for each in uncleared]
    assert places == sorted(set(places))


async def test_pages_are_of_what_was_judged_once(bureau: Bureau, times: Times) -> None:
    pages = f"/v1/boards/{CITY}/subjects"
    everything = await bureau.everything(pages, as_of=AS_OF)
    assert (len(everything) > 200, times.asked) == (True, 1)
    again = await bureau.everything(pages, as_of=AS_OF)
    assert (again, times.asked) == (everything, 1)


async def test_what_is_kept_no_more_is_judged_anew_and_goes_on_behind_the_last(
    bureau: Bureau, times: Times
) -> None:
    everything = await bureau.everything(SUBJECTS, as_of=AS_OF)
    async with bureau.caller() as client:
        first = await client.get(SUBJECTS, params={"as_of": AS_OF, "limit": 3})
        bureau.app.state.kept_judgements = KeptJudgements()
        second = await client.get(first.links["next"]["url"])
    assert second.json()["items"] == everything[3:6]
    assert times.asked == 2


async def test_another_question_is_judged_by_itself(bureau: Bureau, times: Times) -> None:
    for more in ({}, {"rule": "household.housing"}, {"kind": "village"}):
        await bureau.read(SUBJECTS, as_of=AS_OF, **more)
    await bureau.read(SUBJECTS, as_of="2020-09-30")
    await bureau.read(f"/v1/boards/{OTHER_COUNTY}/subjects", as_of=AS_OF)
    assert times.asked == 5


async def test_what_is_kept_is_shown_to_nobody_else(bureau: Bureau) -> None:
    async with bureau.caller() as province:
        first = await province.get(SUBJECTS, params={"as_of": AS_OF, "limit": 1})
    following = first.links["next"]["url"]
    async with bureau.caller(OTHER_COUNTY) as outsider:
        assert (await outsider.get(BOARD, params={"as_of": AS_OF})).status_code == 404
        assert (await outsider.get(SUBJECTS, params={"as_of": AS_OF})).status_code == 404
        assert (await outsider.get(following)).status_code == 404
    async with bureau.caller(COUNTY, "runs:read") as unscoped:
        assert (await unscoped.get(following)).status_code == 403


async def test_a_rule_of_others_is_refused_by_name(bureau: Bureau) -> None:
    async with bureau.caller() as client:
        refused = await client.get(SUBJECTS, params={"as_of": AS_OF, "rule": "village.uplift"})
        cursor = httpx.URL(SUBJECTS, params={"as_of": AS_OF, "cursor": "AAAA"})
        assert (await client.get(cursor)).status_code == 400
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "rule")


async def test_what_takes_more_than_there_is_room_for_lets_go_of_the_oldest(bureau: Bureau) -> None:
    policy = (await bureau.app.state.shelf.in_force(bureau.clock.now().date())).policy
    day = bureau.clock.now().date()
    judged = await judge_division(policy, bureau.registry, "village", CITY, day)
    kept = KeptJudgements(most_bytes=2 * judged.bytes)
    for place in "abc":
        kept.keep(place, judged)  # type: ignore[arg-type]
    assert [kept.get(place) is not None for place in "abc"] == [False, True, True]  # type: ignore[arg-type]
    small = KeptJudgements(most_bytes=judged.bytes - 1)
    small.keep("a", judged)  # type: ignore[arg-type]
    assert small.get("a") is None  # type: ignore[arg-type]
