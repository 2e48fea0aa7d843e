"""Who holds the feed back: a transaction that wrote to the journal and has yet to commit."""

import structlog
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Gauge

from shared.db.connecting import DriverConnection
from shared.web.health import Health

log = structlog.get_logger(__name__)
TOLD_AFTER_SECONDS = 10.0
# A transaction that is prepared has no session any more. The text of a session's statement
# (pg_stat_activity.query) is not read: the values in it may be about a person.
WRITERS = """
SELECT writer.pid, coalesce(session.application_name, 'prepared transaction') AS application,
       coalesce(extract(epoch FROM clock_timestamp() - session.xact_start), 0)::float AS seconds
FROM journal_writers writer LEFT JOIN pg_stat_activity session ON session.pid = writer.pid
ORDER BY writer.newest_before
"""


async def tell_who_holds(connection: DriverConnection) -> list[tuple[str, float]]:
    """Log every transaction that has held the feed back for long; return all, by application."""
    found = []
    for writer in await connection.fetch(WRITERS):
        found.append((writer["application"], writer["seconds"]))
        if writer["seconds"] >= TOLD_AFTER_SECONDS:
            log.warning(
                "feed held back",
                application=writer["application"],
                pid=writer["pid"],
                seconds=round(writer["seconds"]),
            )
    return found


def watch_writers(app: FastAPI) -> None:
    """Count in ``/metrics`` for how long each application holds the feed back."""
    app.state.watches.append(_Watch(app.state.metrics))


class _Watch:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Gauge(
            "feed_held_back_seconds",
            "Age of the oldest transaction that wrote to the journal and is open, by application",
            ["application"],
            registry=registry,
        )

    async def __call__(self, connection: DriverConnection) -> Health:
        self._seconds.clear()
        for application, seconds in reversed(await tell_who_holds(connection)):
            self._seconds.labels(application).set(seconds)
        return Health()
