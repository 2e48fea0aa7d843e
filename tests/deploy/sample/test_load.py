"""The sample goes in through the public interface and is judged as its patterns say."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial

import httpx
import polars as pl
import pyarrow as pa
import pytest

from deploy.sample.households import county_households
from deploy.sample.load import SampleNotLoaded, load_county
from deploy.sample.records import AS_OF, Pattern
from services.registry.scopes import Scope
from services.rules.vocabulary.policy import load_policy
from shared.security.issuer import LocalIssuer
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.testing.plugin import TokenMaker
from tests.registry.imports.conftest import Desk, opened_desk

# One process loads the county, for all of them.
pytestmark = pytest.mark.xdist_group("sample")
CHUNAN = "330127000000"
ARROW = "application/vnd.apache.arrow.stream"
NOT_MET = {
    Pattern.LOW_INCOME,
    Pattern.UNSAFE_HOME,
    Pattern.WATER_TOO_FAR,
    Pattern.OUT_OF_SCHOOL,
    Pattern.UNINSURED,
    Pattern.SHORT_OF_FOOD,
    Pattern.SHORT_OF_CLOTHING,
    Pattern.ONE_OFF_SALE,
}
UNDETERMINED = {
    Pattern.INCOME_SOURCE_MISSING,
    Pattern.CHECK_MISSING,
    Pattern.CHECK_STALE,
    Pattern.SCHOOL_STATUS_UNKNOWN,
    Pattern.INSURANCE_UNKNOWN,
    Pattern.EXPENSES_LEFT_OUT,
}


class Bridge(httpx.BaseTransport):
    """Carries a blocking client's requests from its thread to the application's loop."""

    def __init__(self, client: httpx.AsyncClient, loop: asyncio.AbstractEventLoop) -> None:
        self._client, self._loop = client, loop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = self._client.request(
            request.method,
            str(request.url),
            content=request.read(),
            # What is unpacked on this side of the bridge cannot be unpacked again behind it.
            headers={
                "Content-Type": request.headers.get("content-type", ""),
                "Accept-Encoding": "identity",
            },
        )
        answer = asyncio.run_coroutine_threadsafe(asked, self._loop).result(60)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@pytest.fixture(scope="module")
async def desk(databases: Databases, issuer: LocalIssuer, token: TokenMaker) -> AsyncIterator[Desk]:
    """The desk of a county clerk on the day as of which the sample is judged."""
    caller = token(*Scope, division=CHUNAN, subject="clerk")
    clock = FrozenClock(datetime(AS_OF.year, AS_OF.month, AS_OF.day, 4, tzinfo=UTC))
    async with opened_desk(databases, issuer, clock, caller) as opened:
        yield opened


async def load(desk: Desk) -> str:
    """Load the county while a worker does what is waiting."""
    bridge = Bridge(desk.client, asyncio.get_running_loop())
    with httpx.Client(transport=bridge, base_url="http://service") as client:
        loading = asyncio.create_task(asyncio.to_thread(load_county, client, CHUNAN))
        while not loading.done():
            await desk.settle()
            await asyncio.sleep(0.1)
        return await loading


@pytest.fixture(scope="module")
async def summary(desk: Desk) -> str:
    return await load(desk)


async def test_everything_is_recorded_but_the_provinces_figures(summary: str) -> None:
    assert "figures: 1 created;" in summary
    assert "农户: 600 created" in summary
    assert "failed" not in summary


@pytest.mark.usefixtures("summary")
async def test_loading_again_changes_nothing(desk: Desk) -> None:
    again = await load(desk)
    assert "农户: 600 unchanged" in again
    assert "created" not in again
    assert "updated" not in again


@pytest.mark.usefixtures("summary")
async def test_the_rules_judge_each_household_as_its_pattern_says(desk: Desk) -> None:
    numbers: dict[str, str] = {}
    following = f"/v1/households?division={CHUNAN}&limit=200"
    while following:
        page = await desk.client.get(following)
        numbers |= {one["id"]: one["number"] for one in page.json()["items"]}
        following = page.links.get("next", {}).get("url", "")
    facts = await desk.client.get(
        "/v1/facts/households",
        params={"division": CHUNAN, "as_of": AS_OF.isoformat()},
        headers={"Accept": ARROW},
    )
    frame = pl.from_arrow(pa.ipc.open_stream(facts.content).read_all())
    assert isinstance(frame, pl.DataFrame)
    judged = load_policy().judge_columns("household", frame, AS_OF, "village_code")
    outcomes = dict(
        zip(
            map(numbers.__getitem__, judged["household_id"]),
            judged["household.zero_out"],
            strict=True,
        )
    )
    wrong = {
        household.number: (household.pattern, outcomes[household.number])
        for household in county_households(CHUNAN)
        if outcomes[household.number] is not expected(household.pattern)
    }
    assert wrong == {}


def expected(pattern: Pattern) -> bool | None:
    return None if pattern in UNDETERMINED else pattern not in NOT_MET


def answering(request: httpx.Request, *, batch: httpx.Response) -> httpx.Response:
    """A registry that takes batches as told and fails every import."""
    match request.url.path:
        case "/v1/imports":
            return httpx.Response(202, headers={"Location": "/v1/imports/1"})
        case "/v1/imports/1":
            return httpx.Response(200, json={"state": "failed", "written": False, "problems": []})
        case "/v1/imports/1/rows":
            detail = {"zh": "金额含千位分隔符", "en": "The amount has a separator."}
            problem = {"column": "金额", "detail": detail}
            row = {"sheet": "收入", "row": 7, "problems": [problem]}
            return httpx.Response(200, json={"items": [row]})
    return batch


@pytest.mark.parametrize(
    ("batch", "said"),
    [
        (httpx.Response(200, json={"items": []}), r"收入 row 7: 金额: The amount has a separator"),
        (httpx.Response(403, text="forbidden"), "answered 403 forbidden"),
        (
            httpx.Response(
                200,
                json={
                    "items": [
                        {
                            "index": 3,
                            "outcome": "failed",
                            "code": "figure-already-recorded",
                            "detail": {"zh": "已登记", "en": "It is recorded already."},
                        }
                    ]
                },
            ),
            "item 3: It is recorded already",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong(batch: httpx.Response, said: str) -> None:
    transport = httpx.MockTransport(partial(answering, batch=batch))
    with (
        httpx.Client(transport=transport, base_url="http://service") as client,
        pytest.raises(SampleNotLoaded, match=said),
    ):
        load_county(client, CHUNAN)
