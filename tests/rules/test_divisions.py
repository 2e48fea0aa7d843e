"""Whatever takes a division refuses one that does not exist, or lies outside the caller's own."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.rules.clients.divisions import KnownDivisions
from services.rules.clients.registry import DivisionName, RegistryClient
from shared.problems import DependencyUnavailable, NotFound
from shared.security.access import Caller
from shared.testing.clock import FrozenClock
from shared.values.bilingual import Bilingual
from tests.rules.conftest import COUNTY, VILLAGE, CallerMaker
from tests.rules.fakes import FakeRegistry

NOWHERE, ELSEWHERE = "330127999999", "340100000000"
AS_OF = "2020-10-15"
NAMES = ("division", "county")
FILLED = {
    "run_id": "00000000-0000-7000-8000-000000000000",
    "release_id": "00000000-0000-7000-8000-000000000000",
    "kind": "household",
    "subject_id": "00000000-0000-7000-8000-000000000000",
    "rule": "household.income_line",
    "name": "income_line",
}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/evaluations": {"subject_kind": "household", "as_of": AS_OF, "facts": {}},
    "/v1/what-ifs": {
        "subject_kind": "household",
        "as_of": AS_OF,
        "changes": {"facts": {"household_size": {"value": 2}}},
    },
    "/v1/runs": {"as_of": AS_OF},
}


DOCUMENT = json.loads(Path("services/rules/openapi.json").read_text(encoding="utf-8"))


def addresses() -> Iterator[tuple[str, str]]:
    """Every GET with a division in its address, and the name that it has there."""
    for path, methods in DOCUMENT["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", ()):
            if parameter["name"] in NAMES and not path.startswith(("/v1/jobs", "/v1/events")):
                yield path, parameter["name"]


def bodies() -> set[str]:
    """Every POST whose body has a division."""
    found = set()
    for path, methods in DOCUMENT["paths"].items():
        content = methods.get("post", {}).get("requestBody", {}).get("content", {})
        for one in content.values():
            name = one.get("schema", {}).get("$ref", "").rpartition("/")[2]
            if "division" in DOCUMENT["components"]["schemas"].get(name, {}).get("properties", {}):
                found.add(path)
    return found


def test_every_body_with_a_division_is_tried() -> None:
    assert bodies() == BODIES.keys()


@pytest.mark.parametrize("code", [NOWHERE, ELSEWHERE])
async def test_no_address_takes_a_division_that_is_not_the_callers(
    caller: CallerMaker, registry: FakeRegistry, code: str
) -> None:
    registry.record("household", "one", VILLAGE)
    found = list(addresses())
    assert len(found) > 5
    for path, name in found:
        address = path.replace(f"{{{name}}}", code)
        for part, value in FILLED.items():
            address = address.replace(f"{{{part}}}", value)
        asked = {"as_of": AS_OF} if "as_of" in str(DOCUMENT["paths"][path]["get"]) else {}
        asked |= {} if address != path and code in address else {name: code}
        if path == "/v1/outcomes":
            asked |= {"kind": "household", "id": "one"}
        answer = await caller(division=COUNTY).get(address, params=asked)
        assert answer.status_code == 404, (path, answer.text)
        assert code in answer.json()["detail"], (path, answer.text)


@pytest.mark.parametrize("code", [NOWHERE, ELSEWHERE])
@pytest.mark.parametrize("path", BODIES)
async def test_no_body_takes_a_division_that_is_not_the_callers(
    caller: CallerMaker, registry: FakeRegistry, path: str, code: str
) -> None:
    registry.record("household", "one", VILLAGE)
    answer = await caller(division=COUNTY).post(path, json=BODIES[path] | {"division": code})
    assert answer.status_code == 404, answer.text
    assert code in answer.json()["detail"]


class Away(FakeRegistry):
    """A registry that can go away."""

    away = False

    async def division(self, code: str) -> DivisionName | None:
        if self.away:
            raise DependencyUnavailable(Bilingual("", ""))
        return await super().division(code)


CLERK = Caller("clerk", "clerk", COUNTY, frozenset())


async def test_a_division_stands_from_its_first_day_to_the_day_before_its_last(
    clock: FrozenClock,
) -> None:
    class Dated(RegistryClient):
        def __init__(self) -> None:
            pass

        async def division(self, code: str) -> DivisionName | None:
            return DivisionName(
                code=code, name="", level="county", valid_from="2015-01-01", valid_to="2021-01-01"
            )

    known = KnownDivisions(Dated(), clock, timedelta(minutes=10))
    for day, stands in (
        (date(2014, 12, 31), False),
        (date(2015, 1, 1), True),
        (date(2020, 12, 31), True),
        (date(2021, 1, 1), False),
    ):
        if stands:
            await known.require(CLERK, COUNTY, day)
        else:
            with pytest.raises(NotFound):
                await known.require(CLERK, COUNTY, day)
    await known.require(CLERK, COUNTY)


async def test_what_the_registry_named_is_known_while_it_is_away(
    clock: FrozenClock, registry: FakeRegistry
) -> None:
    away = Away(registry.dictionary)
    away.record("household", "one", VILLAGE)
    known = KnownDivisions(away, clock, timedelta(0))
    await known.require(CLERK, COUNTY)
    away.away = True
    await known.require(CLERK, COUNTY)
    with pytest.raises(DependencyUnavailable):
        await known.require(CLERK, VILLAGE)
    away.away = False
    with pytest.raises(NotFound):
        await known.require(CLERK, NOWHERE)
