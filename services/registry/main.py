"""The registry: the facts of record."""

from datetime import timedelta

from fastapi import FastAPI

from services.registry.allowances.domain import Allowances
from services.registry.conflicts.routes import router as conflicts
from services.registry.divisions.queries import RecordedDivisions
from services.registry.divisions.routes import router as divisions
from services.registry.facts.routes import router as facts
from services.registry.households.belonging import concerned
from services.registry.households.members.routes import router as members
from services.registry.households.routes import router as households
from services.registry.imports.routes import router as imports
from services.registry.kinds import KINDS
from services.registry.recording.routes import routes_of
from services.registry.scopes import Scope
from services.registry.settings import RegistrySettings
from services.registry.villages.routes import router as villages
from shared.clock import Clock
from shared.db.database import Database
from shared.jobs.routes import jobs_router
from shared.journal.routes import events_router
from shared.journal.writers import watch_writers
from shared.web.app import create_app as create_service

RECORDS = [routes_of(kind) for kind in KINDS]
TITLE = "清零·建档 Qingling registry"
DESCRIPTION = """低收入农户与村的建档立卡：登记什么、谁登记的、何时知道的。

The facts of record: households, villages, income and guarantees – what is recorded, who recorded
it, and what was known when. Times are RFC 3339, money is decimal text in yuan, what is absent is
not known."""


def create_app(
    settings: RegistrySettings, *, clock: Clock | None = None, database: Database | None = None
) -> FastAPI:
    """Return the registry's application."""
    app = create_service(
        "registry",
        settings,
        [
            divisions,
            villages,
            conflicts,
            households,
            members,
            *RECORDS,
            facts,
            imports,
            jobs_router(Scope.JOBS_READ, Scope.JOBS_CANCEL),
            events_router("registry", Scope.EVENTS_READ, concerned),
        ],
        title=TITLE,
        description=DESCRIPTION,
        clock=clock,
        database=database,
        larger_bodies={"/v1/imports": settings.max_import_bytes},
    )
    watch_writers(app)
    app.state.divisions = RecordedDivisions(app.state.database)
    app.state.sealer = settings.sealer()
    app.state.void_alone_for = timedelta(minutes=settings.void_alone_minutes)
    app.state.allowances = Allowances(settings.finds_a_day, settings.reveals_a_day)
    return app
