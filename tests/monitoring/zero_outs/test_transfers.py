"""Whose signature counts when a household moves, and what is no evidence at all."""

from typing import Any

import pytest

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


@pytest.mark.parametrize("blank", [{"reference": " \t"}, {"description": "\u3000"}])
async def test_blanks_are_no_evidence(campaign: Campaign, blank: dict[str, Any]) -> None:
    item = await campaign.ready_item()
    evidence = {"kind": "photo", "reference": "1", "description": "（虚构）"} | blank
    answer = await campaign.signatures.sign(item, evidence=[evidence])
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/evidence/0/{next(iter(blank))}"
