"""Whose signature counts when a household moves, and what is no evidence at all."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.monitoring.clients.rules import Subject
from services.monitoring.scopes import Scope
from services.monitoring.zero_outs.following import subjects_of
from shared.testing.clients import client_of
from shared.testing.clock import FrozenClock
from shared.testing.plugin import TokenMaker
from tests.monitoring.campaign import HOME, Campaign
from tests.monitoring.fakes import OTHER_VILLAGE, TOWNSHIP, VILLAGE, FakeRules


@pytest.mark.parametrize("signed", [1, 2])
async def test_a_village_that_a_household_moves_to_signs_for_itself(
    campaign: Campaign, signed: int
) -> None:
    item = await campaign.ready_item()
    for division, subject in [(VILLAGE, "an"), (TOWNSHIP, "bo")][:signed]:
        answer = await campaign.signatures.sign(item, division, subject)
        assert answer.status_code == 200, answer.text
        item = answer.json()
    await campaign.found(HOME, OTHER_VILLAGE, housing="met")
    item = await campaign.only_item()
    assert (item["state"], item["village_code"]) == ("ready", OTHER_VILLAGE)
    assert item["sign_offs"] == []
    last = (await campaign.timeline(item))[-1]
    assert last["step"] == "ready"
    assert "另一村" in last["reason"]["zh"]
    skipped = await campaign.signatures.sign(item, TOWNSHIP, "chen")
    assert skipped.json()["type"].endswith("sign-off-level")
    assert (await campaign.signatures.sign(item, OTHER_VILLAGE, "an")).status_code == 200


async def test_a_closed_item_stays_closed_when_its_household_moves(campaign: Campaign) -> None:
    closed = await campaign.closed_item()
    await campaign.found(HOME, OTHER_VILLAGE, housing="met")
    item = await campaign.only_item()
    assert (item["state"], item["village_code"]) == ("closed", OTHER_VILLAGE)
    assert item["sign_offs"] == closed["sign_offs"]


async def test_a_village_does_not_sign_for_a_household_that_has_just_moved(
    campaign: Campaign, rules: FakeRules
) -> None:
    item = await campaign.ready_item()
    rules.find(HOME, OTHER_VILLAGE, housing="met")
    answer = await campaign.signatures.sign(item, VILLAGE)
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("sign-off-level")
    item = await campaign.only_item()
    assert (item["state"], item["village_code"]) == ("ready", OTHER_VILLAGE)
    assert item["sign_offs"] == []


async def reads(client: httpx.AsyncClient, item: dict[str, Any], before: str) -> list[int]:
    """Return how the item's addresses answer: now, as known before, and its history."""
    address = f"/v1/zero-out-items/{item['id']}"
    asked = [(address, {}), (address, {"known_at": before}), (f"{address}/history", {})]
    return [(await client.get(path, params=query)).status_code for path, query in asked]


@pytest.mark.parametrize("judged", ["not_met", "undetermined", "met", None])
async def test_the_file_of_an_item_travels_with_its_household(
    campaign: Campaign,
    monitoring_app: FastAPI,
    token: TokenMaker,
    clock: FrozenClock,
    judged: str | None,
) -> None:
    await campaign.found(housing="not_met", water="not_met")
    before = clock.now().isoformat()
    clock.advance(timedelta(hours=1))
    if judged is None:
        campaign.rules.answers.clear()  # it moved, and ended there
        await campaign.noticed(HOME, OTHER_VILLAGE)
    else:
        await campaign.found(HOME, OTHER_VILLAGE, housing=judged)
    items = await campaign.items()
    assert {item["village_code"] for item in items} == {OTHER_VILLAGE}
    for item in items:
        for village, expected in (VILLAGE, [404, 404, 404]), (OTHER_VILLAGE, [200, 200, 200]):
            caller = token(*Scope, division=village)
            async with client_of(monitoring_app, caller) as client:
                assert await reads(client, item, before) == expected
                if village == OTHER_VILLAGE:
                    history = await client.get(f"/v1/zero-out-items/{item['id']}/history")
                    entries = history.json()["items"]
                    assert [entry["version"] for entry in entries[:2]] == [1, 2]
                    assert entries[1]["type"] == "qingling.monitoring.zero_out_item.moved"


def told(
    subject: str,
    what: str,
    division: str = VILLAGE,
    concerns: str | None = "household/a",
    **data: Any,
) -> dict[str, Any]:
    kind = subject.partition("/")[0]
    return {
        "type": f"qingling.registry.{kind}.{what}",
        "subject": subject,
        "division": division,
        "concerns": concerns,
        "data": {"changes": {}, "state": {}} | data,
    }


def test_what_left_is_judged_by_its_household_alone() -> None:
    kinds = ("member", "income_entry", "guarantee_check", "circumstances")
    events = [told(f"{kind}/1", "left", concerns=None) for kind in kinds]
    assert subjects_of([*events, told("household/a", "left")]) == {
        Subject("household", "a"): VILLAGE
    }
    moved = [
        told("household/a", "moved", OTHER_VILLAGE),
        *(told(f"{kind}/1", "moved", OTHER_VILLAGE) for kind in kinds),
    ]
    assert subjects_of(moved) == {Subject("household", "a"): OTHER_VILLAGE}


def test_an_account_of_another_village_is_judged_in_both() -> None:
    changes = {"village_code": {"from": VILLAGE, "to": OTHER_VILLAGE}}
    concerns = f"village/{OTHER_VILLAGE}"
    moved = told("village_account/1", "moved", OTHER_VILLAGE, concerns, changes=changes)
    assert subjects_of([moved]) == {
        Subject("village", village): village for village in (VILLAGE, OTHER_VILLAGE)
    }


@pytest.mark.parametrize("blank", [{"reference": " \t"}, {"description": "\u3000"}])
async def test_blanks_are_no_evidence(campaign: Campaign, blank: dict[str, Any]) -> None:
    item = await campaign.ready_item()
    evidence = {"kind": "photo", "reference": "1", "description": "（虚构）"} | blank
    answer = await campaign.signatures.sign(item, evidence=[evidence])
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/evidence/0/{next(iter(blank))}"
