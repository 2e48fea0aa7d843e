"""What every declared kind of record promises, tried on each."""

from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from services.registry.kinds import KINDS
from services.registry.recording.kind import Kind
from services.registry.scopes import Scope
from shared.testing.clients import client_of
from shared.testing.clock import FrozenClock
from shared.testing.plugin import TokenMaker
from tests.registry.belongings import example
from tests.registry.samples import MERGE, household

OTHER_COUNTY = "330324000000"
CHOSEN = "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0e"


@dataclass
class Made:
    """A record of a kind that a clerk has made of its example."""

    kind: Kind[Any]
    sent: dict[str, Any]
    answer: httpx.Response

    @property
    def shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = self.answer.json()
        return shown

    @property
    def at(self) -> str:
        return str(self.answer.headers["location"])

    @property
    def amendment(self) -> dict[str, Any]:
        return {"json": self.kind.amendment, "headers": {**MERGE, "If-Match": '"1"'}}


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
async def made(request: pytest.FixtureRequest, clerk: httpx.AsyncClient, household_id: str) -> Made:
    kind: Kind[Any] = request.param
    sent = example(kind, household_id)
    answer = await clerk.post(kind.address, json=sent)
    assert answer.status_code == 201, answer.text
    return Made(kind, sent, answer)


def holds(shown: Any, sent: Any) -> bool:
    """Tell whether all that was sent is shown, beside what nobody sent."""
    match sent:
        case dict():
            return all(holds(shown[name], value) for name, value in sent.items())
        case list():
            return all(holds(*pair) for pair in zip(shown, sent, strict=True))
    return bool(shown == sent)


async def test_what_was_sent_is_read_back(clerk: httpx.AsyncClient, made: Made) -> None:
    assert made.answer.headers["etag"] == '"1"'
    assert made.at == f"{made.kind.address}/{made.shown['id']}"
    assert holds(made.shown, made.sent)
    read = await clerk.get(made.at)
    assert (read.json(), read.headers["etag"]) == (made.shown, '"1"')
    assert (made.shown["version"], made.shown["recorded_by"]) == (1, "clerk")


async def test_an_amendment_changes_what_it_names_and_keeps_the_past(
    clerk: httpx.AsyncClient, clock: FrozenClock, made: Made
) -> None:
    before = clock.now()
    clock.advance(timedelta(hours=1))
    amended = await clerk.patch(made.at, **made.amendment)
    assert (amended.status_code, amended.headers["etag"]) == (200, '"2"'), amended.text
    changed = {name for name, value in amended.json().items() if value != made.shown[name]} - {
        "version",
        "updated_at",
    }
    assert changed == made.kind.amendment.keys()
    again = await clerk.patch(
        made.at, json=made.kind.amendment, headers={**MERGE, "If-Match": '"2"'}
    )
    assert again.json() == amended.json()
    history = (await clerk.get(f"{made.at}/history")).json()["items"]
    assert [entry["version"] for entry in history] == [1, 2]
    assert history[1]["changes"].keys() - {"version", "updated_at"} == changed
    assert history[0]["state"] == made.shown
    then = await clerk.get(made.at, params={"known_at": before.isoformat()})
    assert then.json() == made.shown
    earlier = (before - timedelta(hours=1)).isoformat()
    assert (await clerk.get(made.at, params={"known_at": earlier})).status_code == 404


async def test_an_amendment_names_the_version_that_was_read(
    clerk: httpx.AsyncClient, made: Made
) -> None:
    for condition, status in ({}, 428), ({"If-Match": '"7"'}, 412):
        headers = {**MERGE, **condition}
        refused = await clerk.patch(made.at, json=made.kind.amendment, headers=headers)
        assert refused.status_code == status
    assert (await clerk.get(made.at)).json() == made.shown


async def test_there_is_no_second_one_that_stands_for_the_same(
    clerk: httpx.AsyncClient, made: Made
) -> None:
    code = made.kind.key.failure.code
    second = await clerk.post(made.kind.address, json=made.sent)
    assert (second.status_code, second.json()["type"]) == (409, f"urn:qingling:problem:{code}")
    assert second.json()[f"{made.kind.name}_id"] == made.shown["id"]
    assert made.shown["id"] in second.json()["detail"]
    assert "{" not in second.json()["detail"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_a_request_that_is_sent_again_gives_the_first_answer(
    clerk: httpx.AsyncClient, household_id: str, kind: Kind[Any]
) -> None:
    sent, headers = example(kind, household_id) | {"id": CHOSEN}, {"Idempotency-Key": "once"}
    first, again = [await clerk.post(kind.address, json=sent, headers=headers) for _ in range(2)]
    assert (first.status_code, first.json()["id"]) == (201, CHOSEN)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["location"] == first.headers["location"]


async def test_an_id_is_taken_once(clerk: httpx.AsyncClient, made: Made) -> None:
    taken = await clerk.post(made.kind.address, json=made.sent | {"id": made.shown["id"]})
    assert taken.status_code == 409
    bad = await clerk.post(made.kind.address, json=made.sent | {"id": "7"})
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/id")


@pytest.fixture
async def another(clerk: httpx.AsyncClient, clock: FrozenClock, made: Made) -> dict[str, Any]:
    """A second record of the kind, made later, that stands for something else."""
    clock.advance(timedelta(minutes=1))
    sent = dict(made.sent)
    if "household_id" in sent:
        home = await clerk.post("/v1/households", json=household(number="CA-2"))
        sent["household_id"] = home.json()["id"]
    else:
        sent["year"] -= 1
    answer = await clerk.post(made.kind.address, json=sent)
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_lists_stand_in_every_order_and_page_by_page(
    clerk: httpx.AsyncClient, made: Made, another: dict[str, Any]
) -> None:
    kind = made.kind
    table, both = kind.table, (made.shown, another)
    async with clerk._transport.app.state.database.session() as session:  # type: ignore[attr-defined]
        rows = {str(row.id): row for row in await session.scalars(select(table))}
    for order, columns in kind.orders.items():
        keys = {each["id"]: [getattr(rows[each["id"]], by.key) for by in columns] for each in both}
        expected = sorted(keys, key=lambda one: keys[one], reverse=order.startswith("-"))
        found, params = [], {"sort": order, "limit": "1"}
        while True:
            page = (await clerk.get(kind.address, params=params)).json()
            found += [one["id"] for one in page["items"]]
            if page["next"] is None:
                break
            params["cursor"] = page["next"]
        assert found == expected, order
    assert (await clerk.get(kind.address, params={"sort": "amount"})).status_code == 422


async def test_lists_narrow_by_every_member(
    clerk: httpx.AsyncClient, made: Made, another: dict[str, Any]
) -> None:
    kind, identity = made.kind, {"external_source": "relief", "external_id": "Z-7"}
    at = f"{kind.address}/external/relief/Z-7"
    put = await clerk.put(at, json=made.sent | {"id": made.shown["id"]})
    assert put.status_code == 200, put.text
    shown = [made.shown | identity, another | {"external_source": None, "external_id": None}]
    for each in fields(kind.narrowing()):
        if each.name in {"division", "voided"}:
            continue
        values = [_narrowed_by(each.name, one) for one in shown]
        asked = {each.name: str(values[0]).lower() if isinstance(values[0], bool) else values[0]}
        found = {one["id"] for one in (await clerk.get(kind.address, params=asked)).json()["items"]}
        same = {one["id"] for one, value in zip(shown, values, strict=True) if value == values[0]}
        assert found == same, each.name
        if each.name in EXCLUDING:
            asked = {each.name: EXCLUDING[each.name]}
            none = (await clerk.get(kind.address, params=asked)).json()["items"]
            assert none == [], each.name


EXCLUDING = {
    "household_id": CHOSEN,
    "year": "2001",
    "figure": "low_income_disposable_income",
    "source": "property",
    "guarantee": "water",
    "period_from": "2001-01-01",
    "period_to": "2001-12-31",
    "checked_from": "2020-10-01",
    "checked_to": "2001-01-01",
    "relatively_weak": "false",
    "external_source": "other",
    "external_id": "Z-8",
}
"""What no example of a kind has: a list that is narrowed to it is empty."""


def test_each_narrowing_is_tried_with_what_excludes() -> None:
    asked = {each.name for kind in KINDS for each in fields(kind.narrowing())}
    assert asked - {"division", "voided"} == EXCLUDING.keys()


def _narrowed_by(name: str, shown: dict[str, Any]) -> Any:
    """Return the value by which a list is narrowed to what is shown."""
    if name == "checked_from":
        return shown["checked_on"]
    if name == "checked_to":
        return str(date.fromisoformat(shown["checked_on"]) + timedelta(days=1))
    if name in {"period_from", "period_to"}:
        return shown["period"][name.removeprefix("period_")]
    return shown[name]


async def test_another_county_has_none_of_it(
    registry_app: FastAPI, token: TokenMaker, made: Made
) -> None:
    address = made.kind.address
    async with client_of(registry_app, token(*Scope, division=OTHER_COUNTY)) as outsider:
        assert (await outsider.get(made.at)).status_code == 404
        assert (await outsider.get(f"{made.at}/history")).status_code == 404
        assert (await outsider.patch(made.at, **made.amendment)).status_code == 404
        assert (await outsider.get(address)).json()["items"] == []
        for inside in "330127000000", "330000000000":
            answer = await outsider.get(address, params={"division": inside})
            assert answer.status_code == 404
        assert (await outsider.post(address, json=made.sent)).status_code == 404


async def test_only_who_may_reads_and_writes(
    registry_app: FastAPI, token: TokenMaker, made: Made
) -> None:
    address = made.kind.address
    async with client_of(registry_app) as nobody, client_of(registry_app, token()) as unscoped:
        for client, status in (nobody, 401), (unscoped, 403):
            for path in address, made.at, f"{made.at}/history":
                assert (await client.get(path)).status_code == status
            assert (await client.post(address, json=made.sent)).status_code == status
            assert (await client.patch(made.at, **made.amendment)).status_code == status
    async with client_of(registry_app, token(made.kind.reader)) as reader:
        assert (await reader.get(made.at)).status_code == 200
        assert (await reader.post(address, json=made.sent)).status_code == 403
        assert (await reader.patch(made.at, **made.amendment)).status_code == 403


async def test_what_the_kind_has_not_is_refused_by_name(
    clerk: httpx.AsyncClient, made: Made
) -> None:
    answer = await clerk.post(made.kind.address, json=made.sent | {"colour": "red"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/colour")
    for own in ("id", "version", "village_code", "recorded_by"):
        if own not in made.kind.content.model_fields:
            patch = {**made.amendment, "json": {own: "1"}}
            assert (await clerk.patch(made.at, **patch)).status_code == 422, own
