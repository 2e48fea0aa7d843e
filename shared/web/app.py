"""The application factory: every service is the same house with other rooms."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi_offline import FastAPIOffline
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.clock import Clock
from shared.db.connecting import SessionLimits
from shared.db.database import Database
from shared.problems import (
    Problem,
    ProblemBody,
    problem_response,
)
from shared.security.access import TokenVerifier
from shared.settings import ServiceSettings
from shared.values.bilingual import Bilingual
from shared.web import operations
from shared.web.bodies import Bodies
from shared.web.compression import CompressionMiddleware
from shared.web.conventions import HTTP, describe
from shared.web.health import Watch
from shared.web.methods import answer_head, answer_other_method
from shared.web.middleware import ServiceMiddleware
from shared.web.slots import Slots
from shared.web.validation import from_http_exception, invalid_request

STREAMS = Bilingual("数据流或导出", "streams or exports")
POLLS = Bilingual("等待事件的请求", "waiting requests for events")
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
    )
    answer_head(app)
    app.state.service = service
    app.state.settings = settings
    app.state.clock = clock or settings.clock()
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
    for router in (operations.router, *routers):
        # Taken as they are: what is included is analysed once more, for every application anew.
        app.router.routes.extend(router.routes)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description + HTTP,
            routes=app.routes,
        )
        components = schema.setdefault("components", {}).setdefault("schemas", {})
        definition = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
        components.update(definition.pop("$defs", {}))
        components["ProblemBody"] = definition
        for path_operations in schema["paths"].values():
            for method, operation in path_operations.items():
                describe(method, operation)
        for unused in ("HTTPValidationError", "ValidationError"):
            components.pop(unused, None)
        app.openapi_schema = schema
    return app.openapi_schema


async def _answer_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(request, error)


async def _answer_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(request, invalid_request(error.errors()))


async def _answer_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return answer_other_method(request)
    return problem_response(request, from_http_exception(error))
