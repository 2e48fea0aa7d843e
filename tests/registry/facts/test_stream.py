"""The facts of a division as an Arrow stream: which rows, which columns."""

import io
from datetime import date
from typing import Any

import httpx
import polars as pl
import pytest

from services.registry.facts.columns import FACTS, stated_columns
from services.registry.facts.stream import MEDIA_TYPE
from tests.registry.facts.test_facts import AS_OF, facts_of, post
from tests.registry.samples import VILLAGE, circumstances, household, income_entry


async def streamed(client: httpx.AsyncClient, kind: str, **query: Any) -> pl.DataFrame:
    answer = await client.get(f"/v1/facts/{kind}", params={"as_of": AS_OF} | query)
    assert answer.status_code == 200, answer.text
    return pl.read_ipc_stream(io.BytesIO(answer.content))


async def test_the_stream_offers_arrow_only(clerk: httpx.AsyncClient) -> None:
    path = f"/v1/facts/households?as_of={AS_OF}"
    refused = await clerk.get(path, headers={"Accept": "application/json"})
    assert refused.status_code == 406
    assert refused.json()["type"].endswith("not-acceptable")


async def test_the_stream_has_a_row_a_household(committed_clerk: httpx.AsyncClient) -> None:
    made = await post(committed_clerk, "/v1/households", household())
    await post(committed_clerk, "/v1/income-entries", income_entry(made["id"]))
    answer = await committed_clerk.get(
        f"/v1/facts/households?as_of={AS_OF}", headers={"Accept": MEDIA_TYPE}
    )
    frame = pl.read_ipc_stream(io.BytesIO(answer.content))
    assert frame.columns == stated_columns("household")
    row = frame.to_dicts()[0]
    stated = await facts_of(committed_clerk, made["id"])
    assert row["household_id"] == made["id"]
    assert row["wages_income"] == 1_200_000
    known = {fact.name for fact in FACTS["household"] if row[fact.name] is not None}
    assert known == stated.keys()
    villages = await committed_clerk.get(f"/v1/facts/villages?as_of={AS_OF}")
    assert pl.read_ipc_stream(io.BytesIO(villages.content)).height > 300


async def test_the_stream_gives_only_the_facts_asked_for_and_their_dates(
    committed_clerk: httpx.AsyncClient,
) -> None:
    made = await post(committed_clerk, "/v1/households", household())
    await post(committed_clerk, "/v1/income-entries", income_entry(made["id"]))
    found = circumstances(made["id"], cars=1, commission_signed=True)
    await post(committed_clerk, "/v1/circumstances", found)
    asked = await streamed(
        committed_clerk, "households", fact=["wages_income", "household_size", "cars"]
    )
    assert asked.to_dicts() == [
        {
            "household_id": made["id"],
            "village_code": VILLAGE,
            "household_size": None,
            "wages_income": 1_200_000,
            "cars": 1,
            "income_period_to": date(2020, 1, 1),
            "circumstances_checked_on": date(2020, 8, 20),
        }
    ]
    villages = await streamed(committed_clerk, "villages", fact="relatively_weak")
    assert villages.columns == ["village_code", "relatively_weak", "accounts_closed_on"]


async def test_the_stream_names_recorders_when_asked(
    committed_clerk: httpx.AsyncClient,
) -> None:
    made = await post(committed_clerk, "/v1/households", household())
    await post(committed_clerk, "/v1/income-entries", income_entry(made["id"]))
    asked = await streamed(
        committed_clerk, "households", fact=["wages_income", "household_category"], recorders=True
    )
    [row] = asked.to_dicts()
    assert (row["household_recorded_by"], row["income_recorded_by"]) == ("clerk", "clerk")
    whole = await streamed(committed_clerk, "households", recorders=True)
    assert whole.columns == stated_columns("household", recorders=True)


@pytest.mark.parametrize(
    ("kind", "fact"),
    [("households", "happiness"), ("households", ""), ("villages", "wages_income")],
)
async def test_a_fact_that_is_not_stated_cannot_be_asked_for(
    clerk: httpx.AsyncClient, kind: str, fact: str
) -> None:
    answer = await clerk.get(f"/v1/facts/{kind}", params={"as_of": AS_OF, "fact": fact})
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["code"] == "unknown-fact"
    assert "total_income" in str(error) or "household_size" in str(error)
