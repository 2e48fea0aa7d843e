"""Connections that answer in Arrow, for bulk reads."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any

from adbc_driver_postgresql import dbapi

from shared.db.connecting import SessionLimits, limited_url
from shared.db.failures import telling_failures
from shared.problems import ServiceBusy

KEPT, MOST = 4, 16


class ArrowConnections:
    """Lends connections; a few stay open, as opening one costs as much as a small read.

    No more than ``MOST`` are lent at a time. Who lends does not wait for others, since that may be
    the event loop: a reader that comes too late is told to come again.
    """

    def __init__(self, url: str, application: str, limits: SessionLimits) -> None:
        self._url = limited_url(url, application, limits)
        self._idle: SimpleQueue[Any] = SimpleQueue()
        self._lent = 0
        self._counting = Lock()

    @contextmanager
    def lend(self, count: int) -> Iterator[list[Any]]:
        """Lend connections, each in a transaction that has not begun and is rolled back.

        Raises:
            ServiceBusy: too many are lent.
            DatabaseUnavailable: the server cannot be reached.

        """
        with telling_failures(), ExitStack() as until_given_back:
            until_given_back.enter_context(self._counted(count))
            yield [until_given_back.enter_context(self._lend()) for _ in range(count)]

    def close(self) -> None:
        """Close the connections that nobody has borrowed."""
        while (connection := self._taken()) is not None:
            connection.close()

    @contextmanager
    def _counted(self, count: int) -> Iterator[None]:
        with self._counting:
            if self._lent + count > MOST:
                raise ServiceBusy.of_pool()
            self._lent += count
        try:
            yield
        finally:
            with self._counting:
                self._lent -= count

    @contextmanager
    def _lend(self) -> Iterator[Any]:
        with telling_failures(connecting=True):
            connection = self._working() or dbapi.connect(self._url)
        try:
            yield connection
            connection.rollback()
        except BaseException:
            connection.close()
            raise
        if self._idle.qsize() < KEPT:
            self._idle.put(connection)
        else:
            connection.close()

    def _working(self) -> Any | None:
        """Return an idle connection that still works: the server may have been started anew."""
        while (connection := self._taken()) is not None:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
                connection.rollback()
            except dbapi.Error:
                connection.close()
            else:
                return connection
        return None

    def _taken(self) -> Any | None:
        try:
            return self._idle.get_nowait()
        except Empty:
            return None
