"""Personal data is shown for a purpose, kept in the journal, and nowhere else."""

from typing import Any

import httpx
import pytest

from tests.registry.samples import MERGE, PURPOSE, household, identity_number, lookup, member

NUMBER, PHONE = identity_number(), household()["phone"]


@pytest.fixture
async def member_address(clerk: httpx.AsyncClient, household_id: str) -> str:
    answer = await clerk.post("/v1/members", json=member(household_id))
    address: str = answer.headers["location"]
    return address


async def test_a_number_is_revealed_for_a_purpose_that_history_keeps(
    clerk: httpx.AsyncClient, member_address: str
) -> None:
    asked = {"purpose": PURPOSE, "fields": ["document_number"]}
    answer = await clerk.post(f"{member_address}:reveal", json=asked)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"document_number": NUMBER}
    assert answer.headers["cache-control"] == "no-store"
    history = await clerk.get(f"{member_address}/history")
    entry = history.json()["items"][-1]
    assert entry["type"] == "qingling.registry.member.revealed"
    assert (entry["reason"], entry["recorded_by"], entry["version"]) == (PURPOSE, "clerk", 1)
    assert entry["changes"] == {}
    assert NUMBER not in history.text
    assert (await clerk.get(member_address)).headers["etag"] == '"1"'


async def test_a_telephone_is_revealed_likewise(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    address = f"/v1/households/{household_id}"
    asked = {"purpose": PURPOSE, "fields": ["phone"]}
    answer = await clerk.post(f"{address}:reveal", json=asked)
    assert answer.json() == {"phone": PHONE}
    history = await clerk.get(f"{address}/history")
    assert history.json()["items"][-1]["type"] == "qingling.registry.household.revealed"
    assert history.json()["items"][-1]["reason"] == PURPOSE
    assert PHONE not in history.text
    await clerk.patch(address, json={"phone": None}, headers={**MERGE, "If-Match": '"1"'})
    assert (await clerk.post(f"{address}:reveal", json=asked)).json() == {"phone": None}


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"fields": ["document_number"]}, "/purpose"),
        ({"purpose": "    ", "fields": ["document_number"]}, "/purpose"),
        ({"purpose": "看", "fields": ["document_number"]}, "/purpose"),
        ({"purpose": PURPOSE, "fields": []}, "/fields"),
        ({"purpose": PURPOSE, "fields": ["name"]}, "/fields/0"),
    ],
)
async def test_no_purpose_no_number(
    clerk: httpx.AsyncClient, member_address: str, asked: dict[str, Any], pointer: str
) -> None:
    answer = await clerk.post(f"{member_address}:reveal", json=asked)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    entries = (await clerk.get(f"{member_address}/history")).json()["items"]
    assert [entry["type"].rpartition(".")[2] for entry in entries] == ["created"]


async def test_a_revealed_number_is_not_kept_for_retries(
    committed_clerk: httpx.AsyncClient,
) -> None:
    home = (await committed_clerk.post("/v1/households", json=household())).json()["id"]
    made = await committed_clerk.post("/v1/members", json=member(home))
    address = made.headers["location"]
    asked = {"purpose": PURPOSE, "fields": ["document_number"]}
    for _ in range(2):
        answer = await committed_clerk.post(
            f"{address}:reveal", json=asked, headers={"Idempotency-Key": "once"}
        )
        assert answer.json() == {"document_number": NUMBER}
        assert "idempotency-replayed" not in answer.headers
    entries = (await committed_clerk.get(f"{address}/history")).json()["items"]
    assert [entry["type"].rpartition(".")[2] for entry in entries] == [
        "created",
        "revealed",
        "revealed",
    ]


async def test_nothing_sealed_is_in_any_answer_or_event(committed_clerk: httpx.AsyncClient) -> None:
    made = await committed_clerk.post("/v1/households", json=household())
    home = made.headers["location"]
    new = await committed_clerk.post("/v1/members", json=member(made.json()["id"]))
    person = new.headers["location"]
    answers = [made, new]
    for address, patch in ((home, {"address": "乙"}), (person, {"health": "chronic"})):
        field = "phone" if address == home else "document_number"
        asked = {"purpose": PURPOSE, "fields": [field]}
        assert (await committed_clerk.post(f"{address}:reveal", json=asked)).status_code == 200
        headers = {**MERGE, "If-Match": '"1"'}
        answers.append(await committed_clerk.patch(address, json=patch, headers=headers))
        answers.append(await committed_clerk.patch(address, json=patch, headers=headers))
        answers.append(await committed_clerk.get(address))
        answers.append(await committed_clerk.get(f"{address}/history"))
        answers.append(
            await committed_clerk.get(address, params={"known_at": "2020-10-02T00:00:00Z"})
        )
    answers.append(await committed_clerk.get("/v1/households"))
    answers.append(await committed_clerk.get("/v1/members"))
    answers.append(await committed_clerk.post("/v1/members:find", json=lookup(NUMBER)))
    events = await committed_clerk.get("/v1/events")
    types = [event["type"].removeprefix("qingling.registry.") for event in events.json()]
    assert types == [
        "household.created",
        "member.created",
        "household.revealed",
        "household.amended",
        "member.revealed",
        "member.amended",
        "member_find.made",
        "member.found",
    ]
    for answer in (*answers, events):
        assert "_sealed" not in answer.text
        assert NUMBER not in answer.text
        assert PHONE not in answer.text
