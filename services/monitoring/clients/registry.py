"""What monitoring asks the registry: what has changed."""

from typing import Any

from shared.http import ServiceClient

NEEDED = ("events:read",)
"""The scopes that monitoring needs there."""
EVENTS_A_PAGE = 1000
MOST_EVENTS = 10 * EVENTS_A_PAGE


class RegistryClient(ServiceClient):
    """A client of the registry's event feed."""

    async def events(self, after: str, wait: float) -> tuple[list[dict[str, Any]], str]:
        """Return the events after a cursor and the cursor behind them.

        Where many wait, as behind an import, several pages are read at once: the many events of a
        household then lead to one judgement of it.

        Raises:
            DependencyUnavailable: the registry cannot be asked now.

        """
        events: list[dict[str, Any]] = []
        while True:
            params = {"after": after, "wait": 0 if events else wait, "limit": EVENTS_A_PAGE}
            response = await self.get("/v1/events", params)
            page = response.json()
            events += page
            after = response.headers["X-Next-Cursor"]
            if len(page) < EVENTS_A_PAGE or len(events) >= MOST_EVENTS:
                return events, after
