"""Long answers: read ahead to disk, so that nothing waits for whoever reads them slowly."""

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from threading import Condition, Thread
from typing import Annotated, Self

from anyio import CancelScope
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from shared.web.reading import of_application
from shared.web.slots import Slots

PART_BYTES = 256 * 1024
Content = AsyncGenerator[bytes, None]
Write = Callable[[bytes], None]


class StreamedAnswer(StreamingResponse):
    """A long answer whose first part is here already, and whose source is closed when it ends."""

    _source: Content

    @classmethod
    async def of(
        cls, source: Content, *, media_type: str, headers: dict[str, str] | None = None
    ) -> Self:
        """Answer what a source yields.

        It is asked for its first part before the answer begins, so that what fails at once is
        answered as a problem. What fails later breaks the connection: an answer that ends well is
        complete.
        """
        first = await anext(source, b"")

        async def content() -> Content:
            yield first
            async for part in source:
                yield part

        answer = cls(content(), media_type=media_type, headers=headers)
        answer._source = source
        return answer

    async def head(self) -> Response:
        """Return the answer without what it would stream, its source closed."""
        await self._source.aclose()
        head = Response(status_code=self.status_code)
        head.raw_headers = self.raw_headers
        return head

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._source.aclose()


class NobodyReads(Exception):
    """What a source meets that writes for a reader who has left, or takes nothing for too long."""


async def read_ahead(produce: Callable[[Write], None], *, most: int, patience: float) -> Content:
    """Yield what ``produce`` writes, in a thread of its own and as fast as it can.

    What is not read yet lies on disk, ``most`` bytes of it. Where that is full the source waits,
    and after ``patience`` seconds in which nothing was taken it fails.

    Raises:
        Exception: what ``produce`` raised, behind everything that it wrote before.

    """
    spool = _Spool(most, patience)
    thread = Thread(target=spool.fill, args=(produce,), name="read-ahead", daemon=True)
    thread.start()
    try:
        while part := await spool.part():
            yield part
    finally:
        spool.leave()
        # What the source has borrowed it gives back before the reader's place is free again.
        with CancelScope(shield=True):
            await spool.ended.wait()
        spool.close()


class _Spool:
    """A ring of bytes in a file without a name: one thread writes, the event loop reads."""

    def __init__(self, most: int, patience: float) -> None:
        self._most = most
        self._patience = patience
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 closed by close()
        self._written = self._read = 0
        self._left = False
        self._error: BaseException | None = None
        self._changed = Condition()
        self._loop = asyncio.get_running_loop()
        self._something = asyncio.Event()
        self.ended = asyncio.Event()

    def fill(self, produce: Callable[[Write], None]) -> None:
        """Run the source to its end or failure; runs in the thread."""
        try:
            produce(self._write)
        except BaseException as error:
            self._error = error
        self._tell(self.ended.set)
        self._tell(self._something.set)

    async def part(self) -> bytes:
        """Return what there is, b"" at the end."""
        while True:
            self._something.clear()
            waiting = self._written - self._read
            if waiting:
                return await asyncio.to_thread(self._take, min(waiting, PART_BYTES))
            if self.ended.is_set():
                if self._error is not None:
                    raise self._error
                return b""
            await self._something.wait()

    def leave(self) -> None:
        """Let the source fail with the next thing that it writes."""
        with self._changed:
            self._left = True
            self._changed.notify()

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            with self._changed:
                before = self._read
                while not self._left and self._written - self._read >= self._most:
                    if not self._changed.wait(self._patience) and self._read == before:
                        raise NobodyReads
                    before = self._read
                if self._left:
                    raise NobodyReads
                room = self._most - (self._written - self._read)
            place = self._written % self._most
            now = rest[: min(room, self._most - place)]
            count = os.pwrite(self._file.fileno(), now, place)
            self._written += count
            rest = rest[count:]
            self._tell(self._something.set)

    def _take(self, count: int) -> bytes:
        place = self._read % self._most
        part = os.pread(self._file.fileno(), min(count, self._most - place), place)
        with self._changed:
            self._read += len(part)
            self._changed.notify()
        return part

    def _tell(self, what: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has ended, and with it the reader
            self._loop.call_soon_threadsafe(what)


StreamPlaces = Annotated[Slots, of_application("streams")]
"""The places of long answers: each holds disk, and connections while it is read ahead."""
