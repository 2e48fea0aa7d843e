"""Events that could not be applied: kept by their place in the feed, told, and tried again if asked."""

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import Clock
from shared.db.database import Database
from shared.journal.applying import Event, Feed, Plan, is_of_the_event
from shared.journal.tables import SetAsideEvent, SetAsideState

log = structlog.get_logger(__name__)
AT_ONCE = 100
GONE = "EventGone"
"""The feed has no such event any more for this service."""


class SettingAside:
    """The set-aside events of one feed."""

    def __init__(self, database: Database, source: str, clock: Clock) -> None:
        self._database = database
        self._source = source
        self._clock = clock

    async def set_aside(
        self, session: AsyncSession, event: Event, after: str, error: Exception
    ) -> None:
        """Note an event and the kind of its error, in the transaction that moves the cursor."""
        now = self._clock.now()
        kind = type(error).__name__
        log.error(
            "event set aside",
            source=self._source,
            event_id=event["id"],
            type=event["type"],
            error=kind,
        )
        session.add(
            SetAsideEvent(
                source=self._source,
                event_id=event["id"],
                type=event["type"],
                subject=event["subject"],
                division=event["division"],
                after=after,
                cursor=event["cursor"],
                error=kind,
                since=now,
                tried_at=now,
            )
        )

    async def retry_asked(self, feed: Feed, plan: Plan) -> None:
        """Apply the events that somebody asked to be tried again, the oldest first."""
        asked = select(SetAsideEvent).where(
            SetAsideEvent.source == self._source, SetAsideEvent.state == SetAsideState.RETRYING
        )
        async with self._database.session() as session:
            oldest = asked.order_by(SetAsideEvent.since, SetAsideEvent.id).limit(AT_ONCE)
            waiting = (await session.scalars(oldest)).all()
        for row in waiting:
            await self._retry(row, feed, plan)

    async def _retry(self, row: SetAsideEvent, feed: Feed, plan: Plan) -> None:
        events, _ = await feed.events(row.after, 0, most=1)
        found = [event for event in events if event["id"] == row.event_id]
        if not found:
            await self._failed(row, GONE)
            return
        try:
            apply = await plan(found)
            async with self._database.session() as session:
                now = self._clock.now()
                if await self._took(
                    session, row, state=SetAsideState.SETTLED, settled_at=now, tried_at=now
                ):
                    await apply(session)
        except Exception as error:
            if not is_of_the_event(error):
                raise
            await self._failed(row, type(error).__name__)
        else:
            log.info("event settled", source=self._source, event_id=row.event_id)

    async def _failed(self, row: SetAsideEvent, error: str) -> None:
        log.error("event still set aside", source=self._source, event_id=row.event_id, error=error)
        async with self._database.session() as session:
            await self._took(
                session,
                row,
                state=SetAsideState.SET_ASIDE,
                error=error,
                attempts=SetAsideEvent.attempts + 1,
                tried_at=self._clock.now(),
            )

    async def _took(self, session: AsyncSession, row: SetAsideEvent, **values: object) -> bool:
        """Change a row that still waits; False if another process has tried it meanwhile."""
        waits = (SetAsideEvent.id == row.id, SetAsideEvent.state == SetAsideState.RETRYING)
        taken = update(SetAsideEvent).where(*waits).values(**values).returning(SetAsideEvent.id)
        return await session.scalar(taken) is not None
