"""Whether the feeds that a service follows move: for ``/readyz`` and ``/metrics``.

The follower runs in the worker; what is known of it here stands in the database.
"""

from datetime import datetime, timedelta

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Gauge

from shared.clock import Clock, machine_time
from shared.db.connecting import DriverConnection
from shared.web.health import Health

FEEDS = """
SELECT source, greatest(updated_at, caught_up_at) AS moved_at, failing,
       (SELECT count(*) FROM set_aside_events event
        WHERE event.source = feed.source AND event.state <> 'settled') AS set_aside
FROM feed_positions feed ORDER BY source
"""


def watch_feeds(app: FastAPI) -> None:
    """Answer 503 on ``/readyz`` while a followed feed stands still, and say what was set aside."""
    stuck_after = timedelta(seconds=app.state.settings.feed_stuck_seconds)
    app.state.watches.append(_Watch(app.state.metrics, machine_time(app.state.clock), stuck_after))


class _Watch:
    def __init__(self, registry: CollectorRegistry, clock: Clock, stuck_after: timedelta) -> None:
        self._clock = clock
        self._stuck_after = stuck_after
        # Nobody is said to stand still before the worker, which starts beside, can have moved.
        self._since: datetime = clock.now()
        self._still = Gauge(
            "feed_still_seconds",
            "Time since a followed feed moved or had nothing more",
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
        for feed in await connection.fetch(FEEDS):
            still = now - max(feed["moved_at"], self._since)
            self._still.labels(feed["source"]).set((now - feed["moved_at"]).total_seconds())
            self._set_aside.labels(feed["source"]).set(feed["set_aside"])
            stuck |= still > self._stuck_after
            degraded |= feed["set_aside"] > 0 or feed["failing"] is not None
            details[feed["source"]] = {
                "moved_at": feed["moved_at"].isoformat(),
                "stuck": still > self._stuck_after,
                "failing": feed["failing"],
                "set_aside": feed["set_aside"],
            }
        return Health({"feeds": details} if details else {}, degraded=degraded, stuck=stuck)
