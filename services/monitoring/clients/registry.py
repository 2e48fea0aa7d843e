"""What monitoring asks the registry: what has changed."""

from typing import Any

from shared.http import ServiceClient

EVENTS_AT_ONCE = 1000


class RegistryClient(ServiceClient):
    """A client of the registry's event feed."""

    async def events(self, after: str, wait: float) -> tuple[list[dict[str, Any]], str]:
        """Return the events after a cursor and the cursor behind them."""
        params = {"after": after, "wait": wait, "limit": EVENTS_AT_ONCE}
        response = await self.get("/v1/events", params)
        return response.json(), response.headers["X-Next-Cursor"]
