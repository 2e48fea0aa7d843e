"""What changed since the run before, and how a subject was judged over time."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.registry.main import create_app as create_registry
from services.registry.scopes import Scope as RegistryScope
from services.registry.settings import RegistrySettings
from services.rules.determinations.places import take_along
from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of, running
from shared.testing.databases import Databases
from shared.testing.plugin import TokenMaker, settings_for
from shared.web.work import Work
from tests.registry.samples import (
    VILLAGE,
    guarantee_check,
    household,
    identity_number,
    income_entry,
    member,
)
from tests.rules.bureau import (
    COUNTY,
    DATA_KEYS,
    OTHER_COUNTY,
    Bureau,
    opened_bureau,
    served,
)

EARLIER, LATER = "2020-09-01", "2020-10-15"
SOURCES = {
    "wages": "other_wages",
    "business": "other_business",
    "property": "other_property",
    "transfers": "other_transfers",
}


class Register:
    """A clerk who records what the tests need."""

    def __init__(self, clerk: httpx.AsyncClient) -> None:
        self._clerk = clerk

    async def record(self, path: str, body: dict[str, Any]) -> str:
        answer = await self._clerk.post(path, json=body)
        assert answer.status_code == 201, answer.text
        made: str = answer.json()["id"]
        return made

    async def household(self, number: str) -> str:
        made = await self.record("/v1/households", household(number=number, phone=None))
        document = identity_number(sequence=f"{2 * int(number[3:]) + 1:03}")
        await self.record("/v1/members", member(made, document_number=document))
        return made

    async def earn(self, household_id: str, wages: str, year: int) -> None:
        period = {"from": f"{year - 1}-10-01", "to": f"{year}-10-01"}
        for source, item in SOURCES.items():
            amount = wages if source == "wages" else "0.00"
            entry = income_entry(household_id, source=source, item=item, amount=amount)
            await self.record("/v1/income-entries", entry | {"period": period})

    async def earners(self, count: int, wages: str, year: int) -> list[str]:
        homes = [await self.household(f"CA-{number}") for number in range(count)]
        for home in homes:
            await self.earn(home, wages, year)
        return homes


@pytest.fixture
async def village(
    databases: Databases, issuer: LocalIssuer, token: TokenMaker
) -> AsyncIterator[tuple[Bureau, Register]]:
    """A bureau on a registry of its own, and the clerk who fills it."""
    clerk = token(*RegistryScope, division=COUNTY, subject="clerk")
    reader = token("facts:read", "divisions:read")
    with databases.clone("registry") as address:
        settings = settings_for(RegistrySettings, address, issuer.public_keys, data_keys=DATA_KEYS)
        async with (
            served(address, issuer, reader) as registry,
            running(create_registry(settings)) as app,
            client_of(app, clerk) as client,
            opened_bureau(databases, issuer, token, registry) as bureau,
        ):
            yield bureau, Register(client)


async def test_a_run_says_who_flipped_since_the_one_before(
    village: tuple[Bureau, Register],
) -> None:
    bureau, register = village
    first = await register.household("CA-1")
    await register.household("CA-2")
    before = await bureau.run(COUNTY)
    assert before["compared_with"] is None
    await register.record("/v1/guarantee-checks", guarantee_check(first))
    newcomer = await register.household("CA-3")
    after = await bureau.run(COUNTY)
    assert after["compared_with"] == before["id"]
    path = f"/v1/runs/{after['id']}"
    flips = await bureau.everything(f"{path}/flips")
    housing = [one for one in flips if one["rule"] == "household.housing"]
    assert [(one["id"], one["before"], one["after"]) for one in housing] == [
        (first, "undetermined", "not_met")
    ]
    assert newcomer not in {one["id"] for one in flips}
    narrowed = {"rule": "household.housing", "from": "undetermined", "to": "not_met"}
    assert await bureau.everything(f"{path}/flips", **narrowed) == housing
    assert await bureau.everything(f"{path}/flips", to="met", rule="household.housing") == []
    counts = await bureau.read(f"{path}/flip-counts")
    assert {
        "division": VILLAGE[:9] + "000",
        "rule": "household.housing",
        "before": "undetermined",
        "after": "not_met",
        "subjects": 1,
    } in counts
    assert sum(one["subjects"] for one in counts) == len(flips)
    again = await bureau.run(COUNTY, compare_with=before["id"])
    assert again["compared_with"] == before["id"]
    assert await bureau.everything(f"/v1/runs/{again['id']}/flips") == flips


async def test_jumps_and_identical_incomes_are_found(village: tuple[Bureau, Register]) -> None:
    bureau, register = village
    homes = await register.earners(4, "4000.00", 2019)
    before = await bureau.run(COUNTY, EARLIER)
    assert before["counts"]["households"] == 4
    for home in homes[:3]:
        await register.earn(home, "8018.00", 2020)
    await register.earn(homes[3], "5999.99", 2020)
    after = await bureau.run(COUNTY, LATER)
    findings = await bureau.everything(f"/v1/runs/{after['id']}/findings")
    found = {one["check"]: one for one in findings}
    jump = found["income_jump"]
    assert (jump["division"], jump["subjects"]) == (VILLAGE, sorted(homes[:3]))
    assert jump["figures"] == {"households": 3, "percent": 50, "since": EARLIER}
    alike = found["identical_incomes"]
    assert alike["subjects"] == sorted(homes[:3])
    assert alike["figures"]["recorder"] == "clerk"
    assert alike["figures"]["lines"]["wages_income"] == "8018.00"
    assert "3 户" in alike["words"]["zh"]
    assert "3 households" in alike["words"]["en"]


async def test_who_has_left_is_counted_and_named_no_more(village: tuple[Bureau, Register]) -> None:
    bureau, register = village
    homes = await register.earners(3, "8018.00", 2020)
    run = await bureau.run(COUNTY, LATER)
    async with bureau.database.session() as session:
        work = Work(session, "service:rules", bureau.clock.now(), "moving")
        await take_along(work, {homes[0]: OTHER_COUNTY[:6] + "100001"})
    findings = await bureau.everything(f"/v1/runs/{run['id']}/findings", COUNTY)
    (alike,) = (one for one in findings if one["check"] == "identical_incomes")
    assert alike["subjects"] == sorted(homes[1:])
    assert alike["figures"]["households"] == 3


async def test_a_subjects_outcomes_are_told_over_time(village: tuple[Bureau, Register]) -> None:
    bureau, register = village
    home = await register.household("CA-1")
    first = await bureau.run(COUNTY, EARLIER)
    await register.record("/v1/guarantee-checks", guarantee_check(home, checked_on="2020-09-10"))
    bureau.clock.advance(timedelta(minutes=1))
    body = {"subject": {"kind": "household", "id": home}, "as_of": LATER, "purpose": "年度清零认定"}
    async with bureau.caller() as client:
        kept = await client.post("/v1/determinations", json=body)
        assert kept.status_code == 201, kept.text
    bureau.clock.advance(timedelta(minutes=1))
    second = await bureau.run(COUNTY, LATER)
    past = await bureau.everything("/v1/outcomes", kind="household", id=home)
    assert [(one["source"], one["source_id"]) for one in past] == [
        ("run", second["id"]),
        ("determination", kept.json()["id"]),
        ("run", first["id"]),
    ]
    outcomes = [one["outcomes"]["household.housing"] for one in past]
    assert outcomes == ["not_met", "not_met", "undetermined"]
    page = await bureau.read("/v1/outcomes", kind="household", id=home, limit=1, count="true")
    assert page["total"] == 3
    following = await bureau.read(
        "/v1/outcomes", kind="household", id=home, limit=1, cursor=page["next"]
    )
    assert [one["items"][0] for one in (page, following)] == past[:2]
    assert await bureau.everything("/v1/outcomes", OTHER_COUNTY, kind="household", id=home) == []
    assert await bureau.everything("/v1/outcomes", kind="household", id=home.upper()) == past
    explained = await bureau.read(f"/v1/runs/{second['id']}/subjects/household/{home.upper()}")
    assert explained["id"] == home


@pytest.mark.parametrize(
    ("kind", "subject", "refusal"),
    [("household", "3", "household-id"), ("village", "3", "division-not-twelve-digits")],
)
async def test_an_id_that_nobody_has_is_not_taken_for_one_without_outcomes(
    bureau: Bureau, kind: str, subject: str, refusal: str
) -> None:
    async with bureau.caller() as client:
        answer = await client.get("/v1/outcomes", params={"kind": kind, "id": subject})
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json()["errors"]] == [refusal]
