"""What operators ask a service: is it alive, is it ready, what does it count."""

from hmac import compare_digest
from typing import Any

import structlog
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import HTMLResponse, JSONResponse, Response

from shared.db.database import Database
from shared.db.migrations import newest_revisions
from shared.problems import PASSING, Forbidden, Problem, Unauthenticated
from shared.security.access import bearer_token
from shared.settings import ServiceSettings
from shared.values.bilingual import Bilingual
from shared.web.methods import HttpRoute
from shared.web.rates import is_this_machine

# What came through a proxy on this machine came from elsewhere.
FORWARDED = frozenset({"forwarded", "x-forwarded-for", "x-real-ip"})

log = structlog.get_logger(__name__)
router = APIRouter(include_in_schema=False, route_class=HttpRoute)


@router.get("/healthz")
async def check_alive() -> dict[str, str]:
    """Answer as long as the process serves requests."""
    return {"status": "alive"}


@router.get("/readyz")
async def check_ready(request: Request) -> Response:
    """Answer 200 once the database answers and is migrated, 503 until then.

    What a watch finds degraded is served on and said; what it finds stuck is not ready.
    """
    state = request.app.state
    database: Database = state.database
    try:
        async with database.driver() as connection:
            rows = await connection.fetch("SELECT version_num FROM alembic_version")
            if {row["version_num"] for row in rows} != newest_revisions(state.service):
                return _not_ready({"database": "not migrated"})
            found = [await watch(connection) for watch in state.watches]
    except Exception as error:  # any failure to reach the database means not ready
        return _not_ready({"database": type(error).__name__})
    details = {name: value for health in found for name, value in health.details.items()}
    if any(health.stuck for health in found):
        return _not_ready(details)
    degraded = any(health.degraded for health in found)
    return JSONResponse({"status": "degraded" if degraded else "ready"} | details)


@router.get("/docs/problems")
async def read_problems() -> HTMLResponse:
    """Explain every problem type that the service may answer."""
    kinds = sorted(_kinds(Problem), key=lambda kind: (kind.status, kind.code))
    rows = "".join(
        f"<tr id='{kind.code}'><td>urn:qingling:problem:{kind.code}</td><td>{kind.status}</td>"
        f"<td>{kind.title.zh}</td><td>{kind.title.en}</td></tr>"
        for kind in kinds
    )
    return HTMLResponse(
        "<!doctype html><meta charset=utf-8><title>错误类型 Problems</title>"
        "<h1>错误类型 Problems</h1><table border=1 cellpadding=6>"
        f"<tr><th>type</th><th>status</th><th>中文</th><th>English</th></tr>{rows}</table>"
    )


@router.get("/metrics")
async def read_metrics(request: Request) -> Response:
    """Answer the service's counters in Prometheus' text format, to whom the settings name."""
    _refuse_strangers(request)
    database: Database = request.app.state.database
    try:
        async with database.driver() as connection:
            for watch in request.app.state.watches:
                await watch(connection)
    except PASSING:
        log.warning("nothing watched while the database is away")
    return Response(generate_latest(request.app.state.metrics), media_type=CONTENT_TYPE_LATEST)


def _not_ready(details: dict[str, Any]) -> Response:
    return JSONResponse({"status": "not ready"} | details, 503, {"Retry-After": "5"})


def _refuse_strangers(request: Request) -> None:
    settings: ServiceSettings = request.app.state.settings
    if settings.metrics_token is not None:
        given = (bearer_token(request) or "").encode()
        if compare_digest(given, settings.metrics_token.get_secret_value().encode()):
            return
        raise Unauthenticated(
            Bilingual(
                "请在 Authorization 头中提供指标令牌（QINGLING_METRICS_TOKEN）。",
                "Send the token of the metrics (QINGLING_METRICS_TOKEN) as a bearer token.",
            ),
            headers={"WWW-Authenticate": "Bearer"},
        )
    if FORWARDED.isdisjoint(request.headers) and is_this_machine(request):
        return
    raise Forbidden(
        Bilingual(
            "指标只供本机读取；请设置 QINGLING_METRICS_TOKEN 后凭令牌读取。",
            "Metrics are for this machine only; set QINGLING_METRICS_TOKEN and send it.",
        )
    )


def _kinds(kind: type[Problem]) -> set[type[Problem]]:
    below = kind.__subclasses__()
    return {one for one in below if hasattr(one, "code")}.union(*map(_kinds, below))
