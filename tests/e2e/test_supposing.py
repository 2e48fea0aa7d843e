"""Determinations and what-ifs over HTTP, on what the real registry states."""

from typing import Any

from tests.e2e.conftest import COUNTY, TOWNSHIP, System
from tests.registry.samples import VILLAGE, guarantee_check, household

AS_OF = "2020-10-15"
ELSEWHERE = "330324000000"
SAFE = {"facts": {"housing_grade": {"value": "A"}}}


async def ask(system: System, path: str, body: dict[str, Any], status: int) -> dict[str, Any]:
    async with system.judge_of(COUNTY) as judge:
        answer = await judge.post(path, json=body)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def test_a_determination_is_replayed_though_the_registry_changed(
    system: System, household_id: str
) -> None:
    await system.clerk.post("/v1/guarantee-checks", json=guarantee_check(household_id))
    asked = {
        "subject": {"kind": "household", "id": household_id},
        "as_of": AS_OF,
        "purpose": "年度清零认定",
    }
    made = await ask(system, "/v1/determinations", asked, 201)
    assert made["outcomes"]["household.housing"] == "not_met"
    repaired = {"grade": "A", "only_home": True}
    later = guarantee_check(household_id, checked_on="2020-10-01", evidence=repaired)
    answer = await system.clerk.post("/v1/guarantee-checks", json=later)
    assert answer.status_code == 201, answer.text
    replayed = await ask(system, f"/v1/determinations/{made['id']}:replay", {}, 200)
    assert replayed["agrees"] is True
    again = await ask(system, "/v1/determinations", asked, 201)
    assert again["outcomes"]["household.housing"] == "met"
    async with system.judge_of(COUNTY) as judge:
        path = f"/v1/determinations/{made['id']}"
        kept = (await judge.get(path)).json()["facts"]["housing_grade"]
        assert (kept["value"], kept["recorded_by"]) == ("C", "clerk")
    async with system.judge_of(ELSEWHERE) as outsider:
        assert (await outsider.post("/v1/determinations", json=asked)).status_code == 404


async def test_a_village_is_determined_too(system: System) -> None:
    asked = {"subject": {"kind": "village", "id": VILLAGE}, "as_of": AS_OF, "purpose": "年度认定"}
    made = await ask(system, "/v1/determinations", asked, 201)
    assert made["outcomes"]["village.zero_out"] == "undetermined"
    assert made["division"] == VILLAGE


async def test_one_many_and_a_county_flip_alike(system: System, household_id: str) -> None:
    await system.clerk.post("/v1/guarantee-checks", json=guarantee_check(household_id))
    await system.clerk.post("/v1/households", json=household(number="CA-2", phone=None))
    one = {"kind": "household", "id": household_id}
    rules = {"as_of": AS_OF, "changes": SAFE, "rules": ["household.housing"]}
    whole = {"division": COUNTY, "subject_kind": "household"}
    single = await ask(system, "/v1/what-ifs", {**rules, "subject": one}, 200)
    many = await ask(system, "/v1/what-ifs", {**rules, "subjects": [one]}, 200)
    county = await ask(system, "/v1/what-ifs", {**rules, **whole}, 200)
    flip = {"before": "not_met", "after": "met", "subjects": 1}
    for found in (single, many, county):
        assert flip in found["rules"][0]["flips"]
        assert household_id in [each["id"] for each in found["flips"]]
    assert county["subjects"] == 2
    touched = {child["division"]["code"]: child["flipped"] for child in county["children"]}
    assert touched[TOWNSHIP] == county["flipped"]
    async with system.judge_of(ELSEWHERE) as outsider:
        answer = await outsider.post("/v1/what-ifs", json={**rules, "subject": one})
        assert answer.status_code == 404
