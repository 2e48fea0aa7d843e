"""The one ASGI layer around every service: request id, limits, headers, metrics, and no bare 500."""

import re
import unicodedata
from collections.abc import Mapping
from time import perf_counter

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.ids import new_id
from shared.problems import (
    HeadTooLarge,
    InternalError,
    MalformedRequest,
    Problem,
    problem_response,
)
from shared.security.access import TokenVerifier
from shared.settings import ServiceSettings
from shared.values.bilingual import Bilingual
from shared.web.answers import Answer
from shared.web.bodies import IncomingBody, too_large
from shared.web.rates import RateLimits

log = structlog.get_logger(__name__)
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
NOT_IN_A_PATH = frozenset({"Cc", "Cs", "Zl", "Zp"})
UNDECODABLE = "\N{REPLACEMENT CHARACTER}"


class ServiceMiddleware:
    """Gives each request an id and bounds, each answer its headers, and a crash the form of a problem."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: ServiceSettings,
        verifier: TokenVerifier,
        registry: CollectorRegistry,
        larger_bodies: Mapping[str, int],
    ) -> None:
        """``larger_bodies`` gives paths that take more than ``max_body_bytes`` their own limit."""
        self._app = app
        self._settings = settings
        self._larger_bodies = larger_bodies
        self._rates = RateLimits(
            verifier,
            a_caller=settings.caller_requests_per_minute,
            an_address=settings.address_requests_per_minute,
        )
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
        limit = self._larger_bodies.get(scope["path"], self._settings.max_body_bytes)
        body = IncomingBody(receive, limit, self._settings)
        answer = Answer(
            send,
            request_id,
            self._settings.public_url,
            lambda status: self._observe(scope, status, perf_counter() - started),
        )
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                _refuse_head(scope, self._settings.max_header_bytes)
                answer.allowance = self._rates.take(request)
                # Whatever is declared, what arrives is counted; this only spares the reading.
                declared = request.headers.get("content-length", "")
                if declared.isdecimal() and int(declared) > limit:
                    raise too_large(limit)
                await self._app(scope, body.receive, answer.send)
            except ClientDisconnect:
                log.info("client left", method=scope["method"], route=_route(scope))
            except Problem as problem:
                if answer.started:
                    raise
                await problem_response(request, problem)(scope, receive, answer.send)
            except Exception:
                log.exception("request failed", method=scope["method"], route=_route(scope))
                if answer.started:
                    raise
                crash = InternalError(
                    Bilingual(
                        f"服务出错，已记录；请稍后重试，或报告请求编号 {request_id}。",
                        f"The service failed and noted it; try later, or report request {request_id}.",
                    )
                )
                await problem_response(request, crash)(scope, receive, answer.send)

    def _observe(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route(scope)
        self._requests.labels(scope["method"], route, status).inc()
        self._seconds.labels(scope["method"], route).observe(seconds)


def _refuse_head(scope: Scope, limit: int) -> None:
    path: str = scope["path"]
    # A path pattern that ends in "$" also matches before a last line feed.
    if not (path.isascii() and path.isprintable()) and any(
        letter == UNDECODABLE or unicodedata.category(letter) in NOT_IN_A_PATH for letter in path
    ):
        raise MalformedRequest(
            Bilingual(
                "地址中有控制字符、换行或无法解码的字节；请去掉后重发。",
                "The address holds a control character, a line end or bytes that are no text; "
                "remove them and send again.",
            )
        )
    size = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    if size + sum(len(name) + len(value) for name, value in scope["headers"]) > limit:
        raise HeadTooLarge(
            Bilingual(
                f"请求行和请求头超过 {limit} 字节的上限；请缩短地址和请求头。",
                f"The request line and headers exceed {limit} bytes; "
                "shorten the address and the headers.",
            )
        )


def _route(scope: Scope) -> str:
    """Return the pattern of the path: what stands in its place may be about a person."""
    return getattr(scope.get("route"), "path", "unmatched")
