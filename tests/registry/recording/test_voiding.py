"""Voiding, tried on every kind of record: kept and marked, and out of every list, fact and key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.registry.kinds import KINDS
from services.registry.recording.kind import Kind
from services.registry.scopes import Scope
from shared.testing.clients import client_of
from shared.testing.clock import FrozenClock
from shared.testing.plugin import TokenMaker
from tests.registry.belongings import example
from tests.registry.conftest import CHUNAN
from tests.registry.recording.test_promises import OTHER_COUNTY
from tests.registry.samples import MERGE, VILLAGE, household, identity_number, member

WHY = {"reason": "（虚构）登记到了另一户名下"}


@dataclass(frozen=True)
class Voidable:
    """A kind of record that can be voided: what is sent of it, and an amendment."""

    name: str
    address: str
    sent: Callable[[str], dict[str, Any]]
    amendment: dict[str, Any]

    @classmethod
    def of(cls, kind: Kind[Any]) -> "Voidable":
        return cls(kind.name, kind.address, lambda home: example(kind, home), kind.amendment)


VOIDABLE = (
    Voidable(
        "household",
        "/v1/households",
        lambda _home: household(number="CA-2"),
        {"category": "dibao_margin"},
    ),
    Voidable("member", "/v1/members", member, {"health": "chronic"}),
    *map(Voidable.of, KINDS),
)
STATED = {"member", "division_figure"} | {kind.name for kind in KINDS if kind.stated is not None}
"""Kinds of which the facts of their household, village or county state something."""
OF_HOUSEHOLDS = [each for each in VOIDABLE if "household_id" in each.sent("-")]


@dataclass
class Made:
    """A record that the clerk made, and what another clerk of the county may do to it."""

    kind: Voidable
    sent: dict[str, Any]
    shown: dict[str, Any]
    clerk: httpx.AsyncClient
    other: httpx.AsyncClient

    @property
    def at(self) -> str:
        return f"{self.kind.address}/{self.shown['id']}"

    async def version(self) -> str:
        return str((await self.clerk.get(self.at)).headers["etag"])

    async def ask(
        self, verb: str, by: httpx.AsyncClient | None = None, **more: Any
    ) -> httpx.Response:
        headers = {"If-Match": await self.version()} | more.pop("headers", {})
        asked: dict[str, Any] = {"json": WHY, "headers": headers} | more
        return await (by or self.clerk).post(f"{self.at}:{verb}", **asked)

    async def listed(self, **narrow: str) -> list[str]:
        answer = await self.clerk.get(self.kind.address, params=narrow)
        return [one["id"] for one in answer.json()["items"]]


@pytest.fixture(params=VOIDABLE, ids=lambda kind: kind.name)
async def made(
    request: pytest.FixtureRequest,
    registry_app: FastAPI,
    token: TokenMaker,
    clerk: httpx.AsyncClient,
    household_id: str,
) -> Any:
    kind: Voidable = request.param
    sent = kind.sent(household_id)
    answer = await clerk.post(kind.address, json=sent)
    assert answer.status_code == 201, answer.text
    caller = token(*Scope, division=CHUNAN, subject="other clerk")
    async with client_of(registry_app, caller) as other:
        yield Made(kind, sent, answer.json(), clerk, other)


def merged(sent: dict[str, Any], amendment: dict[str, Any]) -> dict[str, Any]:
    """Return what is sent with an amendment in it."""
    nested = {
        name: {**sent[name], **value}
        for name, value in amendment.items()
        if isinstance(value, dict)
    }
    return {**sent, **amendment, **nested}


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).removeprefix("urn:qingling:problem:")


async def test_a_slip_of_the_hand_is_voided_by_who_made_it(made: Made, clock: FrozenClock) -> None:
    clock.advance(timedelta(minutes=60))
    assert made.shown["voiding"] is None
    voided = await made.ask("void")
    assert (voided.status_code, voided.headers["etag"]) == (200, '"2"'), voided.text
    voiding = voided.json()["voiding"]
    assert voiding | {"proposed_at": None, "voided_at": None} == WHY | {
        "proposed_by": "clerk",
        "proposed_at": None,
        "voided_by": "clerk",
        "voided_at": None,
    }
    assert voiding["voided_at"] == voided.json()["updated_at"]
    read = await made.clerk.get(made.at)
    assert (read.json(), read.headers["etag"]) == (voided.json(), '"2"')
    history = (await made.clerk.get(f"{made.at}/history")).json()["items"]
    assert (history[-1]["type"].split(".")[-1], history[-1]["reason"]) == ("voided", WHY["reason"])
    assert history[0]["state"]["voiding"] is None


async def test_what_is_voided_is_listed_apart_and_makes_room_for_the_right_one(made: Made) -> None:
    voided = (await made.ask("void")).json()["id"]
    assert voided not in await made.listed()
    assert voided in await made.listed(voided="true")
    again = await made.clerk.post(made.kind.address, json=made.sent)
    assert again.status_code == 201, again.text
    assert again.json()["id"] in await made.listed()
    assert again.json()["id"] not in await made.listed(voided="true")


async def test_what_is_voided_is_changed_no_more(made: Made) -> None:
    assert (await made.ask("void")).status_code == 200
    headers = {**MERGE, "If-Match": await made.version()}
    amended = await made.clerk.patch(made.at, json=made.kind.amendment, headers=headers)
    refused = (amended, await made.ask("void", made.other), await made.ask("keep"))
    assert {(one.status_code, code_of(one)) for one in refused} == {(409, "record-voided")}


async def test_what_has_stood_for_a_while_is_voided_by_two(made: Made, clock: FrozenClock) -> None:
    clock.advance(timedelta(minutes=61))
    proposed = await made.ask("void")
    assert proposed.json()["voiding"]["voided_at"] is None
    assert proposed.json()["voiding"]["proposed_by"] == "clerk"
    assert made.shown["id"] in await made.listed()
    alone = await made.ask("void")
    assert (alone.status_code, code_of(alone)) == (409, "second-person-needed")
    voided = await made.ask("void", made.other, json={"reason": "（虚构）已向农户核实"})
    voiding = voided.json()["voiding"]
    assert (voiding["voided_by"], voiding["reason"]) == ("other clerk", WHY["reason"])
    events = [
        entry["type"].split(".")[-1]
        for entry in (await made.clerk.get(f"{made.at}/history")).json()["items"]
    ]
    assert events == ["created", "void_proposed", "voided"]


async def test_what_somebody_else_recorded_is_voided_by_two(made: Made) -> None:
    proposed = await made.ask("void", made.other)
    assert proposed.json()["voiding"]["voided_at"] is None
    assert (await made.ask("void")).json()["voiding"]["voided_by"] == "clerk"


async def test_what_waits_to_be_voided_is_changed_no_more(made: Made) -> None:
    sent = made.sent | {"id": made.shown["id"]}
    put = f"{made.kind.address}/external/relief/Z-7"
    assert (await made.clerk.put(put, json=sent)).status_code == 200
    await made.ask("void", made.other)
    headers = {**MERGE, "If-Match": await made.version()}
    same = await made.clerk.put(put, json=sent)
    assert (same.status_code, same.headers["etag"]) == (200, headers["If-Match"]), same.text
    for refused in (
        await made.clerk.patch(made.at, json=made.kind.amendment, headers=headers),
        await made.clerk.put(put, json=merged(sent, made.kind.amendment)),
    ):
        assert (refused.status_code, code_of(refused)) == (409, "voiding-proposed"), refused.text
        assert WHY["reason"] in refused.text


async def test_who_proposes_or_keeps_is_not_who_recorded_it(made: Made) -> None:
    proposed = await made.ask("void", made.other)
    kept = await made.ask("keep", made.other)
    voided = [await made.ask("void", made.other), await made.ask("void")]
    for shown in (proposed, kept, *voided):
        assert shown.json()["recorded_by"] == "clerk"


async def test_a_proposal_is_taken_back_and_the_record_stands(made: Made) -> None:
    before = await made.ask("keep")
    assert (before.status_code, code_of(before)) == (409, "no-voiding-proposed")
    await made.ask("void", made.other)
    kept = await made.ask("keep")
    assert (kept.status_code, kept.json()["voiding"]) == (200, None)
    headers = {**MERGE, "If-Match": await made.version()}
    amended = await made.clerk.patch(made.at, json=made.kind.amendment, headers=headers)
    assert amended.status_code == 200, amended.text


async def test_voiding_names_a_version_and_a_reason(made: Made) -> None:
    assert (await made.clerk.post(f"{made.at}:void", json=WHY)).status_code == 428
    assert (await made.ask("void", headers={"If-Match": '"7"'})).status_code == 412
    for body in ({}, {"reason": "错"}, {"reason": None}, {**WHY, "by": "me"}):
        assert (await made.ask("void", json=body)).status_code == 422, body
    assert (await made.clerk.get(made.at)).json() == made.shown


async def test_only_who_may_write_voids(
    registry_app: FastAPI, token: TokenMaker, made: Made
) -> None:
    readers = [scope for scope in Scope if scope.endswith(":read")]
    outsider = token(*Scope, division=OTHER_COUNTY)
    for caller, status in ((None, 401), (token(*readers), 403), (outsider, 404)):
        async with client_of(registry_app, caller) as client:
            for verb in "void", "keep":
                assert (await made.ask(verb, client)).status_code == status, verb


@pytest.mark.parametrize("kind", VOIDABLE, ids=lambda kind: kind.name)
async def test_what_is_voided_is_stated_by_no_fact(
    clerk: httpx.AsyncClient, household_id: str, kind: Voidable
) -> None:
    asked = {"as_of": "2020-09-30"}

    async def stated(*more: str) -> list[Any]:
        about = (f"households/{household_id}", f"villages/{VILLAGE}", f"divisions/{CHUNAN}", *more)
        answers = [await clerk.get(f"/v1/facts/{each}", params=asked) for each in about]
        return [each.json().get("facts", each.status_code) for each in answers]

    before = await stated()
    made = (await clerk.post(kind.address, json=kind.sent(household_id))).json()
    assert (await stated() != before) == (kind.name in STATED)
    own = [f"households/{made['id']}"] if kind.name == "household" else []
    at = f"{kind.address}/{made['id']}:void"
    voided = await clerk.post(at, json=WHY, headers={"If-Match": '"1"'})
    assert voided.status_code == 200, voided.text
    assert await stated(*own) == [*before, *(404 for _ in own)]


async def test_as_it_was_known_before_it_stands(made: Made, clock: FrozenClock) -> None:
    before = clock.now().isoformat()
    clock.advance(timedelta(hours=1))
    await made.ask("void")
    then = await made.clerk.get(made.at, params={"known_at": before})
    assert then.json() == made.shown


async def test_a_household_is_voided_with_all_that_belongs_to_it(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    addresses = []
    for kind in OF_HOUSEHOLDS:
        answer = await clerk.post(kind.address, json=kind.sent(household_id))
        assert answer.status_code == 201, answer.text
        addresses.append(f"{kind.address}/{answer.json()['id']}")
    home = f"/v1/households/{household_id}"
    voided = await clerk.post(f"{home}:void", json=WHY, headers={"If-Match": '"1"'})
    assert voided.status_code == 200, voided.text
    for address in addresses:
        assert (await clerk.get(address)).json()["voiding"] == voided.json()["voiding"], address
    for kind in OF_HOUSEHOLDS:
        refused = await clerk.post(kind.address, json=kind.sent(household_id))
        assert (refused.status_code, code_of(refused)) == (409, "record-voided"), kind.name
    again = await clerk.post("/v1/households", json=household())
    elsewhere = await clerk.post("/v1/members", json=member(again.json()["id"]))
    assert elsewhere.status_code == 201, elsewhere.text


async def test_a_household_with_what_somebody_else_recorded_takes_two(
    registry_app: FastAPI, token: TokenMaker, clerk: httpx.AsyncClient, household_id: str
) -> None:
    caller = token(*Scope, division=CHUNAN, subject="other clerk")
    async with client_of(registry_app, caller) as other:
        made = await other.post("/v1/members", json=member(household_id))
        at = f"/v1/households/{household_id}:void"
        proposed = await clerk.post(at, json=WHY, headers={"If-Match": '"1"'})
        assert proposed.json()["voiding"]["voided_at"] is None
        voided = await other.post(at, json=WHY, headers={"If-Match": '"2"'})
        assert voided.json()["voiding"]["voided_by"] == "other clerk"
        read = await other.get(f"/v1/members/{made.json()['id']}")
    assert read.json()["voiding"] == voided.json()["voiding"]


async def test_who_confirms_has_read_what_was_proposed(made: Made, clock: FrozenClock) -> None:
    clock.advance(timedelta(minutes=61))
    await made.ask("void")
    blind = await made.ask("void", made.other, headers={"If-Match": "*"})
    assert (blind.status_code, code_of(blind)) == (428, "precondition-required")
    voided = await made.ask("void", made.other)
    assert voided.json()["voiding"]["voided_by"] == "other clerk"


@pytest.mark.parametrize("kind", OF_HOUSEHOLDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("change", ["recorded", "amended"])
async def test_what_was_written_since_is_not_voided_along(
    registry_app: FastAPI,
    token: TokenMaker,
    clerk: httpx.AsyncClient,
    clock: FrozenClock,
    household_id: str,
    kind: Voidable,
    change: str,
) -> None:
    at = f"/v1/households/{household_id}"
    sent = kind.sent(household_id)
    made = None if change == "recorded" else await clerk.post(kind.address, json=sent)
    clock.advance(timedelta(minutes=61))
    await clerk.post(f"{at}:void", json=WHY, headers={"If-Match": '"1"'})
    clock.advance(timedelta(minutes=1))
    if made is None:
        written = made = await clerk.post(kind.address, json=sent)
    else:
        written = await clerk.patch(
            f"{kind.address}/{made.json()['id']}",
            json=kind.amendment,
            headers=MERGE | {"If-Match": '"1"'},
        )
    assert written.is_success, written.text
    caller = token(*Scope, division=CHUNAN, subject="other clerk")
    async with client_of(registry_app, caller) as other:
        read = {"If-Match": (await other.get(at)).headers["etag"]}
        refused = await other.post(f"{at}:void", json=WHY, headers=read)
        assert (refused.status_code, code_of(refused)) == (409, "voiding-outdated")
        kept = await other.post(f"{at}:keep", json=WHY, headers=read)
        again = {"If-Match": kept.headers["etag"]}
        proposed = await clerk.post(f"{at}:void", json=WHY, headers=again)
        voided = await other.post(
            f"{at}:void", json=WHY, headers={"If-Match": proposed.headers["etag"]}
        )
    assert voided.status_code == 200, voided.text
    along = await clerk.get(f"{kind.address}/{made.json()['id']}")
    assert along.json()["voiding"] == voided.json()["voiding"]


async def test_whom_a_voided_membership_names_is_found_there_no_more(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    made = (await clerk.post("/v1/members", json=member(household_id))).json()
    await clerk.post(f"/v1/members/{made['id']}:void", json=WHY, headers={"If-Match": '"1"'})
    asked = {"document_number": identity_number(), "purpose": "（虚构）核实"}
    assert (await clerk.post("/v1/members:find", json=asked)).json()["items"] == []
