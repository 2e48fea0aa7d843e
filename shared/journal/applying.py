"""Applying the events of another service's feed: what is followed, by what plan, and what may fail."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from shared.http import ServiceAnswer
from shared.problems import PASSING

NOT_LET_IN = frozenset({401, 403})

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


def is_of_the_event(error: Exception) -> bool:
    """Say whether an error is a fault of what was applied, not of something that is away now."""
    if isinstance(error, ServiceAnswer):
        return error.answered not in NOT_LET_IN
    return not isinstance(error, (*PASSING, OSError, OvertakenError))
