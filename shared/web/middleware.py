"""The one ASGI layer around every service: request id, limits, metrics, and no bare 500."""

import re
from collections.abc import Mapping
from time import perf_counter

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.ids import new_id
from shared.problems import InternalError, PayloadTooLarge, problem_response
from shared.values.bilingual import Bilingual

log = structlog.get_logger(__name__)
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class ServiceMiddleware:
    """Gives each request an id, bounds its body, counts it, and turns a crash into a problem."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        registry: CollectorRegistry,
        max_body_bytes: int,
        larger_bodies: Mapping[str, int],
    ) -> None:
        """``larger_bodies`` gives paths that take more than ``max_body_bytes`` their own limit."""
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._larger_bodies = larger_bodies
        self._requests = Counter(
            "http_requests",
            "Requests answered",
            ["method", "route", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "http_request_seconds",
            "Time to the first byte",
            ["method", "route"],
            registry=registry,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        request = Request(scope)
        given = request.headers.get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else str(new_id())
        scope.setdefault("state", {})["request_id"] = request_id
        limit = self._larger_bodies.get(scope["path"], self._max_body_bytes)
        received = 0
        answered = False

        async def bounded_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _too_large(limit)
            return message

        async def observed_send(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
                self._observe(scope, message["status"], perf_counter() - started)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                # Whatever is declared, what arrives is counted; this only spares the reading.
                declared = request.headers.get("content-length", "")
                if declared.isdecimal() and int(declared) > limit:
                    raise _too_large(limit)
                await self._app(scope, bounded_receive, observed_send)
            except PayloadTooLarge as too_large:
                await problem_response(request, too_large)(scope, receive, observed_send)
            except Exception:
                log.exception("request failed", method=scope["method"], path=scope["path"])
                if answered:
                    raise
                problem = InternalError(
                    Bilingual(
                        f"服务出错，已记录；请稍后重试，或报告请求编号 {request_id}。",
                        f"The service failed and noted it; try later, or report request {request_id}.",
                    )
                )
                await problem_response(request, problem)(scope, receive, observed_send)

    def _observe(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        self._requests.labels(scope["method"], route, status).inc()
        self._seconds.labels(scope["method"], route).observe(seconds)


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(
        Bilingual(
            f"请求正文超过 {limit} 字节的上限；请分批发送。",
            f"The body exceeds the limit of {limit} bytes; send it in parts.",
        )
    )
