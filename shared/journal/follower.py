"""Following another service's feed: the cursor moves in the transaction of the effect.

What is away – a service, the database, room, time – is waited for. An event that cannot be applied
for a reason of its own is found by halving its batch, set aside, and told; those behind it go on.
"""

import asyncio
from typing import Any

import structlog
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import Clock, machine_time
from shared.db.database import Database
from shared.journal.applying import Event, Feed, OvertakenError, Plan, is_of_the_event
from shared.journal.aside import SettingAside
from shared.journal.tables import FeedPosition
from shared.problems import PASSING, Problem, TooLongAtOnce

log = structlog.get_logger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0


class Follower:
    """Applies every event of a feed exactly once, in order, across crashes and outages.

    ``plan`` may take its time and ask other services; it returns what to write, which is applied in
    the transaction that moves the cursor.
    """

    def __init__(
        self,
        database: Database,
        source: str,
        feed: Feed,
        plan: Plan,
        clock: Clock,
    ) -> None:
        self._database = database
        self._source = source
        self._feed = feed
        self._plan = plan
        self._clock = machine_time(clock)
        self._aside = SettingAside(database, source, clock)

    async def advance(self, wait: float = 0) -> int:
        """Apply one batch; return how many events it held, those set aside included.

        A crash at any moment leaves the cursor and the effects as they were before some part of the
        batch or as they are after it.
        """
        before = await self._position()
        await self._aside.retry_asked(self._feed, self._plan)
        events, after = await self._feed.events(before, wait)
        try:
            if after != before:
                await self._apply(events, before, after)
        except OvertakenError:
            return 0
        if not events:
            await self._note(caught_up_at=self._clock.now())
        return len(events)

    async def run(self) -> None:
        """Follow the feed until cancelled; wait and try again while something is down."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self.advance(wait=10)
                pause = FIRST_PAUSE
            except Exception as error:  # whatever is down, the feed is where it was
                code = error.code if isinstance(error, Problem) else type(error).__name__
                log.warning(
                    "feed not followed, trying again", source=self._source, error=code, pause=pause
                )
                await self._note_failing(code)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _apply(self, events: list[Event], before: str, after: str) -> None:
        """Apply events and move the cursor, in parts if they fail together."""
        try:
            await self._apply_at_once(events, before, after)
        except Exception as error:
            of_the_event = is_of_the_event(error)
            if len(events) == 1 and of_the_event:
                await self._set_aside(events[0], before, after, error)
                return
            # What takes too long at once may be done in parts.
            if len(events) < 2 or not (of_the_event or isinstance(error, TooLongAtOnce)):
                raise
            # Until the one that cannot be applied stands alone, and all others are.
            half = len(events) // 2
            log.warning("batch failed, halving it", source=self._source, events=len(events))
            between = events[half - 1]["cursor"]
            await self._apply(events[:half], before, between)
            await self._apply(events[half:], between, after)

    async def _apply_at_once(self, events: list[Event], before: str, after: str) -> None:
        apply = await self._plan(events) if events else None
        async with self._database.session() as session:
            await self._move(session, before, after)
            if apply is not None:
                await apply(session)

    async def _set_aside(self, event: Event, before: str, after: str, error: Exception) -> None:
        async with self._database.session() as session:
            await self._move(session, before, after)
            await self._aside.set_aside(session, event, before, error)

    async def _position(self) -> str:
        async with self._database.session() as session:
            await session.execute(
                insert(FeedPosition)
                .values(source=self._source, cursor="", updated_at=self._clock.now())
                .on_conflict_do_nothing()
            )
            position = await session.get_one(FeedPosition, self._source)
            return position.cursor

    async def _move(self, session: AsyncSession, before: str, after: str) -> None:
        now = self._clock.now()
        # From where this one has read only: one that runs beside it has applied what lies between.
        moved = await session.scalar(
            update(FeedPosition)
            .where(FeedPosition.source == self._source, FeedPosition.cursor == before)
            .values(cursor=after, updated_at=now, tried_at=now, failing=None)
            .returning(FeedPosition.source)
        )
        if moved is None:
            raise OvertakenError

    async def _note(self, **found: Any) -> None:
        own = update(FeedPosition).where(FeedPosition.source == self._source)
        noted = {"tried_at": self._clock.now(), "failing": None} | found
        async with self._database.session() as session:
            await session.execute(own.values(**noted))

    async def _note_failing(self, code: str) -> None:
        try:
            await self._note(failing=code[:60])
        except PASSING:
            log.warning("failure not noted", source=self._source)
