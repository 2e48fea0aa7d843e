"""Judging over HTTP: one household explained, many at once, and a whole division counted."""

from typing import Any

import pytest

from tests.e2e.conftest import COUNTY, TOWNSHIP, System
from tests.registry.samples import VILLAGE, guarantee_check, household, income_entry, member

AS_OF = "2020-10-15"
SOURCES = {
    "wages": "other_wages",
    "business": "other_business",
    "property": "other_property",
    "transfers": "other_transfers",
}


async def earn(system: System, household_id: str, wages: str) -> None:
    for source, item in SOURCES.items():
        amount = wages if source == "wages" else "0.00"
        entry = income_entry(household_id, source=source, item=item, amount=amount)
        period = {"from": "2019-10-01", "to": "2020-10-01"}
        answer = await system.clerk.post("/v1/income-entries", json=entry | {"period": period})
        assert answer.status_code == 201, answer.text


async def explain(system: System, body: dict[str, Any], language: str = "zh") -> dict[str, Any]:
    async with system.judge_of(COUNTY) as judge:
        answer = await judge.post(
            "/v1/evaluations", json=body, headers={"Accept-Language": language}
        )
        assert answer.status_code == 200, answer.text
        return {rule["rule"]: rule for rule in answer.json()["rules"]}


async def test_a_household_is_explained_in_both_languages(
    system: System, household_id: str
) -> None:
    await system.clerk.post("/v1/members", json=member(household_id))
    await earn(system, household_id, "7350.00")
    asked = {"subject": {"kind": "household", "id": household_id}, "as_of": AS_OF}
    chinese, english = await explain(system, asked), await explain(system, asked, "en")
    line = chinese["household.income_line"]
    assert line["outcome"] == "not_met"
    text = line["conditions"][0]["comparisons"][0]["text"]
    assert text == "稳定人均收入 7350.00元 < 8000.00元，差 650.00元"
    text = english["household.income_line"]["conditions"][0]["comparisons"][0]["text"]
    assert text.endswith("7,350.00 yuan < 8,000.00 yuan, short by 650.00")
    assert line["citation"]["document"] == "浙委办发〔2020〕29号"
    assert {fact["recorded_by"] for fact in line["facts"] if fact["value"]} == {"clerk"}
    water = chinese["household.water"]
    assert water["outcome"] == "undetermined"
    assert "water_quality_met" in water["missing_facts"]


async def test_a_stale_check_is_unknown_and_named(system: System, household_id: str) -> None:
    old = guarantee_check(household_id, checked_on="2018-05-20")
    await system.clerk.post("/v1/guarantee-checks", json=old)
    asked = {"subject": {"kind": "household", "id": household_id}, "as_of": AS_OF}
    housing = (await explain(system, asked))["household.housing"]
    assert housing["outcome"] == "undetermined"
    assert housing["stale_facts"] == ["housing_grade", "only_home"]


async def test_facts_may_be_given_instead(system: System) -> None:
    facts = {
        "housing_grade": {"value": "C", "date": "2020-06-10"},
        "only_home": {"value": True, "date": "2020-06-10"},
    }
    asked = {
        "subject_kind": "household",
        "division": VILLAGE,
        "as_of": AS_OF,
        "facts": facts,
        "rules": ["household.housing"],
    }
    rules = await explain(system, asked)
    assert list(rules) == ["household.housing"]
    assert rules["household.housing"]["outcome"] == "not_met"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"facts": {"wages_income": {"value": 12000}}}, 422, "fact-value"),
        ({"facts": {"wages_income": {"value": 1.5}}}, 422, None),
        ({"facts": {"riches": {"value": True}}}, 422, "fact-undeclared"),
        ({"rules": ["household.luck"]}, 422, "unknown-rule"),
        ({"facts": None}, 422, "subject-or-facts"),
        ({"subject_kind": None}, 422, "facts-without-kind"),
        ({"as_of": "yesterday"}, 422, "date-malformed"),
    ],
)
async def test_a_bad_question_is_refused(
    system: System, changes: dict[str, Any], status: int, code: str | None
) -> None:
    asked = {
        "subject_kind": "household",
        "division": VILLAGE,
        "as_of": AS_OF,
        "facts": {"household_size": {"value": 3}},
    } | changes
    async with system.judge_of(COUNTY) as judge:
        answer = await judge.post("/v1/evaluations", json=asked)
    assert answer.status_code == status, answer.text
    if code is not None:
        assert answer.json()["errors"][0]["code"] == code


async def test_a_batch_answers_for_every_subject(system: System, household_id: str) -> None:
    unknown = "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"
    subjects = [
        {"kind": "household", "id": unknown},
        {"kind": "household", "id": household_id},
        {"kind": "village", "id": VILLAGE},
    ]
    async with system.judge_of(COUNTY) as judge:
        asked = {"as_of": AS_OF, "subjects": subjects}
        items = (await judge.post("/v1/evaluations:batch", json=asked)).json()["items"]
    assert [item["status"] for item in items] == ["failed", "evaluated", "evaluated"]
    assert items[0]["code"] == "not-found"
    outcomes = {one["rule"]: one for one in items[1]["outcomes"]}
    assert outcomes["household.food"]["reason"]["zh"].startswith("缺少")


async def test_another_countys_households_cannot_be_judged(
    system: System, household_id: str
) -> None:
    asked = {"subject": {"kind": "household", "id": household_id}, "as_of": AS_OF}
    async with system.judge_of("330324000000") as outsider:
        assert (await outsider.post("/v1/evaluations", json=asked)).status_code == 404
        assert (await outsider.get(f"/v1/boards/{COUNTY}?as_of={AS_OF}")).status_code == 404


async def test_the_board_counts_three_ways_and_lists_who_is_not_cleared(
    system: System, household_id: str
) -> None:
    await system.clerk.post("/v1/guarantee-checks", json=guarantee_check(household_id))
    other = await system.clerk.post("/v1/households", json=household(number="CA-2", phone=None))
    async with system.judge_of(COUNTY) as judge:
        board = (await judge.get(f"/v1/boards/{COUNTY}?as_of={AS_OF}")).json()
        counts = {one["rule"]: one["counts"] for one in board["criteria"]}
        assert counts["household.housing"] == {"met": 0, "not_met": 1, "undetermined": 1}
        assert board["households"] == 2
        assert board["outcomes"][0]["outcome"] == "not_met"
        township = next(one for one in board["children"] if one["division"]["code"] == TOWNSHIP)
        assert township["counts"]["household.housing"] == counts["household.housing"]
        listed: list[str] = []
        following = f"/v1/boards/{COUNTY}/subjects?as_of={AS_OF}&limit=1&count=true"
        while following:
            page = await judge.get(following)
            assert page.json()["total"] == 2
            listed += [item["id"] for item in page.json()["items"]]
            assert page.json()["items"][0]["reasons"]
            following = page.links.get("next", {}).get("url", "")
        assert sorted(listed) == sorted([household_id, other.json()["id"]])
        refused = await judge.get(f"/v1/boards/{COUNTY}/subjects?as_of={AS_OF}&rule=village.uplift")
        assert refused.status_code == 422


async def test_without_the_registry_the_answer_says_so(system: System, household_id: str) -> None:
    system.way_to_registry.broken = True
    asked = {"subject": {"kind": "household", "id": household_id}, "as_of": AS_OF}
    async with system.judge_of(COUNTY) as judge:
        assert (await judge.post("/v1/evaluations", json=asked)).status_code == 503
