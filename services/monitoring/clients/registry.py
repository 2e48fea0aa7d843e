"""What monitoring asks the registry: what has changed, and which divisions there are."""

from typing import Any

from shared.divisions import DivisionsClient

NEEDED = ("divisions:read", "events:read")
"""The scopes that monitoring needs there."""
EVENTS_A_PAGE = 1000
MOST_EVENTS = 5 * EVENTS_A_PAGE


class RegistryClient(DivisionsClient):
    """A client of the registry."""

    async def events(
        self, after: str, wait: float, most: int | None = None
    ) -> tuple[list[dict[str, Any]], str]:
        """Return the events after a cursor, ``most`` at most, and the cursor behind them.

        Where many wait, as behind an import, several pages are read at once: the many events of a
        household then lead to one judgement of it.

        Raises:
            DependencyUnavailable: the registry cannot be asked now.

        """
        events: list[dict[str, Any]] = []
        while True:
            page_size = min(EVENTS_A_PAGE, most or EVENTS_A_PAGE)
            params = {"after": after, "wait": 0 if events else wait, "limit": page_size}
            response = await self.get("/v1/events", params)
            page = response.json()
            events += page
            after = response.headers["X-Next-Cursor"]
            if len(page) < page_size or len(events) >= (most or MOST_EVENTS):
                return events, after
