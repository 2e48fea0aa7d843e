"""Records of other systems, tried on every kind: put under the id there, again and again the same one."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from services.registry.households.tables import HouseholdRow, MemberRow
from services.registry.income.tables import IncomeEntryRow
from services.registry.scopes import Scope
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker
from tests.registry.conftest import CHUNAN
from tests.registry.recording.test_promises import OTHER_COUNTY, holds
from tests.registry.recording.test_voiding import (
    OF_HOUSEHOLDS,
    VOIDABLE,
    WHY,
    Voidable,
    code_of,
    merged,
)
from tests.registry.samples import MERGE, household

IDENTITY = {"external_source": "relief", "external_id": "Z-7"}
EVERY = pytest.mark.parametrize("kind", VOIDABLE, ids=lambda kind: kind.name)


def put_at(kind: Voidable, external_id: str = "Z-7") -> str:
    return f"{kind.address}/external/relief/{external_id}"


@EVERY
async def test_what_is_put_is_recorded_once(
    clerk: httpx.AsyncClient, household_id: str, kind: Voidable
) -> None:
    sent = kind.sent(household_id)
    made = await clerk.put(put_at(kind), json=sent)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"'), made.text
    at = f"{kind.address}/{made.json()['id']}"
    assert made.headers["location"] == at
    assert holds(made.json(), IDENTITY)
    again = await clerk.put(put_at(kind), json=sent)
    assert (again.status_code, again.json(), again.headers["location"]) == (200, made.json(), at)
    found = await clerk.get(kind.address, params=IDENTITY)
    assert [one["id"] for one in found.json()["items"]] == [made.json()["id"]]
    none = await clerk.get(kind.address, params=IDENTITY | {"external_id": "Z-8"})
    assert none.json()["items"] == []


@EVERY
async def test_what_is_put_again_replaces_all_of_it(
    clerk: httpx.AsyncClient, household_id: str, kind: Voidable
) -> None:
    sent = kind.sent(household_id)
    made = (await clerk.put(put_at(kind), json=sent)).json()
    changed = merged(sent, kind.amendment)
    replaced = await clerk.put(put_at(kind), json=changed)
    assert (replaced.status_code, replaced.json()["version"]) == (200, 2), replaced.text
    assert holds(replaced.json(), kind.amendment)
    assert replaced.json()["id"] == made["id"]
    history = (await clerk.get(f"{replaced.headers['location']}/history")).json()["items"]
    assert history[1]["changes"].keys() - {"version", "updated_at"} == kind.amendment.keys()


@EVERY
async def test_a_condition_that_is_sent_is_kept(
    clerk: httpx.AsyncClient, household_id: str, kind: Voidable
) -> None:
    sent = kind.sent(household_id)
    for condition in '"1"', "*":
        refused = await clerk.put(put_at(kind), json=sent, headers={"If-Match": condition})
        assert refused.status_code == 412
    made = await clerk.put(put_at(kind), json=sent, headers={"If-None-Match": "*"})
    assert made.status_code == 201, made.text
    for conditions in {"If-Match": '"7"'}, {"If-None-Match": "*"}:
        refused = await clerk.put(put_at(kind), json=sent, headers=conditions)
        assert refused.status_code == 412, condition
    assert (
        await clerk.put(put_at(kind), json=sent, headers={"If-Match": '"1"'})
    ).status_code == 200


@EVERY
async def test_a_record_made_by_hand_takes_on_the_id(
    clerk: httpx.AsyncClient, household_id: str, kind: Voidable
) -> None:
    sent = kind.sent(household_id)
    made = (await clerk.post(kind.address, json=sent)).json()
    assert (await clerk.put(put_at(kind), json=sent)).status_code == 409
    taken = await clerk.put(put_at(kind), json=sent | {"id": made["id"]})
    assert (taken.status_code, taken.json()["version"]) == (200, 2), taken.text
    assert taken.json()["id"] == made["id"]
    assert holds(taken.json(), IDENTITY)
    other = await clerk.put(put_at(kind, "Z-8"), json=sent | {"id": made["id"]})
    assert (other.status_code, code_of(other)) == (409, "external-id-taken")


@EVERY
async def test_one_that_is_voided_leaves_the_id_to_the_right_one(
    clerk: httpx.AsyncClient, household_id: str, kind: Voidable
) -> None:
    sent = kind.sent(household_id)
    made = await clerk.put(put_at(kind), json=sent)
    at = made.headers["location"]
    voided = await clerk.post(f"{at}:void", json=WHY, headers={"If-Match": '"1"'})
    assert voided.status_code == 200, voided.text
    again = await clerk.put(put_at(kind), json=sent)
    assert (again.status_code, code_of(again)) == (409, "record-voided")
    assert WHY["reason"] in again.text
    renumbered = await clerk.put(put_at(kind, "Z-8"), json=sent)
    assert (renumbered.status_code, code_of(renumbered)) == (409, "record-voided")
    right = await clerk.put(put_at(kind), json=merged(sent, kind.amendment))
    assert (right.status_code, right.json()["id"] == made.json()["id"]) == (201, False), right.text


@EVERY
async def test_what_a_record_held_before_it_was_amended_does_not_come_back(
    registry_app: FastAPI,
    token: TokenMaker,
    clerk: httpx.AsyncClient,
    household_id: str,
    kind: Voidable,
) -> None:
    sent = kind.sent(household_id)
    at = (await clerk.put(put_at(kind), json=sent)).headers["location"]
    amended = await clerk.patch(at, json=kind.amendment, headers=MERGE | {"If-Match": '"1"'})
    assert amended.status_code == 200, amended.text
    await clerk.post(f"{at}:void", json=WHY, headers={"If-Match": '"2"'})
    async with client_of(registry_app, token(*Scope, division=CHUNAN, subject="other")) as other:
        voided = await other.post(f"{at}:void", json=WHY, headers={"If-Match": '"3"'})
    assert voided.json()["voiding"]["voided_at"], voided.text
    for again in (sent, merged(sent, kind.amendment)):
        refused = await clerk.put(put_at(kind), json=again)
        assert (refused.status_code, code_of(refused)) == (409, "record-voided")


@EVERY
async def test_the_same_again_leaves_what_others_have_changed_since(
    registry_app: FastAPI,
    token: TokenMaker,
    clerk: httpx.AsyncClient,
    household_id: str,
    kind: Voidable,
) -> None:
    sent = kind.sent(household_id)
    at = (await clerk.put(put_at(kind), json=sent)).headers["location"]
    async with client_of(registry_app, token(*Scope, division=CHUNAN, subject="other")) as other:
        amended = await other.patch(at, json=kind.amendment, headers=MERGE | {"If-Match": '"1"'})
    again = await clerk.put(put_at(kind), json=sent)
    assert (again.status_code, again.json()) == (200, amended.json())
    assert again.headers["etag"] == '"2"'


@EVERY
async def test_what_was_voided_by_mistake_is_recorded_by_hand(
    clerk: httpx.AsyncClient, household_id: str, kind: Voidable
) -> None:
    sent = kind.sent(household_id)
    at = (await clerk.put(put_at(kind), json=sent)).headers["location"]
    await clerk.post(f"{at}:void", json=WHY, headers={"If-Match": '"1"'})
    made = await clerk.post(kind.address, json=sent)
    assert made.status_code == 201, made.text
    taken = await clerk.put(put_at(kind, "Z-8"), json=sent | {"id": made.json()["id"]})
    assert (taken.status_code, taken.json()["id"]) == (200, made.json()["id"]), taken.text


@EVERY
async def test_nobody_puts_what_another_county_has(
    registry_app: FastAPI,
    token: TokenMaker,
    clerk: httpx.AsyncClient,
    household_id: str,
    kind: Voidable,
) -> None:
    sent = kind.sent(household_id)
    await clerk.put(put_at(kind), json=sent)
    async with client_of(registry_app, token(*Scope, division=OTHER_COUNTY)) as outsider:
        taken = await outsider.put(put_at(kind), json=sent)
        free = await outsider.put(put_at(kind, "Z-8"), json=sent)
        assert (taken.status_code, taken.json()["detail"]) == (404, free.json()["detail"])
    async with client_of(registry_app) as nobody, client_of(registry_app, token()) as unscoped:
        assert (await nobody.put(put_at(kind), json=sent)).status_code == 401
        assert (await unscoped.put(put_at(kind), json=sent)).status_code == 403


async def test_counties_have_systems_of_their_own(
    registry_app: FastAPI, token: TokenMaker, clerk: httpx.AsyncClient
) -> None:
    at = "/v1/households/external/relief/Z-7"
    ours = (await clerk.put(at, json=household())).json()["id"]
    async with client_of(registry_app, token(*Scope, division=OTHER_COUNTY)) as outsider:
        theirs = await outsider.put(at, json=household(village_code="330324001001"))
        assert theirs.status_code == 201, theirs.text
    async with client_of(registry_app, token(*Scope)) as province:
        unclear = await province.put(at, json=household())
        assert (unclear.status_code, code_of(unclear)) == (409, "external-id-taken")
        named = await province.put(at, json=household(id=ours))
        assert (named.status_code, named.json()["id"]) == (200, ours), named.text


@EVERY
async def test_another_system_that_sends_the_same_is_not_who_recorded_it(
    clerk: httpx.AsyncClient,
    registry_app: FastAPI,
    token: TokenMaker,
    household_id: str,
    kind: Voidable,
) -> None:
    sent = kind.sent(household_id)
    made = (await clerk.post(kind.address, json=sent)).json()
    async with client_of(registry_app, token(*Scope, subject="system")) as system:
        taken = await system.put(put_at(kind), json=sent | {"id": made["id"]})
    assert (taken.json()["version"], taken.json()["recorded_by"]) == (2, "clerk"), taken.text


OLD = "旧\u200b址"
"""What nobody may record any more, but somebody once could."""
TEXTS = {"household": (HouseholdRow, "address"), "member": (MemberRow, "name")} | {
    "income_entry": (IncomeEntryRow, "description")
}


@pytest.mark.parametrize("kind", TEXTS)
async def test_what_a_younger_rule_refuses_is_put_again_as_it_stands(
    registry_app: FastAPI, clerk: httpx.AsyncClient, household_id: str, kind: str
) -> None:
    table, member = TEXTS[kind]
    voidable = next(each for each in VOIDABLE if each.name == kind)
    sent = voidable.sent(household_id)
    made = (await clerk.put(put_at(voidable), json=sent)).json()
    refused = await clerk.put(put_at(voidable), json=sent | {member: OLD})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, f"/{member}")
    async with registry_app.state.database.session() as session:
        await session.execute(update(table).filter_by(id=made["id"]).values({member: OLD}))
    again = await clerk.put(put_at(voidable), json=sent | {member: OLD})
    assert (again.status_code, again.json()["version"]) == (200, 1), again.text
    other = await clerk.put(put_at(voidable, "Z-8"), json=sent | {member: OLD})
    assert other.status_code == 422


@pytest.mark.parametrize("kind", OF_HOUSEHOLDS, ids=lambda kind: kind.name)
async def test_what_was_voided_in_another_household_is_put_in_the_right_one(
    clerk: httpx.AsyncClient, household_id: str, kind: Voidable
) -> None:
    at = (await clerk.put(put_at(kind), json=kind.sent(household_id))).headers["location"]
    await clerk.post(f"{at}:void", json=WHY, headers={"If-Match": '"1"'})
    right = (await clerk.post("/v1/households", json=household(number="CA-3"))).json()["id"]
    put = await clerk.put(put_at(kind), json=kind.sent(right))
    assert (put.status_code, put.json().get("household_id")) == (201, right), put.text


@pytest.mark.parametrize("kind", OF_HOUSEHOLDS, ids=lambda kind: kind.name)
async def test_what_is_put_stays_with_its_household(
    clerk: httpx.AsyncClient, household_id: str, kind: Voidable
) -> None:
    await clerk.put(put_at(kind), json=kind.sent(household_id))
    other = (await clerk.post("/v1/households", json=household(number="CA-3"))).json()["id"]
    refused = await clerk.put(put_at(kind), json=kind.sent(other))
    assert (refused.status_code, code_of(refused)) == (409, "of-another-household")


@EVERY
async def test_an_id_is_one_word(
    clerk: httpx.AsyncClient, household_id: str, kind: Voidable
) -> None:
    for source, external_id in (("relief", "Z%207"), ("a%20b", "7"), ("relief", "7" * 81)):
        at = f"{kind.address}/external/{source}/{external_id}"
        assert (await clerk.put(at, json=kind.sent(household_id))).status_code == 422, at


async def test_two_that_put_the_same_at_once_put_one(committed_clerk: httpx.AsyncClient) -> None:
    client = committed_clerk
    home = (await client.post("/v1/households", json=household())).json()["id"]
    for kind in VOIDABLE:
        sent = kind.sent(home)
        answers = await asyncio.gather(*(client.put(put_at(kind), json=sent) for _ in range(4)))
        assert sorted(each.status_code for each in answers) == [200, 200, 200, 201], kind.name
        assert len({each.json()["id"] for each in answers}) == 1
