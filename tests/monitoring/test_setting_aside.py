"""What could not be followed is listed, tried again, and told to whoever asks how monitoring is."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from services.monitoring.clients.rules import Subject
from services.monitoring.scopes import Scope
from shared.testing.clients import client_of
from shared.testing.clock import FrozenClock
from shared.testing.plugin import TokenMaker
from tests.monitoring.campaign import HOME, Campaign
from tests.monitoring.fakes import COUNTY, VILLAGE

PATH = "/v1/set-aside-events"
OTHER_COUNTY = "330122000000"
OTHERS = [
    Subject("household", f"0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c{place:02}") for place in range(5)
]


@pytest.fixture
async def listed(campaign: Campaign) -> dict[str, str]:
    """One event that is set aside among others that are not."""
    for subject in OTHERS:
        campaign.rules.find(subject, VILLAGE, housing="not_met")
        campaign.feed.tell(subject, VILLAGE)
    campaign.feed.tell(HOME, VILLAGE)
    # An answer without outcomes is none that this client can have read.
    campaign.rules.answers[HOME] = None  # type: ignore[assignment]
    await campaign.follower.advance()
    assert len(await campaign.items()) == len(OTHERS)
    (event,) = (await campaign.clerk.get(PATH)).json()["items"]
    found: dict[str, str] = event
    return found


async def ready(app: FastAPI) -> tuple[int, dict[str, object]]:
    async with client_of(app) as anybody:
        answer = await anybody.get("/readyz")
    return answer.status_code, answer.json()


async def test_it_is_tried_again_when_somebody_asks(
    listed: dict[str, str], campaign: Campaign, monitoring_app: FastAPI
) -> None:
    assert (listed["subject"], listed["state"]) == (f"household/{HOME.id}", "set_aside")
    status, said = await ready(monitoring_app)
    assert (status, said["status"]) == (200, "degraded")
    campaign.rules.find(HOME, VILLAGE, housing="not_met")
    asked = await campaign.clerk.post(f"{PATH}/{listed['id']}:retry")
    assert (asked.status_code, asked.json()["state"]) == (200, "retrying")
    await campaign.follower.advance()
    assert len(await campaign.items()) == len(OTHERS) + 1
    (event,) = (await campaign.clerk.get(PATH, params={"state": "settled"})).json()["items"]
    assert event["id"] == listed["id"]
    assert (await campaign.clerk.post(f"{PATH}/{listed['id']}:retry")).status_code == 409
    assert (await ready(monitoring_app))[1]["status"] == "ready"


async def test_a_feed_that_stands_still_is_not_ready(
    campaign: Campaign, monitoring_app: FastAPI, clock: FrozenClock
) -> None:
    await campaign.noticed()
    assert (await ready(monitoring_app))[1]["status"] == "ready"
    clock.advance(timedelta(seconds=monitoring_app.state.settings.feed_stuck_seconds + 1))
    status, said = await ready(monitoring_app)
    assert (status, said["status"]) == (503, "not ready")
    await campaign.follower.advance()
    assert (await ready(monitoring_app))[0] == 200


async def test_a_feed_that_nobody_ever_followed_is_not_ready(
    campaign: Campaign, monitoring_app: FastAPI, clock: FrozenClock
) -> None:
    status, said = await ready(monitoring_app)
    assert (status, said["status"]) == (200, "ready")
    waited = monitoring_app.state.settings.feed_stuck_seconds + 1
    clock.advance(timedelta(seconds=waited))
    status, said = await ready(monitoring_app)
    assert (status, said["feeds"]) == (
        503,
        {"registry": {"moved_at": None, "stuck": True, "failing": None, "set_aside": 0}},
    )
    still = {"source": "registry"}
    assert monitoring_app.state.metrics.get_sample_value("feed_still_seconds", still) >= waited
    await campaign.follower.advance()
    assert (await ready(monitoring_app))[0] == 200


async def test_others_see_nothing_and_change_nothing(
    listed: dict[str, str], monitoring_app: FastAPI, token: TokenMaker
) -> None:
    retry = f"{PATH}/{listed['id']}:retry"
    callers: list[tuple[str | None, int, int]] = [
        (None, 401, 401),
        (token(Scope.JOBS_READ, division=COUNTY), 403, 403),
        (token(*Scope, division=OTHER_COUNTY), 200, 404),
    ]
    for caller, reads, retries in callers:
        async with client_of(monitoring_app, caller) as client:
            answer: httpx.Response = await client.get(PATH)
            assert answer.status_code == reads
            assert answer.json().get("items", []) == []
            assert (await client.post(retry)).status_code == retries
