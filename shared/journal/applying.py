"""Applying the events of another service's feed: what is followed, by what plan, and what may fail."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from shared.http import ServiceAnswer
from shared.problems import PASSING, TooLongAtOnce

NOT_OF_THE_EVENT = frozenset({401, 403, 404})
"""Refusals of any event alike: this service is not let in, or the other one lacks a route as yet."""

Event = dict[str, Any]


class Feed(Protocol):
    """A client of another service's ``GET /v1/events``."""

    async def events(
        self, after: str, wait: float, most: int | None = None
    ) -> tuple[list[Event], str]:
        """Return the events after a cursor, ``most`` at most, and the cursor behind them."""
        ...


Apply = Callable[[AsyncSession], Awaitable[None]]
Plan = Callable[[list[Event]], Awaitable[Apply]]


class OvertakenError(Exception):
    """Another process has moved the cursor; what was planned is not applied."""


OF_THE_MOMENT = (*PASSING, TooLongAtOnce, OSError, OvertakenError)


def is_of_the_event(error: Exception) -> bool:
    """Say whether an error is a fault of what was applied, not of something that is away now.

    Of the event is what another service refuses in it, and every fault of this service's own code.
    """
    # Told by the kind of the error alone. Whether other events go well would tell more, but the
    # last event of a feed has none behind it, and would hold the feed until somebody writes.
    if isinstance(error, ServiceAnswer):
        return error.answered not in NOT_OF_THE_EVENT
    return not isinstance(error, OF_THE_MOMENT)
