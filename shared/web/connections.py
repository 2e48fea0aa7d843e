"""Connections with bounds: a head in time and in size, an answer that is read, a place for others.

uvicorn bounds neither the size nor the time of a head, waits for ever for a client that reads
nothing, and keeps a connection whose body never ends. What belongs to one request – the size and the
time of its body, its rate – is bounded inside the application (``shared.web.bodies``).
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from shared.ids import new_id
from shared.problems import (
    MEDIA_TYPE,
    HeadTooLarge,
    MalformedRequest,
    Problem,
    RequestTimeout,
    ServiceBusy,
)
from shared.settings import ServiceSettings
from shared.values.bilingual import Bilingual
from shared.web.security_headers import of_every_answer

log = structlog.get_logger(__name__)
LINGER_SECONDS = 5.0
LEAST_BYTES_A_SECOND = 1024


@dataclass(frozen=True)
class ConnectionLimits:
    """What a connection may take: connections at once, bytes and seconds of a head, of a send."""

    connections: int
    head_bytes: int
    head_seconds: float
    send_seconds: float


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 with the bounds of ``limits``; subclasses set them.

    Nothing is measured where a head arrives in one piece, as nearly every head does.
    """

    limits: ConnectionLimits

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._unfinished_bytes = 0
        self._message_open = False
        self._ended = False
        self._head_timer: asyncio.TimerHandle | None = None
        self._linger_timer: asyncio.TimerHandle | None = None
        self._watcher: asyncio.TimerHandle | None = None
        self._moved = True
        self._unsent = 0
        self.idle_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.idle_since = self.loop.time()
        self._expect_head()
        self._watcher = self.loop.call_later(self.limits.send_seconds, self._watch)
        if len(self.connections) > self.limits.connections and not self._make_room():
            self._ended = True
            self.transport.write(_raw(_overloaded()))
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        for timer in (self._head_timer, self._linger_timer, self._watcher):
            if timer is not None:
                timer.cancel()

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return  # the answer is on its way; what still comes is thrown away until it is read
        self._unfinished_bytes += len(data)
        super().data_received(data)
        # With a message open these are not its content but what surrounds chunks, or trailers.
        if self._unfinished_bytes > self.limits.head_bytes:
            self._end_with(_too_large(self.limits.head_bytes))
        elif self._unfinished_bytes and not self._message_open and self._head_timer is None:
            self._expect_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        # What follows a body is not part of its request's head, wherever the parser puts it.
        if not self._message_open:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._unfinished_bytes, self._message_open, self._moved = 0, True, True
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unfinished_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unfinished_bytes, self._message_open = 0, False
        self.idle_since = self.loop.time()
        super().on_message_complete()
        if self._linger_timer is not None:
            self._linger_timer.cancel()
            self._linger_timer = None
            self._await_next()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.idle_since = self.loop.time()
        if self._message_open and self._linger_timer is None and not self.transport.is_closing():
            # Closed at once, the answer would be lost to a client that still sends.
            self._linger_timer = self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        self._moved = True
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP with a problem, as everything else is answered."""
        self._end_with(_unreadable())

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being answered here: no request yet, half a head, or answered."""
        return self.cycle is None or self.cycle.response_complete

    def _expect_head(self) -> None:
        self._head_timer = self.loop.call_later(self.limits.head_seconds, self._head_is_late)

    def _await_next(self) -> None:
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def _head_is_late(self) -> None:
        if not self.is_idle:
            self._expect_head()  # a second request, half sent while the first is answered
        elif self._unfinished_bytes:
            self._end_with(_too_slow(self.limits.head_seconds))
        else:
            self.transport.close()

    def _make_room(self) -> bool:
        """End the connection that has been idle longest; say whether there was one."""
        idle = [
            one
            for one in self.connections
            if isinstance(one, BoundedProtocol)
            and one.is_idle
            and one is not self
            and not one.transport.is_closing()
        ]
        if not idle:
            return False
        oldest = min(idle, key=lambda one: one.idle_since)
        oldest.transport.abort()
        return True

    def _end_with(self, problem: Problem) -> None:
        """Answer a problem where an answer can still be given, and close."""
        if self._ended or self.transport.is_closing():
            return
        self._ended = True
        if not self.is_idle:
            # In the middle of an answer another one would be taken for its content.
            self.transport.abort()
            return
        self.transport.write(_raw(problem))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._linger_timer = self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _watch(self) -> None:
        """End a connection whose client has not read for a whole interval."""
        unsent = self.transport.get_write_buffer_size()
        least = LEAST_BYTES_A_SECOND * self.limits.send_seconds
        if unsent and self._unsent and not self._moved and self._unsent - unsent < least:
            log.warning("client does not read", client=self.client, unsent=unsent)
            self.transport.abort()
            return
        self._unsent, self._moved = unsent, False
        self._watcher = self.loop.call_later(self.limits.send_seconds, self._watch)


def server_config(app: ASGIApp, settings: ServiceSettings, host: str, port: int) -> Config:
    """Return how uvicorn serves an application within the bounds of its settings."""
    limits = ConnectionLimits(
        connections=settings.max_connections,
        head_bytes=settings.max_header_bytes,
        head_seconds=settings.header_seconds,
        send_seconds=settings.send_seconds,
    )
    return Config(
        app,
        host=host,
        port=port,
        http=type("LimitedProtocol", (BoundedProtocol,), {"limits": limits}),
        ws="none",
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=settings.idle_seconds,
        timeout_graceful_shutdown=5,
        log_config=None,
        access_log=False,
        server_header=False,
    )


def _raw(problem: Problem) -> bytes:
    """Return a problem as the bytes of an answer that closes its connection."""
    body = orjson.dumps(problem.body(str(new_id()), "zh"))
    headers = {
        **of_every_answer(),
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Connection": "close",
        **(problem.headers or {}),
    }
    lines = [f"HTTP/1.1 {problem.status} {problem.title.en}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _too_large(limit: int) -> HeadTooLarge:
    return HeadTooLarge(
        Bilingual(
            f"请求行和请求头超过 {limit} 字节的上限；请缩短地址和请求头。",
            f"The request line and headers exceed {limit} bytes; shorten the address and the headers.",
        )
    )


def _too_slow(seconds: float) -> RequestTimeout:
    return RequestTimeout(
        Bilingual(
            f"请求头未在 {seconds:g} 秒内收全；请检查网络后重试。",
            f"The head of the request did not arrive within {seconds:g} seconds; "
            "check the network and try again.",
        )
    )


def _unreadable() -> MalformedRequest:
    return MalformedRequest(
        Bilingual(
            "收到的不是有效的 HTTP 请求；请检查客户端。",
            "What arrived is not a valid HTTP request; check the client.",
        )
    )


def _overloaded() -> ServiceBusy:
    return ServiceBusy(
        Bilingual(
            "同时打开的连接过多；请稍后重试。",
            "Too many connections are open at once; try again shortly.",
        ),
        headers={"Retry-After": "5"},
    )
