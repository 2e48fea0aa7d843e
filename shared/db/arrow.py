"""Connections that answer in Arrow, for bulk reads."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from adbc_driver_postgresql import dbapi
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import QueuePool

from shared.db.connecting import SessionLimits, limited_url
from shared.db.failures import telling_failures

KEPT, MOST = 4, 16


class ArrowConnections:
    """Lends connections; a few stay open, as opening one costs as much as a small read.

    No more than ``MOST`` are lent at a time. Who lends does not wait for others, since that may be
    the event loop: a reader that comes too late is told to come again.
    """

    def __init__(self, url: str, application: str, limits: SessionLimits) -> None:
        connect = partial(dbapi.connect, limited_url(url, application, limits))
        self._pool = QueuePool(connect, pool_size=KEPT, max_overflow=MOST - KEPT, timeout=0)
        event.listen(self._pool, "checkout", _require_working)

    @contextmanager
    def lend(self, count: int) -> Iterator[list[Any]]:
        """Lend connections, each in a transaction that has not begun and is rolled back.

        Raises:
            ServiceBusy: too many are lent.
            DatabaseUnavailable: the server cannot be reached.

        """
        with telling_failures(), ExitStack() as until_given_back:
            yield [until_given_back.enter_context(self._lend()) for _ in range(count)]

    def close(self) -> None:
        """Close the connections that nobody has borrowed."""
        self._pool.dispose()

    @contextmanager
    def _lend(self) -> Iterator[Any]:
        with telling_failures(connecting=True):
            lent = self._pool.connect()
        try:
            yield lent.dbapi_connection
        except BaseException:
            lent.invalidate()
            raise
        finally:
            lent.close()


def _require_working(connection: Any, _record: object, _lent: object) -> None:
    """Make sure that a connection which was idle still works: the server may have been started anew."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connection.rollback()
    except dbapi.Error as error:
        raise DisconnectionError from error
