"""Bodies of requests: bounded in size and time, and on disk before anything is opened for them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from tempfile import SpooledTemporaryFile

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from shared.db.failures import telling_failures
from shared.problems import PayloadTooLarge, RequestTimeout, ServiceBusy
from shared.settings import ServiceSettings
from shared.values.bilingual import Bilingual
from shared.web.slots import RETRY_AFTER, Slots

IN_MEMORY_BYTES = 64 * 1024
LARGE_BYTES = 1024 * 1024
WAITING_SECONDS = 30
UPLOADS = Bilingual("大文件上传", "large uploads")


class IncomingBody:
    """What the server hands over of a body, counted and timed.

    Whatever length is declared, what arrives is counted. Only the time counts in which the
    application waits, and what has arrived buys more of it: a slow line is no offence, a body that
    does not go on is.
    """

    def __init__(self, receive: Receive, limit: int, settings: ServiceSettings) -> None:
        self._receive = receive
        self._limit = limit
        self._seconds = settings.body_seconds
        self._rate = settings.body_bytes_per_second
        self._received = 0
        self._waited = 0.0
        self._complete = False

    async def receive(self) -> Message:
        """Return the next part of the body, or the client's leaving.

        Raises:
            PayloadTooLarge: more arrived than the address takes.
            RequestTimeout: the rest did not arrive in time.

        """
        if self._complete:
            return await self._receive()
        loop = asyncio.get_running_loop()
        began = loop.time()
        left = self._seconds + self._received / self._rate - self._waited
        try:
            async with asyncio.timeout(left):
                message = await self._receive()
        except TimeoutError as late:
            raise _too_slow() from late
        self._waited += loop.time() - began
        self._received += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._received > self._limit:
            raise too_large(self._limit)
        return message


class Bodies:
    """Receives whole bodies, most of them in memory, the large ones on disk and few at once."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._uploads = Slots(
            UPLOADS, a_caller=settings.uploads_a_caller, at_once=settings.uploads_at_once
        )
        self._in_use = asyncio.Semaphore(settings.large_bodies_in_use)

    @asynccontextmanager
    async def received(self, request: Request, caller: str) -> AsyncIterator[Request]:
        """Yield the request once its body is here to the end; it is thrown away after the block.

        Raises:
            InsufficientStorage: the disk is full.
            TooManyRequests: the caller sends its share of large bodies already.
            ServiceBusy: too many are being sent, or none of those here is done in time.

        """
        message = await request.receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            yield Request(request.scope, _again(message, request.receive))
            return
        with telling_failures(), SpooledTemporaryFile(IN_MEMORY_BYTES) as spool:
            async with self._arriving(request, caller, message, spool):
                spool.seek(0)
                yield Request(request.scope, _from_file(spool, request.receive))

    @asynccontextmanager
    async def _arriving(
        self,
        request: Request,
        caller: str,
        message: Message,
        spool: "SpooledTemporaryFile[bytes]",
    ) -> AsyncIterator[None]:
        """Write what arrives into the file; a large body has its places until the block ends."""
        async with AsyncExitStack() as held:
            received = 0
            while True:
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                chunk = message.get("body", b"")
                if received <= LARGE_BYTES < received + len(chunk):
                    held.enter_context(self._uploads.taken(caller))
                received += len(chunk)
                if received > IN_MEMORY_BYTES:
                    await asyncio.to_thread(spool.write, chunk)
                else:
                    spool.write(chunk)
                if not message.get("more_body", False):
                    break
                message = await request.receive()
            if received > LARGE_BYTES:
                # Whoever works on a file holds all of it in memory for a while.
                await held.enter_async_context(self._turn())
            yield

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(WAITING_SECONDS):
                await self._in_use.acquire()
        except TimeoutError as late:
            raise _busy() from late
        try:
            yield
        finally:
            self._in_use.release()


def _again(message: Message, afterwards: Receive) -> Receive:
    """Return a way to receive one message, and then what the server sends."""
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            return await afterwards()
        given = True
        return message

    return receive


def _from_file(spool: "SpooledTemporaryFile[bytes]", afterwards: Receive) -> Receive:
    """Return a way to receive a file part by part, and then what the server sends."""
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            return await afterwards()
        chunk = await asyncio.to_thread(spool.read, IN_MEMORY_BYTES)
        given = len(chunk) < IN_MEMORY_BYTES
        return {"type": "http.request", "body": chunk, "more_body": not given}

    return receive


def too_large(limit: int) -> PayloadTooLarge:
    """Return the problem of a body beyond the bytes that its address takes."""
    return PayloadTooLarge(
        Bilingual(
            f"请求正文超过 {limit} 字节的上限；请分批发送。",
            f"The body exceeds the limit of {limit} bytes; send it in parts.",
        )
    )


def _too_slow() -> RequestTimeout:
    return RequestTimeout(
        Bilingual(
            "请求正文未及时收全；请检查网络后重新发送。",
            "The body of the request did not arrive in time; check the network and send it again.",
        ),
        headers={"Connection": "close"},
    )


def _busy() -> ServiceBusy:
    return ServiceBusy(
        Bilingual(
            "正在处理的大文件过多；请稍后重新发送。",
            "Too many large files are being worked on; send it again shortly.",
        ),
        headers=RETRY_AFTER,
    )
