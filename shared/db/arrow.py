"""Connections that answer in Arrow, for bulk reads."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from queue import Empty, SimpleQueue
from typing import Any

from adbc_driver_postgresql import dbapi

KEPT = 4


class ArrowConnections:
    """Lends connections; a few stay open, as opening one costs as much as a small read."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._idle: SimpleQueue[Any] = SimpleQueue()

    @contextmanager
    def lend(self, count: int) -> Iterator[list[Any]]:
        """Lend connections, each in a transaction that has not begun and is rolled back."""
        with ExitStack() as until_given_back:
            yield [until_given_back.enter_context(self._lend()) for _ in range(count)]

    def close(self) -> None:
        """Close the connections that nobody has borrowed."""
        while (connection := self._taken()) is not None:
            connection.close()

    @contextmanager
    def _lend(self) -> Iterator[Any]:
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
