"""The client of the registry's feed: many pages at once behind an import, never past the end."""

import httpx

from services.monitoring.clients.registry import EVENTS_A_PAGE, MOST_EVENTS, RegistryClient


class FeedOnTheWire:
    """A feed of so many events, whose cursors count them."""

    def __init__(self, events: int) -> None:
        self._events = events
        self.waits: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        params = request.url.params
        self.waits.append(params["wait"])
        first = int(params["after"] or 0)
        past_last = min(first + int(params["limit"]), self._events)
        page = [{"id": number} for number in range(first, past_last)]
        return httpx.Response(200, json=page, headers={"X-Next-Cursor": str(past_last)})


def client(feed: FeedOnTheWire) -> RegistryClient:
    return RegistryClient(
        "registry", "http://registry", lambda: "secret", transport=httpx.MockTransport(feed)
    )


async def test_pages_that_wait_are_read_at_once_and_in_order() -> None:
    feed = FeedOnTheWire(2 * EVENTS_A_PAGE + 5)
    events, after = await client(feed).events("", 10)
    assert [event["id"] for event in events] == list(range(2 * EVENTS_A_PAGE + 5))
    assert after == str(2 * EVENTS_A_PAGE + 5)
    assert feed.waits == ["10", "0", "0"]


async def test_a_batch_has_an_end() -> None:
    events, after = await client(FeedOnTheWire(3 * MOST_EVENTS)).events("", 0)
    assert (len(events), after) == (MOST_EVENTS, str(MOST_EVENTS))


async def test_an_empty_feed_leaves_the_cursor() -> None:
    assert await client(FeedOnTheWire(7)).events("7", 0) == ([], "7")
