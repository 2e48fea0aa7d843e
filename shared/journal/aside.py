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
"""Why an event is settled that its feed shows this service no more: there is nothing to apply."""


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
        """Apply the events that somebody asked to be tried again, the one longest untried first.

        None stops the feed. What is away now ends the round: the events that ask for it wait.
        """
        asked = select(SetAsideEvent).where(
            SetAsideEvent.source == self._source, SetAsideEvent.state == SetAsideState.RETRYING
        )
        async with self._database.session() as session:
            # Whoever waited in vain stands behind the others in the next round.
            longest = asked.order_by(SetAsideEvent.tried_at, SetAsideEvent.id).limit(AT_ONCE)
            waiting = (await session.scalars(longest)).all()
        for row in waiting:
            try:
                await self._retry(row, feed, plan)
            except Exception as error:
                await self._failed(row, error)
                if not is_of_the_event(error):
                    return

    async def _retry(self, row: SetAsideEvent, feed: Feed, plan: Plan) -> None:
        found = await self._find(row, feed)
        apply = await plan(found) if found else None
        async with self._database.session() as session:
            now = self._clock.now()
            settled = {"state": SetAsideState.SETTLED, "settled_at": now, "tried_at": now}
            if apply is None:
                await self._took(session, row, **settled, error=GONE)
            elif await self._took(session, row, **settled):
                await apply(session)
        log.info("event settled", source=self._source, event_id=row.event_id, gone=apply is None)

    async def _find(self, row: SetAsideEvent, feed: Feed) -> list[Event]:
        """Return the event, alone, or nothing if the feed has come past its place without it."""
        # Others may stand before it by now: what this service is shown grows with what it asks for.
        behind = {event["id"] for event in (await feed.events(row.cursor, 0, most=1))[0]}
        after = row.after
        while True:
            events, after = await feed.events(after, 0, most=AT_ONCE)
            found = [event for event in events if event["id"] == row.event_id]
            if found or not events or not behind.isdisjoint(event["id"] for event in events):
                return found

    async def _failed(self, row: SetAsideEvent, error: Exception) -> None:
        kind = type(error).__name__
        log.error("event still not applied", source=self._source, event_id=row.event_id, error=kind)
        tried = {"error": kind, "tried_at": self._clock.now()}
        if is_of_the_event(error):
            tried |= {"state": SetAsideState.SET_ASIDE, "attempts": SetAsideEvent.attempts + 1}
        async with self._database.session() as session:
            await self._took(session, row, **tried)

    async def _took(self, session: AsyncSession, row: SetAsideEvent, **values: object) -> bool:
        """Change a row that still waits; False if another process has tried it meanwhile."""
        waits = (SetAsideEvent.id == row.id, SetAsideEvent.state == SetAsideState.RETRYING)
        taken = update(SetAsideEvent).where(*waits).values(**values).returning(SetAsideEvent.id)
        return await session.scalar(taken) is not None
