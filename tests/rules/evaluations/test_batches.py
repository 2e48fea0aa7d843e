"""Many subjects in one request: each has its own answer, in the order asked."""

import asyncio
import json
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.rules.evaluations.batches import SLICE
from services.rules.evaluations.schemas import MAX_SUBJECTS
from tests.rules.conftest import COUNTY, VILLAGE, CallerMaker
from tests.rules.fakes import FakeRegistry

AS_OF = "2020-10-01"
PATH = "/v1/evaluations:batch"


def household(number: int) -> str:
    return str(UUID(int=number))


@pytest.fixture(autouse=True)
def _recorded(registry: FakeRegistry) -> None:
    registry.record("household", household(1), VILLAGE, housing_grade="C", only_home=True)
    registry.record("household", household(2), VILLAGE, housing_grade="A", only_home=True)
    registry.record("household", household(3), "330324100201", housing_grade="A", only_home=True)
    registry.record("village", VILLAGE, VILLAGE)


async def items(client: httpx.AsyncClient, *subjects: Any, **more: Any) -> list[dict[str, Any]]:
    body = json.dumps({"as_of": AS_OF, "subjects": subjects, **more})
    answer = await client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    assert [item["index"] for item in found] == list(range(len(subjects)))
    return found


def of(number: int, **more: Any) -> dict[str, Any]:
    return {"kind": "household", "id": household(number), **more}


async def test_who_may_ask(caller: CallerMaker, nobody: httpx.AsyncClient) -> None:
    body = {"as_of": AS_OF, "subjects": [of(1)]}
    assert (await nobody.post(PATH, json=body)).status_code == 401
    assert (await caller("boards:read").post(PATH, json=body)).status_code == 403
    county = caller("evaluations:create", division=COUNTY)
    inside, outside = await items(county, of(1), of(3))
    assert inside["status"] == "evaluated"
    assert (outside["status"], outside["code"]) == ("failed", "not-found")


async def test_a_bad_subject_keeps_no_other_from_its_answer(
    province: httpx.AsyncClient, registry: FakeRegistry
) -> None:
    registry.record("household", household(4), VILLAGE, household_size=-1, housing_grade="E")
    found = await items(
        province,
        of(1),
        of(4),
        of(5),
        "nobody",
        {"kind": "dragon", "id": "1"},
        {"kind": "household", "id": "1"},
        of(2, facts={"monitored_days": {"value": 0.5}}),
        of(2, facts={"only_home": {"value": True}}),
        of(2, facts={"\ud800": {"value": True}}),
        of(2, facts={"monitored_days": {"value": 5}}),
        {"kind": "village", "id": VILLAGE},
        of(1),
    )
    assert [item.get("code") for item in found] == [
        None,
        "fact-value",
        "not-found",
        "model-attributes-type",
        "literal-error",
        "household-id",
        "fact-value",
        "fact-of-the-registry",
        "fact-undeclared",
        None,
        None,
        None,
    ]
    assert {error["pointer"] for error in found[1]["errors"]} == {
        "/facts/household_size",
        "/facts/housing_grade",
    }
    assert found[3]["subject"] is None
    assert found[5]["subject"] == {"kind": "household", "id": "1"}
    assert all(item["detail"]["zh"] and item["detail"]["en"] for item in found if "code" in item)
    assert found[0]["outcomes"] == found[11]["outcomes"]


@pytest.mark.parametrize(
    "faulty",
    [
        {"facts": {f"luck_{number}": {"value": 1} for number in range(25)}},
        {f"luck_{number}": 1 for number in range(25)},
    ],
)
async def test_few_of_many_faults_are_listed(
    province: httpx.AsyncClient, faulty: dict[str, Any]
) -> None:
    (item,) = await items(province, of(1, **faulty))
    assert len(item["errors"]) == 10
    assert item["detail"]["zh"].endswith("另有 15 处未列出。")
    assert item["detail"]["en"].endswith("There are 15 more, not listed.")


async def test_families_rules_and_no_reasons(province: httpx.AsyncClient) -> None:
    [zero_out] = await items(province, of(1))
    housing = next(one for one in zero_out["outcomes"] if one["rule"] == "household.housing")
    assert housing["outcome"] == "not_met"
    assert housing["reason"]["zh"].startswith("住房等级：C 级（局部危险）")
    assert {one["rule"] for one in zero_out["outcomes"]} >= {"household.zero_out"}
    assert not any(one["rule"].startswith("household.risk") for one in zero_out["outcomes"])
    assert zero_out["figures"]["household.net_income"] is None
    [bare] = await items(province, of(1), rules=["household.housing"], explain=False)
    assert bare["outcomes"] == [{"rule": "household.housing", "outcome": "not_met"}]
    assert bare["figures"] == {}
    [risk] = await items(province, of(1), families=["risk"])
    assert any(one["rule"].startswith("household.risk") for one in risk["outcomes"])
    answer = await province.post(
        PATH, json={"as_of": AS_OF, "subjects": [of(1)], "rules": ["household.luck"]}
    )
    assert answer.json()["errors"][0]["code"] == "unknown-rule"


async def test_as_many_as_allowed_while_others_are_answered(
    province: httpx.AsyncClient, registry: FakeRegistry
) -> None:
    many = [of(1 + number % 2) for number in range(MAX_SUBJECTS)]
    batch = asyncio.create_task(items(province, *many))
    turns = 0
    while not batch.done():
        await asyncio.sleep(0)
        turns += 1
    answers = await batch
    assert len(answers) == MAX_SUBJECTS
    assert all(item["status"] == "evaluated" for item in answers)
    assert turns >= MAX_SUBJECTS // SLICE
    refused = await province.post(PATH, json={"as_of": AS_OF, "subjects": [*many, of(1)]})
    assert refused.json()["errors"][0]["code"] == "too-long"
