"""Division figures over HTTP: recorded one by one and in batches, amended, and who may."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.testing.clock import FrozenClock
from tests.registry.samples import MERGE, figure

COUNTY = "330127000000"
TOWNSHIP = "330127100000"


async def amend(client: httpx.AsyncClient, address: str, **changes: Any) -> httpx.Response:
    return await client.patch(address, json=changes, headers={**MERGE, "If-Match": '"1"'})


@pytest.fixture
async def recorded(clerk: httpx.AsyncClient) -> httpx.Response:
    answer = await clerk.post("/v1/division-figures", json=figure())
    assert answer.status_code == 201, answer.text
    return answer


async def test_recorded_figure_is_read_back(
    clerk: httpx.AsyncClient, recorded: httpx.Response
) -> None:
    read = await clerk.get(recorded.headers["location"])
    assert read.json() == recorded.json()
    assert read.headers["etag"] == recorded.headers["etag"] == '"1"'
    assert read.json()["amount"] == "700.00"


async def test_a_figure_of_a_year_is_recorded_once(
    clerk: httpx.AsyncClient, recorded: httpx.Response
) -> None:
    again = await clerk.post("/v1/division-figures", json=figure(amount="710.00"))
    assert again.status_code == 409
    assert again.json()["type"].endswith("figure-already-recorded")
    assert again.json()["division_figure_id"] == recorded.json()["id"]
    other = await clerk.post("/v1/division-figures", json=figure(year=2019))
    moved = await amend(clerk, other.headers["location"], year=2020)
    assert moved.status_code == 409


async def test_amended_figure_keeps_its_past(
    clerk: httpx.AsyncClient, recorded: httpx.Response, clock: FrozenClock
) -> None:
    address, moment = recorded.headers["location"], clock.now()
    clock.advance(timedelta(hours=1))
    amended = await amend(clerk, address, amount="720.00", source=None)
    assert (amended.json()["amount"], amended.json()["source"]) == ("720.00", None)
    assert (await amend(clerk, address, amount="730.00")).status_code == 412
    then = await clerk.get(address, params={"known_at": moment.isoformat()})
    assert then.json() == recorded.json()
    history = (await clerk.get(f"{address}/history")).json()["items"]
    assert history[1]["changes"]["amount"] == {"from": "700.00", "to": "720.00"}
    assert history[1]["type"] == "qingling.registry.division_figure.amended"


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"amount": 700.5}, "/amount", "money-not-text"),
        ({"amount": "-1.00"}, "/amount", "money-negative"),
        ({"amount": "100000000.00"}, "/amount", "money-too-large"),
        ({"figure": "happiness"}, "/figure", "unknown-code"),
        ({"year": 1999}, "/year", "greater-than-equal"),
        ({"year": 2101}, "/year", "less-than-equal"),
        ({"year": "2020"}, "/year", "int-type"),
        ({"year": 2013}, "/division", "not-a-division"),
        ({"division": "330127999000"}, "/division", "not-a-division"),
        ({"figure": "low_income_disposable_income"}, "/year", "figure-not-yet-measured"),
    ],
)
async def test_a_figure_that_cannot_be_is_refused(
    clerk: httpx.AsyncClient, changes: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await clerk.post("/v1/division-figures", json=figure(**changes))
    assert answer.status_code == 422, answer.text
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]


async def test_lists_narrow_and_page(clerk: httpx.AsyncClient, recorded: httpx.Response) -> None:
    for changes in ({"year": 2019}, {"division": TOWNSHIP}):
        await clerk.post("/v1/division-figures", json=figure(**changes))

    async def found(query: str) -> list[tuple[str, int]]:
        answer = await clerk.get(f"/v1/division-figures?{query}")
        assert answer.status_code == 200, answer.text
        return [(item["division"], item["year"]) for item in answer.json()["items"]]

    assert await found("year=2019") == [(COUNTY, 2019)]
    assert await found(f"division={TOWNSHIP}") == [(TOWNSHIP, 2020)]
    assert await found("figure=low_income_disposable_income") == []
    assert (await found("sort=-year"))[-1] == (COUNTY, 2019)
    seen: list[str] = []
    following = "/v1/division-figures?limit=1"
    while following:
        page = await clerk.get(following)
        seen += [item["id"] for item in page.json()["items"]]
        following = page.links.get("next", {}).get("url", "")
    assert len(seen) == len(set(seen)) == 3


async def test_a_batch_answers_for_every_figure(
    clerk: httpx.AsyncClient, recorded: httpx.Response
) -> None:
    items = [figure(), figure(amount="1.00"), figure(year=2019), figure(amount="八百")]
    answer = await clerk.post("/v1/division-figures:batch", json={"mode": "each", "items": items})
    assert answer.status_code == 200, answer.text
    assert [item["outcome"] for item in answer.json()["items"]] == [
        "unchanged",
        "failed",
        "created",
        "failed",
    ]
    assert answer.json()["items"][1]["code"] == "figure-already-recorded"
    assert answer.json()["items"][3]["errors"][0]["code"] == "money-in-words"
