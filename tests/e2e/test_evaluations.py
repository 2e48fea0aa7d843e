"""Evaluations of the real registry's subjects: families, stated facts, and many at once."""

from typing import Any

from tests.e2e.conftest import COUNTY, System
from tests.registry.samples import VILLAGE, guarantee_check

AS_OF = "2020-10-15"


async def test_one_household_by_family_beside_what_the_asker_states(
    system: System, household_id: str
) -> None:
    await system.clerk.post("/v1/guarantee-checks", json=guarantee_check(household_id))
    subject = {"kind": "household", "id": household_id.upper()}
    asked = {
        "subject": subject,
        "as_of": AS_OF,
        "families": ["risk"],
        "facts": {"monitored_days": {"value": 30}},
    }
    async with system.judge_of(COUNTY, "evaluations:create") as judge:
        answer = await judge.post("/v1/evaluations", json=asked)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["subject"] == {"kind": "household", "id": household_id, "division": VILLAGE}
        assert {rule["family"] for rule in found["rules"]} == {"risk"}
        facts = {fact["name"]: fact for rule in found["rules"] for fact in rule["facts"]}
        assert facts["monitored_days"]["recorded_by"] == "judge"
        zero_out = await judge.post("/v1/evaluations", json={"subject": subject, "as_of": AS_OF})
        rules = {rule["rule"]: rule for rule in zero_out.json()["rules"]}
        housing = rules["household.housing"]
        assert housing["outcome"] == "not_met"
        assert housing["smallest_change"] == housing["conditions"][0]["smallest_change"]


async def test_a_batch_asks_the_registry_in_parts(system: System, household_id: str) -> None:
    await system.clerk.post("/v1/guarantee-checks", json=guarantee_check(household_id))
    known: dict[str, Any] = {"kind": "household", "id": household_id}
    unknown = {"kind": "household", "id": "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"}
    village = {"kind": "village", "id": VILLAGE}
    subjects = [known, unknown, village, {"kind": "household", "id": "?limit=1"}] * 150
    async with system.judge_of(COUNTY, "evaluations:create") as judge:
        body = {"as_of": AS_OF, "subjects": subjects}
        answer = await judge.post("/v1/evaluations:batch", json=body)
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    told = [(item["status"], item.get("code")) for item in items]
    evaluated, failed = ("evaluated", None), "failed"
    once = [evaluated, (failed, "not-found"), evaluated, (failed, "household-id")]
    assert told == once * 150
    assert items[0]["outcomes"] == items[-4]["outcomes"]
    housing = next(one for one in items[0]["outcomes"] if one["rule"] == "household.housing")
    assert housing["outcome"] == "not_met"
