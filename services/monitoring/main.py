"""Monitoring: things with a clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI

from services.monitoring.clients.registry import RegistryClient
from services.monitoring.clients.rules import RulesClient
from services.monitoring.scopes import Scope
from services.monitoring.settings import MonitoringSettings
from services.monitoring.zero_outs.routes import router as zero_outs
from shared.clock import Clock
from shared.db.database import Database
from shared.divisions import KnownDivisions
from shared.jobs.routes import jobs_router
from shared.journal.aside_routes import set_aside_router
from shared.journal.routes import events_router
from shared.journal.watching import watch_feeds
from shared.journal.writers import watch_writers
from shared.web.app import create_app as create_service

TITLE = "清零·监测 Qingling monitoring"
DESCRIPTION = """清零事项：未达标即立项，达标后村、乡镇、县依次签字销号，再次不达标自动退回。

Zero-out items: opened by what is not met, signed off level by level once it is, and reopened by
themselves when it fails again. Nothing undetermined is ever signed off."""


def create_app(
    settings: MonitoringSettings,
    *,
    clock: Clock | None = None,
    database: Database | None = None,
    rules: RulesClient | None = None,
    registry: RegistryClient | None = None,
) -> FastAPI:
    """Return the application of monitoring; ``rules`` and ``registry`` replace its clients (tests do)."""
    signer = settings.signer()
    rules = rules or RulesClient("rules", settings.rules_url, signer.tokens_for("rules"))
    registry = registry or RegistryClient(
        "registry", settings.registry_url, signer.tokens_for("registry")
    )

    @asynccontextmanager
    async def connected(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await rules.close()
        await registry.close()

    app = create_service(
        "monitoring",
        settings,
        [
            zero_outs,
            jobs_router(Scope.JOBS_READ, Scope.JOBS_CANCEL),
            events_router("monitoring", Scope.EVENTS_READ),
            set_aside_router(Scope.SET_ASIDE_EVENTS_READ, Scope.SET_ASIDE_EVENTS_RETRY),
        ],
        title=TITLE,
        description=DESCRIPTION,
        clock=clock,
        database=database,
        lifespan=connected,
    )
    app.state.rules = rules
    # Its own reads go on while the registry is away.
    app.state.divisions = KnownDivisions(
        registry,
        app.state.clock,
        timedelta(seconds=settings.divisions_kept_seconds),
        unless_away=True,
    )
    watch_writers(app)
    watch_feeds(app, "registry")
    return app
