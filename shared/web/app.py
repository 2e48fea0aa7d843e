"""The application factory: every service is the same house with other rooms."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.clock import Clock, SystemClock
from shared.db.connecting import SessionLimits
from shared.db.database import Database
from shared.db.failures import problem_of
from shared.problems import (
    Conflict,
    DatabaseUnavailable,
    HeadTooLarge,
    IdempotencyKeyReused,
    InsufficientStorage,
    InvalidRequest,
    MalformedRequest,
    PayloadTooLarge,
    Problem,
    ProblemBody,
    RequestTimeout,
    ServiceBusy,
    TooLongAtOnce,
    TooManyRequests,
    Unauthenticated,
    UnknownParameter,
    UnsupportedMediaType,
    problem_response,
    problems,
)
from shared.security.access import TokenVerifier
from shared.settings import ServiceSettings
from shared.values.bilingual import Bilingual
from shared.web import operations
from shared.web.bodies import Bodies
from shared.web.compression import CompressionMiddleware
from shared.web.health import Watch
from shared.web.middleware import ServiceMiddleware
from shared.web.slots import Slots
from shared.web.validation import from_http_exception, invalid_request

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
    "description": "幂等键 the same key and body gives the first answer again for 24 hours; "
    "another body with the same key is refused",
    "example": "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d",
}
STREAMS = Bilingual("数据流或导出", "streams or exports")
POLLS = Bilingual("等待事件的请求", "waiting requests for events")
EVERYWHERE: tuple[type[Problem], ...] = (
    TooManyRequests,
    HeadTooLarge,
    DatabaseUnavailable,
    ServiceBusy,
    TooLongAtOnce,
)
RETRY_AFTER = {
    "Retry-After": {
        "schema": {"type": "integer"},
        "description": "多少秒后重试 seconds to wait before trying again",
    }
}
ALLOWANCE = {
    f"RateLimit-{name}": {"schema": {"type": "integer"}, "description": meaning}
    for name, meaning in (
        ("Limit", "每分钟可请求的次数 requests a minute"),
        ("Remaining", "本分钟剩余的次数 requests left of this minute"),
        ("Reset", "多少秒后重新计数 seconds until the count begins anew"),
    )
}
# Fields of a form are kept in memory; its files are on disk.
FORM_LIMITS: dict[str, int] = {"max_fields": 50, "max_files": 100, "max_part_size": 64 * 1024}
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    service: str,
    settings: ServiceSettings,
    routers: Sequence[APIRouter],
    *,
    title: str,
    description: str,
    clock: Clock | None = None,
    database: Database | None = None,
    lifespan: Lifespan | None = None,
    larger_bodies: Mapping[str, int] | None = None,
) -> FastAPI:
    """Return a service's application.

    ``lifespan`` opens what the service needs beyond its database; ``database`` replaces the one of
    the settings (tests do); ``larger_bodies`` gives paths their own limit in bytes.
    """
    opened = database or Database(
        settings.database_url,
        application=f"qingling-{service}",
        pool_size=settings.pool_size,
        limits=SessionLimits.of_requests(settings),
    )

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        async with opened:
            if lifespan is None:
                yield
            else:
                async with lifespan(app):
                    yield

    app = FastAPIOffline(
        title=title,
        description=description,
        version="1",
        lifespan=running,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        generate_unique_id_function=_operation_id,
        responses=problems(Unauthenticated),
        form_limits=FORM_LIMITS,
    )
    app.state.service = service
    app.state.settings = settings
    app.state.clock = clock or SystemClock()
    app.state.database = opened
    app.state.verifier = TokenVerifier(settings.token_keys, settings.token_issuer, service)
    app.state.metrics = CollectorRegistry()
    app.state.bodies = Bodies(settings)
    app.state.streams = Slots(
        STREAMS, a_caller=settings.streams_a_caller, at_once=settings.streams_at_once
    )
    app.state.polls = Slots(POLLS, a_caller=settings.polls_a_caller, at_once=settings.polls_at_once)
    app.state.watches = list[Watch]()
    app.add_middleware(CompressionMiddleware)
    app.add_middleware(
        ServiceMiddleware,
        settings=settings,
        verifier=app.state.verifier,
        registry=app.state.metrics,
        larger_bodies=larger_bodies or {},
    )
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(RequestValidationError, _answer_validation_error)
    app.add_exception_handler(HTTPException, _answer_http_exception)
    app.include_router(operations.router)
    for router in routers:
        app.include_router(router)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
        )
        components = schema.setdefault("components", {}).setdefault("schemas", {})
        definition = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
        components.update(definition.pop("$defs", {}))
        components["ProblemBody"] = definition
        for path_operations in schema["paths"].values():
            for method, operation in path_operations.items():
                _describe_conventions(method, operation)
        for unused in ("HTTPValidationError", "ValidationError"):
            components.pop(unused, None)
        app.openapi_schema = schema
    return app.openapi_schema


def _describe_conventions(method: str, operation: dict[str, Any]) -> None:
    """Write down what the route class does for every route, beside the route's own words."""
    responses = operation["responses"]
    if "application/json" in responses.get("422", {}).get("content", {}):
        # The framework's own 422 is never answered: the problem document is.
        del responses["422"]
        responses |= _declared(InvalidRequest)
    always: list[type[Problem]] = [MalformedRequest, UnknownParameter, *EVERYWHERE]
    if method != "get":
        always += [Conflict, InsufficientStorage]
    sent = operation.get("requestBody", {}).get("content", {})
    if sent:
        always += [PayloadTooLarge, RequestTimeout]
    if "application/json" in sent:
        always += [UnsupportedMediaType]
    if method == "post":
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
        always += [IdempotencyKeyReused]
    described = dict(sorted((_declared(*always) | responses).items()))
    described["429"]["headers"] = RETRY_AFTER | ALLOWANCE
    described["503"]["headers"] = RETRY_AFTER
    operation["responses"] = described


def _declared(*kinds: type[Problem]) -> dict[str, Any]:
    return {str(status): response for status, response in problems(*kinds).items()}


async def _answer_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(request, error)


async def _answer_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(request, invalid_request(error.errors()))


async def _answer_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    # The framework calls every failure to read a form the client's; a full disk is not.
    cause = problem_of(error.__cause__) if error.__cause__ else None
    return problem_response(request, cause or from_http_exception(error))
