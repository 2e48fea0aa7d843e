"""What a database's errors mean to whoever asked: busy, away, or out of room – never "internal".

They are told apart at the border of the database, so that reads, writes, streams, jobs and
followers meet the same few problems.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import asyncpg
import structlog
from adbc_driver_manager import dbapi as adbc
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.problems import (
    DatabaseUnavailable,
    InsufficientStorage,
    Problem,
    ServiceBusy,
    TooLongAtOnce,
)

log = structlog.get_logger(__name__)

# SQLSTATEs, or the classes that they begin with (PostgreSQL, appendix A).
Kind: TypeAlias = (
    type[DatabaseUnavailable] | type[ServiceBusy] | type[TooLongAtOnce] | type[InsufficientStorage]
)
KINDS: dict[str, Kind] = {
    "08": DatabaseUnavailable,
    "25P03": DatabaseUnavailable,  # idle in a transaction for too long
    "25P04": TooLongAtOnce,  # a transaction took too long
    "3D000": DatabaseUnavailable,  # the database is not there (yet)
    "40001": ServiceBusy,  # could not be serialised
    "40P01": ServiceBusy,  # a deadlock was broken
    "53": ServiceBusy,
    "53100": InsufficientStorage,
    "55P03": ServiceBusy,  # a lock was not to be had in time
    "57014": TooLongAtOnce,  # a statement took too long
    "57P": DatabaseUnavailable,  # the server stops, starts or recovers
    "58030": InsufficientStorage,  # its disk fails
}
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def problem_of(error: BaseException, *, connecting: bool = False) -> Problem | None:
    """Return the problem that an error of the database stands for; None if it is no such error.

    ``connecting`` says that it came up while a connection was opened, where any error of the
    network means that the database is away.
    """
    if isinstance(error, PoolTimeoutError):
        return ServiceBusy.of_pool()
    origin = (error.orig or error) if isinstance(error, DBAPIError) else error
    kind = _by_state(getattr(origin, "sqlstate", None))
    if kind is not None:
        return kind.of_database()
    if isinstance(error, OSError) and error.errno in FULL:
        return InsufficientStorage.of_database()
    lost = (
        (isinstance(error, DBAPIError) and error.connection_invalidated)
        or isinstance(origin, ConnectionError | asyncpg.PostgresConnectionError)
        or (isinstance(origin, asyncpg.InterfaceError) and "clos" in str(origin))
        or (isinstance(origin, adbc.OperationalError) and not getattr(origin, "sqlstate", None))
        or (connecting and isinstance(error, OSError | asyncpg.PostgresError))
    )
    return DatabaseUnavailable.of_database() if lost else None


@contextmanager
def telling_failures(*, connecting: bool = False) -> Iterator[None]:
    """Raise the problem that an error of the database stands for; let other errors pass.

    Raises:
        DatabaseUnavailable, ServiceBusy, TooLongAtOnce, InsufficientStorage: as the error says.

    """
    try:
        yield
    except Exception as error:
        problem = problem_of(error, connecting=connecting)
        if problem is None:
            raise
        # The error itself may hold a statement's values: its kind is all that is told.
        log.warning("database failed", problem=problem.code, error=type(error).__name__)
        raise problem from None


def _by_state(state: str | None) -> Kind | None:
    if not state:
        return None
    return KINDS.get(state) or KINDS.get(state[:3]) or KINDS.get(state[:2])
