"""Whether the feeds that a service follows move: for ``/readyz`` and ``/metrics``.

The follower runs in the worker; what is known of it here stands in the database.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Gauge

from shared.clock import Clock, machine_time
from shared.db.connecting import DriverConnection
from shared.web.health import Health

# The worker makes a feed's row as it begins: a feed without one is asked for all the same.
FEEDS = """
SELECT source, greatest(updated_at, caught_up_at) AS moved_at, failing,
       (SELECT count(*) FROM set_aside_events event
        WHERE event.source = followed.source AND event.state <> 'settled') AS set_aside
FROM unnest($1::text[]) AS followed (source) LEFT JOIN feed_positions USING (source)
ORDER BY source
"""


def watch_feeds(app: FastAPI, *sources: str) -> None:
    """Answer 503 on ``/readyz`` while a feed stands still, and say what was set aside.

    ``sources`` are the services whose feeds the worker follows; one that it has yet to begin stands
    still as well.
    """
    stuck_after = timedelta(seconds=app.state.settings.feed_stuck_seconds)
    clock = machine_time(app.state.clock)
    app.state.watches.append(_Watch(sources, app.state.metrics, clock, stuck_after))


class _Watch:
    def __init__(
        self,
        sources: Sequence[str],
        registry: CollectorRegistry,
        clock: Clock,
        stuck_after: timedelta,
    ) -> None:
        self._sources = sources
        self._clock = clock
        self._stuck_after = stuck_after
        # Nobody is said to stand still before the worker, which starts beside, can have moved.
        self._since: datetime = clock.now()
        self._still = Gauge(
            "feed_still_seconds",
            "Time since a followed feed moved or had nothing more, or was first watched if it never did",
            ["source"],
            registry=registry,
        )
        self._set_aside = Gauge(
            "feed_set_aside_events",
            "Events of a followed feed that could not be applied and wait for somebody",
            ["source"],
            registry=registry,
        )

    async def __call__(self, connection: DriverConnection) -> Health:
        now, details = self._clock.now(), {}
        degraded = stuck = False
        for feed in await connection.fetch(FEEDS, self._sources):
            moved_at: datetime | None = feed["moved_at"]
            since = moved_at or self._since
            stands = now - max(since, self._since) > self._stuck_after
            self._still.labels(feed["source"]).set((now - since).total_seconds())
            self._set_aside.labels(feed["source"]).set(feed["set_aside"])
            stuck |= stands
            degraded |= feed["set_aside"] > 0 or feed["failing"] is not None
            details[feed["source"]] = {
                "moved_at": None if moved_at is None else moved_at.isoformat(),
                "stuck": stands,
                "failing": feed["failing"],
                "set_aside": feed["set_aside"],
            }
        return Health({"feeds": details}, degraded=degraded, stuck=stuck)
