"""Following another service's feed: the cursor moves in the transaction of the effect."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import structlog
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import Clock
from shared.db.database import Database
from shared.journal.tables import FeedPosition

log = structlog.get_logger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0


class Feed(Protocol):
    """A client of another service's ``GET /v1/events``."""

    async def events(self, after: str, wait: float) -> tuple[list[dict[str, Any]], str]:
        """Return the events after a cursor and the cursor behind them."""
        ...


Apply = Callable[[AsyncSession], Awaitable[None]]
Plan = Callable[[list[dict[str, Any]]], Awaitable[Apply]]


class Follower:
    """Applies every event of a feed exactly once, in order, across crashes and outages.

    ``plan`` may take its time and ask other services; it returns what to write, which is applied in
    the transaction that moves the cursor.
    """

    def __init__(
        self, database: Database, source: str, feed: Feed, plan: Plan, clock: Clock
    ) -> None:
        self._database = database
        self._source = source
        self._feed = feed
        self._plan = plan
        self._clock = clock

    async def advance(self, wait: float = 0) -> int:
        """Apply one batch; return how many events it held.

        A crash at any moment leaves the cursor and the effects as they were before the batch or as
        they are after it.
        """
        before = await self._position()
        events, after = await self._feed.events(before, wait)
        if after == before:
            return 0
        apply = await self._plan(events) if events else None
        async with self._database.session() as session:
            if not await self._move(session, before, after):
                return 0  # another process applied this batch while we waited
            if apply is not None:
                await apply(session)
        return len(events)

    async def run(self) -> None:
        """Follow the feed until cancelled; wait and try again while something is down."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self.advance(wait=10)
                pause = FIRST_PAUSE
            except Exception:  # whatever is down, the feed is where it was and is tried again
                log.warning(
                    "feed not followed, trying again",
                    source=self._source,
                    exc_info=True,
                )
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _position(self) -> str:
        async with self._database.session() as session:
            await session.execute(
                insert(FeedPosition)
                .values(source=self._source, cursor="", updated_at=self._clock.now())
                .on_conflict_do_nothing()
            )
            position = await session.get_one(FeedPosition, self._source)
            return position.cursor

    async def _move(self, session: AsyncSession, before: str, after: str) -> bool:
        moved = await session.scalar(
            update(FeedPosition)
            .where(FeedPosition.source == self._source, FeedPosition.cursor == before)
            .values(cursor=after, updated_at=self._clock.now())
            .returning(FeedPosition.source)
        )
        return moved is not None
