"""One evaluation: which rules, by which release, beside which stated facts; and every refusal."""

from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.rules.releases.shelf import Shelf
from services.rules.vocabulary import load_policy
from tests.rules.conftest import COUNTY, VILLAGE, CallerMaker
from tests.rules.fakes import FakeRegistry

POLICY = load_policy()
HOUSEHOLD = "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"
AS_OF = "2020-10-01"
PATH = "/v1/evaluations"
OF_SUBJECT = {"subject": {"kind": "household", "id": HOUSEHOLD}, "as_of": AS_OF}
GIVEN = {
    "subject_kind": "household",
    "division": VILLAGE,
    "as_of": AS_OF,
    "facts": {
        "housing_grade": {"value": "C", "date": "2020-09-01"},
        "only_home": {"value": True, "date": "2020-09-01"},
    },
}


@pytest.fixture(autouse=True)
def _recorded(registry: FakeRegistry) -> None:
    registry.record("household", HOUSEHOLD, VILLAGE, housing_grade="C", only_home=True)


async def evaluated(client: httpx.AsyncClient, asked: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(PATH, json=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def families(answer: dict[str, Any]) -> set[str]:
    return {rule["family"] for rule in (*answer["rules"], *answer["figures"])}


async def test_who_may_ask(caller: CallerMaker, nobody: httpx.AsyncClient) -> None:
    assert (await nobody.post(PATH, json=OF_SUBJECT)).status_code == 401
    assert (await caller("boards:read").post(PATH, json=OF_SUBJECT)).status_code == 403
    outside = caller(division="330324000000")
    assert (await outside.post(PATH, json=OF_SUBJECT)).status_code == 404
    inside = caller("evaluations:create", division=COUNTY)
    assert (await inside.post(PATH, json=OF_SUBJECT)).status_code == 200


async def test_zero_out_is_answered_unless_something_else_is_asked(
    province: httpx.AsyncClient,
) -> None:
    answer = await evaluated(province, OF_SUBJECT)
    assert families(answer) == {"zero_out"}
    assert answer["subject"]["division"] == VILLAGE
    declared = {rule.name for rule in POLICY.plan("household").rules if rule.family == "zero_out"}
    told = [rule["rule"] for rule in (*answer["rules"], *answer["figures"])]
    assert set(told) == declared
    assert len(told) == len(declared)


async def test_families_and_rules_are_answered_together(province: httpx.AsyncClient) -> None:
    asked = OF_SUBJECT | {"families": ["risk", "eligibility"], "rules": ["household.housing"]}
    answer = await evaluated(province, asked)
    assert families(answer) == {"risk", "eligibility", "zero_out"}
    zero_out = [rule["rule"] for rule in answer["rules"] if rule["family"] == "zero_out"]
    assert zero_out == ["household.housing"]


async def test_figures_come_with_what_they_wait_for(province: httpx.AsyncClient) -> None:
    answer = await evaluated(province, GIVEN | {"rules": ["household.net_income"]})
    assert answer["rules"] == []
    [figure] = answer["figures"]
    assert (figure["value"], figure["unit"]) == (None, "money")
    assert "wages_income" in figure["missing_facts"]
    known = {
        name: {"value": amount, "date": "2020-09-01"}
        for name, amount in (
            ("wages_income", "24000.50"),
            ("business_income", "0.00"),
            ("property_income", "0.00"),
            ("transfer_income", "0.25"),
        )
    }
    answer = await evaluated(province, GIVEN | {"rules": ["household.net_income"], "facts": known})
    assert answer["figures"][0]["value"] == "24000.75"


async def test_a_rule_tells_the_smallest_change_through_those_it_rests_on(
    province: httpx.AsyncClient,
) -> None:
    answer = await evaluated(province, GIVEN | {"rules": ["household.guarantees"]})
    [rule] = answer["rules"]
    assert rule["outcome"] == "not_met"
    # Housing alone would be met, and the other five would still be undetermined.
    assert rule["smallest_change"] is None
    housing = next(one for one in rule["conditions"] if one["rule"] == "household.housing")
    assert housing["smallest_change"]["to"] == ["A", "B"]


async def test_the_release_may_be_named(province: httpx.AsyncClient, shelf: Shelf) -> None:
    release = await shelf.in_force(date(2020, 10, 1))
    answer = await evaluated(province, GIVEN | {"release": str(release.id)})
    assert (answer["release_id"], answer["release"]) == (str(release.id), release.digest)
    assert (await province.post(PATH, json=GIVEN | {"release": str(uuid4())})).status_code == 404


async def test_the_asker_states_what_the_registry_never_does(caller: CallerMaker) -> None:
    client = caller(subject="zhou.min")
    stated = {"facts": {"monitored_days": {"value": 200}}, "families": ["risk"]}
    answer = await evaluated(client, OF_SUBJECT | stated)
    facts = [fact for rule in answer["rules"] for fact in rule["facts"]]
    days = next(fact for fact in facts if fact["name"] == "monitored_days")
    assert (days["value"], days["recorded_by"], days["state"]) == (200, "zhou.min", "known")
    overriding = {"facts": {"housing_grade": {"value": "A"}}}
    refused = await client.post(PATH, json=OF_SUBJECT | overriding)
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/facts/housing_grade", "fact-of-the-registry")
    assert "/v1/what-ifs" in error["detail"]


async def test_what_a_release_does_not_declare_is_passed_over(
    province: httpx.AsyncClient, registry: FakeRegistry
) -> None:
    registry.subjects["household", HOUSEHOLD][1]["height_of_the_house"] = {"value": 3}
    assert (await evaluated(province, OF_SUBJECT))["rules"]


@pytest.mark.parametrize(
    ("facts", "code", "words"),
    [
        ('{"wages_income": {"value": 8000.0}}', "fact-value", '"8000.00"'),
        ('{"wages_income": {"value": 8000}}', "fact-value", '"8000.00"'),
        ('{"wages_income": {"value": "8000.001"}}', "fact-value", '"8000.00"'),
        ('{"wages_income": {"value": "-0.01"}}', "fact-value", "0.00"),
        ('{"wages_income": {"value": "99999999999999.00"}}', "fact-value", "10000000000.00"),
        ('{"household_size": {"value": true}}', "fact-value", "整数"),
        ('{"household_size": {"value": 0}}', "fact-value", "1 至"),
        ('{"household_size": {"value": null}}', "fact-value", "整数"),
        ('{"household_size": {"value": [3]}}', "fact-value", "整数"),
        ('{"housing_grade": {"value": "E"}}', "fact-value", "A, B, C, D"),
        ('{"only_home": {"value": "yes"}}', "fact-value", "true 或 false"),
        ('{"riches/~": {"value": true}}', "fact-undeclared", "riches/~"),
        ('{"only_home": {}}', "missing", "缺少"),
        ('{"only_home": {"value": true, "date": "2020-02-30"}}', "date-malformed", "日期"),
        ('{"only_home": {"value": true, "colour": 1}}', "extra-forbidden", "拼写"),
    ],
)
async def test_a_fact_that_cannot_be_is_refused_in_words(
    province: httpx.AsyncClient, facts: str, code: str, words: str
) -> None:
    content = (
        f'{{"subject_kind":"household","division":"{VILLAGE}","as_of":"{AS_OF}","facts":{facts}}}'
    )
    answer = await province.post(
        PATH, content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"]
    assert error["code"] == code
    assert words in error["detail"]
    assert error["pointer"].startswith("/facts/")


async def test_every_faulty_fact_is_named_at_once(province: httpx.AsyncClient) -> None:
    facts = {"wages_income": {"value": 1.5}, "riches": {"value": 1}, "only_home": {"value": True}}
    answer = await province.post(PATH, json=GIVEN | {"facts": facts})
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/facts/wages_income",
        "/facts/riches",
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"families": ["wealth"]}, "enum"),
        ({"families": []}, "too-short"),
        ({"rules": ["household.luck"]}, "unknown-rule"),
        ({"rules": ["village.uplift"]}, "unknown-rule"),
        ({"release": "first"}, "uuid-parsing"),
        ({"subject": {"kind": "household", "id": "3"}}, "household-id"),
        ({"subject": {"kind": "village", "id": "33"}}, "division-not-twelve-digits"),
        ({"subject": {"kind": "household", "id": HOUSEHOLD}}, "subject-or-facts"),
        ({"facts": None}, "subject-or-facts"),
        ({"division": None}, "facts-without-kind"),
    ],
)
async def test_a_question_that_cannot_be_answered_is_refused(
    province: httpx.AsyncClient, changes: dict[str, Any], code: str
) -> None:
    answer = await province.post(PATH, json=GIVEN | changes)
    assert answer.status_code == 422, answer.text
    assert [error["code"] for error in answer.json()["errors"]] == [code]
