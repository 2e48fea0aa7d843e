"""Rules: judgements from dated, cited policy, with reasons."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI

from services.rules.boards.routes import router as boards
from services.rules.clients.registry import RegistryClient
from services.rules.determinations.replay import replay_counter
from services.rules.determinations.routes import router as determinations
from services.rules.evaluations.routes import router as evaluations
from services.rules.evaluations.schemas import BATCH_BYTES
from services.rules.judging.kept import KeptJudgements
from services.rules.releases.documents.document_routes import router as release_documents
from services.rules.releases.documents.file_routes import router as release_files
from services.rules.releases.routes import router as releases
from services.rules.releases.shelf import Policies, Shelf
from services.rules.releases.step_routes import router as release_steps
from services.rules.rulebook.routes import router as rulebook
from services.rules.runs.routes import outcomes_router
from services.rules.runs.routes import router as runs
from services.rules.scopes import Scope
from services.rules.settings import RulesSettings
from services.rules.what_ifs.routes import router as what_ifs
from services.rules.what_ifs.variants import Variants
from shared.clock import Clock
from shared.db.database import Database
from shared.divisions import KnownDivisions
from shared.jobs.routes import jobs_router
from shared.journal.aside_routes import set_aside_router
from shared.journal.routes import events_router
from shared.journal.watching import watch_feeds
from shared.journal.writers import watch_writers
from shared.web.app import create_app as create_service

TITLE = "清零·规则 Qingling rules"
DESCRIPTION = """按有日期、有出处的政策判定农户和村是否清零，并说明理由；事实不足时为待判定。

Eligibility and zero-out status from dated, cited policy, with reasons: met, not met, or
undetermined where a fact is missing or out of date."""


def create_app(
    settings: RulesSettings,
    *,
    clock: Clock | None = None,
    database: Database | None = None,
    registry: RegistryClient | None = None,
    shipped: Mapping[str, str] | None = None,
    policies: Policies | None = None,
) -> FastAPI:
    """Return the application of rules.

    ``registry`` replaces its client and ``shipped`` the files of the built-in policy (tests do).
    ``policies`` holds what was compiled already.
    """
    client = registry or RegistryClient(
        "registry", settings.registry_url, settings.signer().tokens_for("registry")
    )

    @asynccontextmanager
    async def connected(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await client.close()

    app = create_service(
        "rules",
        settings,
        [
            evaluations,
            determinations,
            what_ifs,
            runs,
            outcomes_router,
            boards,
            rulebook,
            releases,
            release_steps,
            release_files,
            release_documents,
            jobs_router(Scope.JOBS_READ, Scope.JOBS_CANCEL),
            events_router("rules", Scope.EVENTS_READ),
            set_aside_router(Scope.SET_ASIDE_EVENTS_READ, Scope.SET_ASIDE_EVENTS_RETRY),
        ],
        title=TITLE,
        description=DESCRIPTION,
        clock=clock,
        database=database,
        lifespan=connected,
        larger_bodies={"/v1/evaluations:batch": BATCH_BYTES},
    )
    watch_writers(app)
    watch_feeds(app, "registry")
    app.state.replays = replay_counter(app.state.metrics)
    app.state.policies = policies or Policies()
    furnish(app, client, shipped)
    return app


def furnish(app: FastAPI, registry: RegistryClient, shipped: Mapping[str, str] | None) -> None:
    """Give the application what it asks and what it remembers; again, and it has forgotten.

    Only what it compiled stays, which follows from the files of a policy alone.
    """
    state, settings = app.state, app.state.settings
    state.registry = registry
    state.divisions = KnownDivisions(
        registry, state.clock, timedelta(seconds=settings.divisions_kept_seconds)
    )
    state.variants = Variants()
    state.kept_judgements = KeptJudgements()
    state.shelf = Shelf(state.database, shipped=shipped, clock=state.clock, policies=state.policies)
