"""Signing off: in turn, by three people, with evidence, and never what is not proven."""

from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from services.monitoring.zero_outs.tables import PendingJudgementRow
from shared.db.database import Database
from tests.monitoring.campaign import EVIDENCE, HOME, Campaign
from tests.monitoring.fakes import (
    COUNTY,
    OTHER_TOWNSHIP,
    OTHER_VILLAGE,
    TOWNSHIP,
    VILLAGE,
)


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == f"urn:qingling:problem:{code}"
    return problem


async def test_three_people_sign_in_turn_and_the_item_is_closed(campaign: Campaign) -> None:
    item = await campaign.ready_item()
    village = await campaign.signatures.sign(item, comment="已现场核实")
    assert village.status_code == 200, village.text
    assert village.json()["state"] == "signed_village"
    assert village.headers["ETag"] == f'"{village.json()["version"]}"'
    township = await campaign.signatures.sign(village.json(), TOWNSHIP, "township-clerk")
    assert township.json()["state"] == "signed_township"
    county = await campaign.signatures.sign(township.json(), COUNTY, "county-clerk")
    closed = county.json()
    assert (closed["state"], closed["closed_at"]) == ("closed", "2020-10-01T04:00:00Z")
    assert [(one["level"], one["signed_by"], one["division"]) for one in closed["sign_offs"]] == [
        ("village", "village-cadre", VILLAGE),
        ("township", "township-clerk", TOWNSHIP),
        ("county", "county-clerk", COUNTY),
    ]
    assert closed["sign_offs"][0]["evidence"] == EVIDENCE
    steps = await campaign.timeline(closed)
    assert [(step["step"], step["level"], step["actor"]) for step in steps] == [
        ("opened", None, "service:monitoring"),
        ("ready", None, "service:monitoring"),
        ("signed_off", "village", "village-cadre"),
        ("signed_off", "township", "township-clerk"),
        ("closed", "county", "county-clerk"),
    ]
    assert steps[2]["reason"] == {"zh": "已现场核实", "en": "已现场核实"}
    assert steps[2]["evidence"] == EVIDENCE


async def test_every_step_is_in_the_journal_and_the_feed(campaign: Campaign) -> None:
    item = await campaign.closed_item()
    await campaign.found(housing="not_met")
    answer = await campaign.clerk.get(f"/v1/zero-out-items/{item['id']}/history")
    assert [
        entry["type"].removeprefix("qingling.monitoring.") for entry in answer.json()["items"]
    ] == [
        "zero_out_item.opened",
        "zero_out_item.ready",
        "zero_out_item.signed_off",
        "zero_out_item.signed_off",
        "zero_out_item.closed",
        "zero_out_item.reopened",
    ]


@pytest.mark.parametrize("division", [TOWNSHIP, COUNTY, "330100000000", "330000000000"])
async def test_only_the_next_level_signs(campaign: Campaign, division: str) -> None:
    item = await campaign.ready_item()
    problem = refused(await campaign.signatures.sign(item, division), 409, "sign-off-level")
    assert problem["level"] == "village"
    assert await campaign.only_item() == item


async def test_a_village_does_not_sign_twice(campaign: Campaign) -> None:
    signed = (await campaign.signatures.sign(await campaign.ready_item())).json()
    answer = await campaign.signatures.sign(signed, VILLAGE, "another-cadre")
    assert refused(answer, 409, "sign-off-level")["level"] == "township"


@pytest.mark.parametrize("division", [OTHER_VILLAGE, OTHER_TOWNSHIP, "330102001001"])
async def test_items_of_others_do_not_exist_for_a_signer(campaign: Campaign, division: str) -> None:
    refused(await campaign.signatures.sign(await campaign.ready_item(), division), 404, "not-found")


async def test_nobody_signs_two_levels(campaign: Campaign) -> None:
    signed = (await campaign.signatures.sign(await campaign.ready_item())).json()
    refused(
        await campaign.signatures.sign(signed, TOWNSHIP, "village-cadre"), 409, "signer-repeated"
    )
    township = (await campaign.signatures.sign(signed, TOWNSHIP, "township-clerk")).json()
    for subject in ("village-cadre", "township-clerk"):
        answer = await campaign.signatures.sign(township, COUNTY, subject)
        refused(answer, 409, "signer-repeated")


async def test_after_a_reopening_all_three_sign_anew(campaign: Campaign) -> None:
    closed = await campaign.closed_item()
    await campaign.found(housing="not_met")
    await campaign.found(housing="met", day="2020-09-20")
    item = await campaign.only_item()
    assert (item["id"], item["state"], item["sign_offs"]) == (closed["id"], "ready", [])
    refused(await campaign.signatures.sign(item, COUNTY, "county-clerk"), 409, "sign-off-level")
    answer = await campaign.signatures.sign(item)
    assert answer.json()["state"] == "signed_village"


async def test_signing_needs_evidence(campaign: Campaign) -> None:
    item = await campaign.ready_item()
    problem = refused(await campaign.signatures.sign(item, evidence=[]), 422, "invalid-request")
    assert problem["errors"][0]["pointer"] == "/evidence"


@pytest.mark.parametrize(
    ("spoil", "pointer"),
    [
        (lambda one: one | {"kind": "rumour"}, "/evidence/0/kind"),
        (lambda one: one | {"reference": ""}, "/evidence/0/reference"),
        (lambda one: one | {"description": "字" * 1001}, "/evidence/0/description"),
        (lambda one: one | {"surprise": 1}, "/evidence/0/surprise"),
        (lambda one: {"kind": "photo"}, "/evidence/0/reference"),
    ],
)
async def test_faulty_evidence_is_refused(
    campaign: Campaign, spoil: Callable[[dict[str, Any]], dict[str, Any]], pointer: str
) -> None:
    item = await campaign.ready_item()
    answer = await campaign.signatures.sign(item, evidence=[spoil(EVIDENCE[0])])
    problem = refused(answer, 422, "invalid-request")
    assert pointer in [error["pointer"] for error in problem["errors"]]


async def test_signing_needs_the_version_that_was_read(campaign: Campaign) -> None:
    item = await campaign.ready_item()
    signed = (await campaign.signatures.sign(item)).json()
    problem = refused(
        await campaign.signatures.sign(item, TOWNSHIP, "township-clerk"), 412, "precondition-failed"
    )
    assert problem["current"] == signed
    answer = await campaign.clerk.post(
        f"/v1/zero-out-items/{item['id']}:sign-off", json={"evidence": EVIDENCE}
    )
    refused(answer, 428, "precondition-required")


async def test_what_is_not_met_now_is_reopened_instead_of_signed(campaign: Campaign) -> None:
    signed = (await campaign.signatures.sign(await campaign.ready_item())).json()
    campaign.rules.find(HOME, VILLAGE, housing="not_met", water="not_met")
    answer = await campaign.signatures.sign(signed, TOWNSHIP, "township-clerk")
    problem = refused(answer, 409, "criterion-not-met")
    assert "判定为 not_met" in problem["detail"]
    item = await campaign.only_item(criterion="household.housing")
    assert (item["state"], item["reopened"], item["sign_offs"]) == ("open", 1, [])
    assert (await campaign.timeline(item))[-1]["actor"] == "township-clerk"
    assert (await campaign.only_item(criterion="household.water"))["state"] == "open"


async def test_what_is_undetermined_now_is_reopened_instead_of_signed(campaign: Campaign) -> None:
    item = await campaign.ready_item()
    campaign.rules.find(HOME, VILLAGE, housing="undetermined")
    problem = refused(await campaign.signatures.sign(item), 409, "criterion-undetermined")
    assert problem["missing"] == ["a_fact"]
    assert "判定为 undetermined" in problem["detail"]
    item = await campaign.only_item()
    assert (item["state"], item["outcome"]) == ("open", "undetermined")
    refused(await campaign.signatures.sign(item), 409, "criterion-undetermined")


async def test_open_items_are_not_signed(campaign: Campaign) -> None:
    await campaign.found(housing="not_met")
    refused(await campaign.signatures.sign(await campaign.only_item()), 409, "criterion-not-met")


async def test_closed_items_are_not_signed(campaign: Campaign) -> None:
    closed = await campaign.closed_item()
    refused(await campaign.signatures.sign(closed), 409, "item-not-ready")


async def test_items_of_a_household_that_left_are_not_signed(campaign: Campaign) -> None:
    item = await campaign.ready_item()
    del campaign.rules.answers[HOME]
    assert refused(await campaign.signatures.sign(item), 409, "item-not-ready")["state"] == (
        "withdrawn"
    )
    assert (await campaign.only_item())["state"] == "withdrawn"


async def test_while_rules_is_down_nothing_is_signed_and_nothing_changes(
    campaign: Campaign,
) -> None:
    item = await campaign.ready_item()
    campaign.rules.down = True
    refused(await campaign.signatures.sign(item), 503, "dependency-unavailable")
    assert await campaign.only_item() == item


async def test_a_subject_that_rules_cannot_judge_is_not_signed_but_asked_about_again(
    campaign: Campaign, monitoring_database: Database
) -> None:
    item = await campaign.ready_item()
    campaign.rules.refuse(HOME)
    refused(await campaign.signatures.sign(item), 409, "subject-not-judged")
    assert await campaign.only_item() == item
    async with monitoring_database.session() as session:
        assert (await session.scalars(select(PendingJudgementRow.subject_id))).all() == [HOME.id]


def signing_under_a_key(
    campaign: Campaign, item: dict[str, Any]
) -> Callable[[], Coroutine[Any, Any, httpx.Response]]:
    caller = campaign.signatures.token("zero-out-items:sign-off", division=VILLAGE, subject="wang")
    headers = {
        "If-Match": f'"{item["version"]}"',
        "Idempotency-Key": "signature-1",
        "Authorization": f"Bearer {caller}",
    }
    return lambda: campaign.clerk.post(
        f"/v1/zero-out-items/{item['id']}:sign-off", json={"evidence": EVIDENCE}, headers=headers
    )


async def test_a_repeated_request_with_its_key_signs_once(campaign: Campaign) -> None:
    sign = signing_under_a_key(campaign, await campaign.ready_item())
    answers = [await sign() for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert len((await campaign.only_item())["sign_offs"]) == 1


async def test_a_refused_signature_may_be_given_later_under_its_key(campaign: Campaign) -> None:
    sign = signing_under_a_key(campaign, await campaign.ready_item())
    judged = campaign.rules.answers[HOME]
    campaign.rules.refuse(HOME)
    refused(await sign(), 409, "subject-not-judged")
    campaign.rules.answers[HOME] = judged
    answer = await sign()
    assert answer.status_code == 200, answer.text


async def test_the_county_sends_back_what_rests_on_false_evidence(campaign: Campaign) -> None:
    closed = await campaign.closed_item()
    answer = await campaign.signatures.send_back(closed)
    assert answer.status_code == 200, answer.text
    item = answer.json()
    assert (item["state"], item["evidence_after"], item["sign_offs"]) == ("open", "2020-06-10", [])
    assert answer.headers["ETag"] == f'"{item["version"]}"'
    step = (await campaign.timeline(item))[-1]
    assert (step["step"], step["level"], step["actor"]) == ("reopened", "county", "inspector")
    assert step["reason"]["zh"] == "（虚构）交叉检查发现照片不实"
    assert step["evidence"] == closed["evidence"]


async def test_refused_evidence_does_not_make_an_item_ready_but_new_evidence_does(
    campaign: Campaign,
) -> None:
    await campaign.signatures.send_back(await campaign.closed_item())
    await campaign.found(housing="met")
    item = await campaign.only_item()
    assert (item["state"], item["outcome"]) == ("open", "met")
    refused(await campaign.signatures.sign(item), 409, "new-evidence-needed")
    await campaign.found(housing="met", day="2020-09-28")
    assert (await campaign.only_item())["state"] == "ready"


async def test_evidence_without_dates_is_refused_up_to_the_day_of_sending_back(
    campaign: Campaign,
) -> None:
    await campaign.found(housing="not_met")
    await campaign.found(housing="met", day=None)
    item = (await campaign.signatures.send_back(await campaign.only_item())).json()
    assert item["evidence_after"] == "2020-10-01"


@pytest.mark.parametrize("division", [VILLAGE, TOWNSHIP])
async def test_below_the_county_nobody_sends_back(campaign: Campaign, division: str) -> None:
    closed = await campaign.closed_item()
    answer = await campaign.signatures.send_back(closed, division)
    refused(answer, 403, "county-level-required")


async def test_open_items_are_not_sent_back(campaign: Campaign) -> None:
    await campaign.found(housing="not_met")
    answer = await campaign.signatures.send_back(await campaign.only_item())
    refused(answer, 409, "item-not-reopenable")


async def test_sending_back_needs_the_version_that_was_read(campaign: Campaign) -> None:
    closed = await campaign.closed_item()
    old = closed | {"version": closed["version"] - 1}
    refused(await campaign.signatures.send_back(old), 412, "precondition-failed")


async def test_another_county_does_not_send_back(campaign: Campaign) -> None:
    closed = await campaign.closed_item()
    answer = await campaign.signatures.send_back(closed, "330122000000")
    refused(answer, 404, "not-found")
