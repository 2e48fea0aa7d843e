"""The facts statement: what is recorded is stated, what is not stays absent."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.registry.scopes import Scope
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker
from tests.registry.conftest import CHUNAN
from tests.registry.samples import (
    VILLAGE,
    circumstances,
    guarantee_check,
    income_entry,
    member,
)

AS_OF = "2020-09-30"


async def facts_of(client: httpx.AsyncClient, household_id: str, **query: str) -> dict[str, Any]:
    answer = await client.get(
        f"/v1/facts/households/{household_id}", params={"as_of": AS_OF} | query
    )
    assert answer.status_code == 200, answer.text
    facts: dict[str, Any] = answer.json()["facts"]
    return facts


async def post(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_nothing_recorded_is_nothing_stated(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    facts = await facts_of(clerk, household_id)
    assert facts == {
        "household_category": {"value": "dibao", "date": None, "recorded_by": "clerk"},
        "days_since_size_change": {"value": 365, "date": None, "recorded_by": "clerk"},
    }


async def test_income_of_the_latest_year_that_has_ended(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    for year, amount, recurring in (
        (2018, "9.00", True),
        (2019, "12000.00", True),
        (2019, "0.50", False),
    ):
        period = {"from": f"{year}-01-01", "to": f"{year + 1}-01-01"}
        entry = income_entry(household_id, amount=amount, period=period, recurring=recurring)
        await post(clerk, "/v1/income-entries", entry)
    facts = await facts_of(clerk, household_id)
    assert facts["wages_income"] == {
        "value": "12000.50",
        "date": "2020-01-01",
        "recorded_by": "clerk",
    }
    assert facts["one_off_income"]["value"] == "0.50"
    assert "business_income" not in facts
    earlier = await facts_of(clerk, household_id, as_of="2019-12-31")
    assert earlier["wages_income"]["value"] == "9.00"


@pytest.mark.parametrize(
    ("changes", "stated"),
    [
        ({"school_status": "in_school"}, 0),
        ({"school_status": "out_of_school", "dropout_reason": "unwilling"}, 1),
        ({"school_status": "out_of_school", "dropout_reason": "health"}, 0),
        ({"school_status": "out_of_school", "dropout_reason": None}, None),
        ({"school_status": None}, None),
        ({"school_status": "not_enrolled"}, 1),
    ],
)
async def test_children_out_of_school_by_the_roll(
    clerk: httpx.AsyncClient, household_id: str, changes: dict[str, Any], stated: int | None
) -> None:
    child = member(household_id) | {
        "document_type": "other",
        "document_number": "C-1",
        "birth_date": "2010-05-01",
    }
    await post(clerk, "/v1/members", child | changes)
    facts = await facts_of(clerk, household_id)
    assert facts["household_size"]["value"] == 1
    assert facts.get("children_out_of_school", {}).get("value") == stated


async def test_the_latest_check_by_the_day_counts(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    for day, grade in (("2020-06-10", "C"), ("2020-08-20", "A")):
        check = guarantee_check(household_id, checked_on=day) | {
            "guarantee": "housing",
            "evidence": {"grade": grade, "only_home": True},
        }
        await post(clerk, "/v1/guarantee-checks", check)
    assert (await facts_of(clerk, household_id))["housing_grade"]["value"] == "A"
    before = await facts_of(clerk, household_id, as_of="2020-07-01")
    assert before["housing_grade"] == {"value": "C", "date": "2020-06-10", "recorded_by": "clerk"}
    assert "food_shortage" not in before


async def test_one_and_many_state_the_same(clerk: httpx.AsyncClient, household_id: str) -> None:
    await post(clerk, "/v1/income-entries", income_entry(household_id))
    one = (await clerk.get(f"/v1/facts/households/{household_id}?as_of={AS_OF}")).json()
    unknown = "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"
    many = await clerk.post(
        "/v1/facts/households:lookup", json={"ids": [household_id, unknown], "as_of": AS_OF}
    )
    assert many.json() == {"items": [one], "missing": [unknown]}


async def test_villages_state_this_year_and_the_last(
    clerk: httpx.AsyncClient,
) -> None:
    for year in (2018, 2019):
        line = {"source": "leasing", "amount": f"{year}.00", "operating": True, "recurring": True}
        account = {
            "village_code": "330127100219",
            "year": year,
            "relatively_weak": True,
            "lines": [line],
        }
        await post(clerk, "/v1/village-accounts", account)
    answer = await clerk.get(f"/v1/facts/villages/330127100219?as_of={AS_OF}")
    facts = answer.json()["facts"]
    assert facts["total_income"]["value"] == "2019.00"
    assert facts["total_income"]["date"] == "2019-12-31"
    assert facts["previous_operating_income"]["value"] == "2018.00"
    assert facts["relatively_weak"]["value"] is True


async def test_the_lowest_standard_is_unknown_until_every_county_has_one(
    clerk: httpx.AsyncClient,
) -> None:
    path = f"/v1/facts/divisions/330127000000?as_of={AS_OF}"
    assert (await clerk.get(path)).json()["facts"] == {}
    figure = {
        "division": "330127000000",
        "figure": "dibao_monthly_standard",
        "year": 2020,
        "amount": "810.00",
    }
    await post(clerk, "/v1/division-figures", figure)
    facts = (await clerk.get(path)).json()["facts"]
    assert facts["lowest_dibao_annual_standard"]["value"] == "9720.00"


async def test_other_counties_facts_do_not_exist(
    registry_app: FastAPI, token: TokenMaker, household_id: str
) -> None:
    async with client_of(registry_app, token(*Scope, division="330324000000")) as outsider:
        one = await outsider.get(f"/v1/facts/households/{household_id}?as_of={AS_OF}")
        many = await outsider.post(
            "/v1/facts/households:lookup", json={"ids": [household_id], "as_of": AS_OF}
        )
        stream = await outsider.get(f"/v1/facts/households?division=330127000000&as_of={AS_OF}")
        assert (one.status_code, stream.status_code) == (404, 404)
        assert many.json() == {"items": [], "missing": [household_id]}


async def test_a_member_of_whom_something_is_unknown_hides_no_other(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    await post(clerk, "/v1/members", member(household_id, medical_insurance="none"))
    facts = await facts_of(clerk, household_id)
    assert facts["uninsured_members"] == {"value": 1, "date": None, "recorded_by": "clerk"}
    assert facts["children_out_of_school"]["value"] == facts["students"]["value"] == 0
    unknown = {"document_type": "other", "document_number": "C-1", "relation_to_head": "child"}
    await post(clerk, "/v1/members", member(household_id, **unknown))
    facts = await facts_of(clerk, household_id)
    assert facts.keys() == {
        "household_category",
        "days_since_size_change",
        "household_size",
        "heads",
        "school_status_mismatches",
        "uninsured_members",
    }
    assert facts["household_size"]["value"] == 2
    assert facts["uninsured_members"]["value"] == 1


async def test_only_villages_of_a_villagers_committee_are_stated(clerk: httpx.AsyncClient) -> None:
    residents_committee = "330127100002"
    asked = {"ids": [VILLAGE, residents_committee], "as_of": AS_OF}
    answer = (await clerk.post("/v1/facts/villages:lookup", json=asked)).json()
    assert [item["subject"]["id"] for item in answer["items"]] == [VILLAGE]
    assert answer["missing"] == [residents_committee]
    one = await clerk.get(f"/v1/facts/villages/{residents_committee}?as_of={AS_OF}")
    assert one.status_code == 404


async def test_incomes_of_a_division_are_those_of_the_years_before(
    clerk: httpx.AsyncClient,
) -> None:
    for year, amount in ((2017, "9000.00"), (2018, "10000.00"), (2019, "11000.00")):
        figure = {"figure": "low_income_disposable_income", "year": year, "amount": amount}
        await post(clerk, "/v1/division-figures", {"division": CHUNAN} | figure)
    facts = (await clerk.get(f"/v1/facts/divisions/{CHUNAN}?as_of={AS_OF}")).json()["facts"]
    assert facts == {
        "low_income_disposable_income": {
            "value": "11000.00",
            "date": "2019-12-31",
            "recorded_by": "clerk",
        },
        "previous_low_income_disposable_income": {
            "value": "10000.00",
            "date": "2018-12-31",
            "recorded_by": "clerk",
        },
    }


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 422, "missing"),
        ("?as_of=2020-13-01", 422, "date-malformed"),
        ("?as_of=2020-09-30T00:00:00", 422, "date-parsing"),
        (f"?as_of={AS_OF}&known_at=2020-10-01", 400, "unknown-parameter"),
    ],
)
async def test_facts_are_asked_for_as_of_one_day(
    clerk: httpx.AsyncClient, household_id: str, query: str, status: int, code: str
) -> None:
    for path in (f"/v1/facts/households/{household_id}", "/v1/facts/villages"):
        answer = await clerk.get(path + query)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)


async def test_at_most_a_thousand_are_looked_up_at_once(clerk: httpx.AsyncClient) -> None:
    asked = {"ids": [VILLAGE] * 1001, "as_of": AS_OF}
    answer = await clerk.post("/v1/facts/villages:lookup", json=asked)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "too-long")


@pytest.mark.parametrize("as_of", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("path", ["villages/330127100219", "divisions/330127000000", "households"])
async def test_the_ends_of_the_calendar_are_refused(
    clerk: httpx.AsyncClient, path: str, as_of: str
) -> None:
    answer = await clerk.get(f"/v1/facts/{path}?as_of={as_of}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "date-malformed"


async def test_the_latest_check_of_circumstances_counts_as_a_whole(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    whole = {"cars": 1, "rigid_spending": "11000.00", "commission_signed": True}
    await post(clerk, "/v1/circumstances", circumstances(household_id, **whole))
    later = circumstances(household_id, checked_on="2020-09-01", cars=0, commission_signed=True)
    await post(clerk, "/v1/circumstances", later)
    facts = await facts_of(clerk, household_id)
    assert facts["cars"] == {"value": 0, "date": "2020-09-01", "recorded_by": "clerk"}
    assert "rigid_spending" not in facts
    before = await facts_of(clerk, household_id, as_of="2020-08-31")
    assert before["rigid_spending"]["value"] == "11000.00"


async def test_the_year_before_is_stated_once_each_source_of_it_is_known(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    await post(clerk, "/v1/income-entries", income_entry(household_id))
    period = {"from": "2018-01-01", "to": "2019-01-01"}
    for source, item, amount, recurring in (
        ("wages", "public_post", "9000.00", True),
        ("transfers", "dibao_allowance", "3000.00", True),
        ("property", "other_property", "0.00", True),
        ("business", "other_business", "800.00", True),
        ("business", "other_business", "500.00", False),
    ):
        entry = {"source": source, "item": item, "amount": amount, "recurring": recurring}
        await post(clerk, "/v1/income-entries", income_entry(household_id, period=period) | entry)
    assert "previous_stable_net_income" not in await facts_of(clerk, household_id)
    spent = {"source": "expenses", "item": "business_expenses", "amount": "300.00"}
    await post(clerk, "/v1/income-entries", income_entry(household_id, period=period) | spent)
    facts = await facts_of(clerk, household_id)
    assert facts["previous_stable_net_income"] == {
        "value": "12500.00",
        "date": None,
        "recorded_by": "clerk",
    }
    assert facts["public_post_income"]["value"] == "12000.00"
    assert "dibao_allowance_income" not in facts
    before = await facts_of(clerk, household_id, as_of="2019-12-31")
    assert before["dibao_allowance_income"]["value"] == "3000.00"
    assert before["extreme_poverty_allowance_income"]["value"] == "0.00"
