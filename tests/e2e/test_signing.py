"""Signing off: in turn, by different people, on evidence, and never on what is not met."""

from typing import Any

import httpx
import pytest

from tests.e2e.conftest import COUNTY, TOWNSHIP, System
from tests.e2e.test_following import grade, housing
from tests.registry.samples import VILLAGE

EVIDENCE = {"kind": "photo", "reference": "2020-1", "description": "修缮后"}


@pytest.fixture
async def ready(system: System, household_id: str) -> dict[str, Any]:
    await grade(system, household_id, "C", "2020-06-10")
    await grade(system, household_id, "A", "2020-09-20")
    return await housing(system, household_id)


async def sign(
    system: System,
    item: dict[str, Any],
    division: str,
    person: str,
    *,
    version: int | None = None,
    evidence: list[dict[str, Any]] | None = None,
) -> httpx.Response:
    tag = {"If-Match": f'"{version or item["version"]}"'}
    body = {"evidence": [EVIDENCE] if evidence is None else evidence}
    async with system.caller(division, person) as signer:
        address = f"/v1/zero-out-items/{item['id']}:sign-off"
        return await signer.post(address, json=body, headers=tag)


def code(response: httpx.Response) -> str:
    kind: str = response.json()["type"]
    return kind.removeprefix("urn:qingling:problem:")


async def closed(system: System, item: dict[str, Any]) -> dict[str, Any]:
    for division, person in ((VILLAGE, "v"), (TOWNSHIP, "t"), (COUNTY, "c")):
        answer = await sign(system, item, division, person)
        assert answer.status_code == 200, answer.text
        item = answer.json()
    return item


async def test_three_levels_close_an_item(system: System, ready: dict[str, Any]) -> None:
    item = await closed(system, ready)
    assert item["state"] == "closed"
    assert [one["signed_by"] for one in item["sign_offs"]] == ["v", "t", "c"]
    async with system.caller(COUNTY, "reader") as reader:
        address = f"/v1/zero-out-items/{item['id']}"
        timeline = (await reader.get(f"{address}/timeline")).json()["items"]
        history = (await reader.get(f"{address}/history")).json()["items"]
        counts = (await reader.get("/v1/zero-out-counts")).json()
    assert [one["step"] for one in timeline] == [
        "opened",
        "ready",
        "signed_off",
        "signed_off",
        "closed",
    ]
    assert history[-1]["type"] == "qingling.monitoring.zero_out_item.closed"
    assert counts["counts"] == [{"criterion": "household.housing", "state": "closed", "items": 1}]
    assert counts["children"][0]["division"] == TOWNSHIP


async def test_a_closed_item_comes_back_when_the_household_falls_again(
    system: System, ready: dict[str, Any]
) -> None:
    item = await closed(system, ready)
    await grade(system, item["subject_id"], "D", "2020-10-10")
    again = await housing(system, item["subject_id"])
    assert (again["state"], again["sign_offs"], again["reopened"]) == ("open", [], 1)


async def test_out_of_turn_is_refused(system: System, ready: dict[str, Any]) -> None:
    assert code(await sign(system, ready, TOWNSHIP, "t")) == "sign-off-level"
    assert code(await sign(system, ready, COUNTY, "c")) == "sign-off-level"
    other = await sign(system, ready, "330127100231", "x")
    assert other.status_code == 404


async def test_nobody_signs_twice(system: System, ready: dict[str, Any]) -> None:
    signed = (await sign(system, ready, VILLAGE, "same")).json()
    assert code(await sign(system, signed, TOWNSHIP, "same")) == "signer-repeated"


async def test_an_old_version_and_missing_evidence_are_refused(
    system: System, ready: dict[str, Any]
) -> None:
    assert (await sign(system, ready, VILLAGE, "v", version=1)).status_code == 412
    assert (await sign(system, ready, VILLAGE, "v", evidence=[])).status_code == 422
    async with system.caller(VILLAGE, "v") as signer:
        address = f"/v1/zero-out-items/{ready['id']}:sign-off"
        unconditional = await signer.post(address, json={"evidence": [EVIDENCE]})
    assert unconditional.status_code == 428


async def test_an_open_item_is_not_signed(system: System, household_id: str) -> None:
    await grade(system, household_id, "C", "2020-06-10")
    item = await housing(system, household_id)
    assert code(await sign(system, item, VILLAGE, "v")) == "criterion-not-met"


async def test_what_failed_meanwhile_is_reopened_instead_of_signed(
    system: System, ready: dict[str, Any]
) -> None:
    evidence = {"grade": "D", "only_home": True}
    check = {
        "household_id": ready["subject_id"],
        "guarantee": "housing",
        "checked_on": "2020-10-10",
        "inspector": "（虚构）",
        "department": "县住建局",
        "evidence": evidence,
    }
    await system.clerk.post("/v1/guarantee-checks", json=check)  # monitoring has not followed yet
    assert code(await sign(system, ready, VILLAGE, "v")) == "criterion-not-met"
    assert (await housing(system, ready["subject_id"]))["state"] == "open"


async def test_nothing_undetermined_is_signed(system: System, ready: dict[str, Any]) -> None:
    check = {
        "household_id": ready["subject_id"],
        "guarantee": "housing",
        "checked_on": "2020-10-10",
        "inspector": "（虚构）",
        "department": "县住建局",
        "evidence": {"only_home": True},
    }
    await system.clerk.post("/v1/guarantee-checks", json=check)
    refused = await sign(system, ready, VILLAGE, "v")
    assert code(refused) == "criterion-undetermined"
    assert "住房等级" in refused.json()["detail"]
    item = await housing(system, ready["subject_id"])
    assert (item["state"], item["outcome"]) == ("open", "undetermined")


async def test_without_rules_nothing_is_signed(system: System, ready: dict[str, Any]) -> None:
    system.way_to_rules.broken = True
    answer = await sign(system, ready, VILLAGE, "v")
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    system.way_to_rules.broken = False
    assert (await housing(system, ready["subject_id"])) == ready


async def test_the_county_sends_back_what_proved_false(
    system: System, ready: dict[str, Any]
) -> None:
    item = await closed(system, ready)
    tag = {"If-Match": f'"{item["version"]}"'}
    address = f"/v1/zero-out-items/{item['id']}:reopen"
    async with system.caller(VILLAGE, "v") as village:
        low = await village.post(address, json={"reason": "照片重复"}, headers=tag)
        assert code(low) == "county-level-required"
    async with system.caller(COUNTY, "inspector") as county:
        back = await county.post(address, json={"reason": "照片重复"}, headers=tag)
        assert (back.json()["state"], back.json()["evidence_after"]) == ("open", "2020-09-20")
        tag = {"If-Match": back.headers["etag"]}
        twice = await county.post(address, json={"reason": "再次"}, headers=tag)
        assert code(twice) == "item-not-reopenable"
    await system.judge.sweep()
    assert (await housing(system, item["subject_id"]))["state"] == "open"


async def test_other_counties_items_do_not_exist(system: System, ready: dict[str, Any]) -> None:
    address = f"/v1/zero-out-items/{ready['id']}"
    async with system.caller("330324000000", "outsider") as outsider:
        for path in (address, f"{address}/timeline", f"{address}/history"):
            assert (await outsider.get(path)).status_code == 404
        assert (await outsider.get("/v1/zero-out-items")).json()["items"] == []
        assert (await outsider.get(f"/v1/zero-out-counts?division={COUNTY}")).status_code == 404
        judged = await outsider.post("/v1/zero-out-items:judge", json={"division": COUNTY})
        assert judged.status_code == 404


async def test_a_division_is_judged_again_on_request(system: System, ready: dict[str, Any]) -> None:
    async with system.caller(COUNTY, "clerk") as clerk:
        asked = await clerk.post("/v1/zero-out-items:judge", json={"division": COUNTY})
        assert asked.status_code == 202
        assert (await clerk.get(asked.headers["location"])).json()["state"] == "queued"
