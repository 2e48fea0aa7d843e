"""Opening connections: every session has its limits of time, whichever driver opens it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlencode

import asyncpg
from sqlalchemy.engine import make_url

from shared.db.failures import telling_failures
from shared.settings import ServiceSettings

if TYPE_CHECKING:
    DriverConnection = asyncpg.Connection[asyncpg.Record]
else:
    DriverConnection = asyncpg.Connection  # generic in its stubs only

CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long, in seconds, a session may take.

    ``statement`` for one statement, ``lock`` waiting for a lock, ``idle`` doing nothing inside a
    transaction, and ``acquire`` waiting for a connection of a pool.
    """

    statement: float = 30
    lock: float = 10
    idle: float = 60
    acquire: float = 5

    @classmethod
    def of_requests(cls, settings: ServiceSettings) -> Self:
        """Return the limits of the sessions of requests."""
        return cls(
            settings.statement_seconds,
            settings.lock_seconds,
            settings.idle_in_transaction_seconds,
            settings.pool_wait_seconds,
        )

    @classmethod
    def of_jobs(cls, settings: ServiceSettings) -> Self:
        """Return the limits of the sessions of jobs, which move whole counties at a time."""
        return cls(
            settings.job_statement_seconds,
            settings.job_statement_seconds,
            settings.job_idle_in_transaction_seconds,
            settings.pool_wait_seconds,
        )

    def settings(self, application: str) -> dict[str, str]:
        """Return the server's settings of a session under these limits, times in milliseconds."""
        return {
            "application_name": application,
            "statement_timeout": _milliseconds(self.statement),
            "lock_timeout": _milliseconds(self.lock),
            "idle_in_transaction_session_timeout": _milliseconds(self.idle),
        }


async def open_connection(
    url: str, application: str, limits: SessionLimits, **more: Any
) -> DriverConnection:
    """Open a connection of the driver; ``more`` is what its pool adds.

    Raises:
        DatabaseUnavailable: the server cannot be reached.
        ServiceBusy: it takes no more connections now.

    """
    with telling_failures(connecting=True):
        return await asyncpg.connect(
            **connect_arguments(url),
            timeout=CONNECT_SECONDS,
            server_settings=limits.settings(application),
            **more,
        )


def connect_arguments(url: str) -> dict[str, Any]:
    """Return asyncpg's own arguments for an address, a socket directory in ``?host=`` included."""
    parts = make_url(url)
    host = parts.host or parts.query.get("host")
    return {
        "host": host,
        "port": parts.port,
        "user": parts.username,
        "password": parts.password,
        "database": parts.database,
    }


def limited_url(url: str, application: str, limits: SessionLimits) -> str:
    """Return an address whose sessions have these limits, for drivers of libpq."""
    settings = limits.settings(application)
    added = {
        "application_name": settings.pop("application_name"),
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        "connect_timeout": str(int(CONNECT_SECONDS)),
    }
    # A plus sign is itself here, no space.
    return f"{url}{'&' if '?' in url else '?'}{urlencode(added, quote_via=quote)}"


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1000))
