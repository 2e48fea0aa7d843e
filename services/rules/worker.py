"""The worker of rules: follows who moves, runs jobs, and does what is due at set times."""

import asyncio
from functools import partial

from services.rules.clients.registry import RegistryClient
from services.rules.determinations.places import Mover
from services.rules.determinations.replay import EVERY_NIGHT, replay_nightly
from services.rules.releases.activation import activate_due
from services.rules.releases.impact import IMPACT_JOB, run_impact
from services.rules.releases.shelf import Shelf
from services.rules.runs.job import carry_out, forget_failed
from services.rules.runs.usecases import RUN_JOB
from services.rules.settings import RulesSettings
from shared.jobs.worker import EVERY_HOUR, EVERY_MINUTE, run_worker, worker_database
from shared.journal.follower import Follower


async def work(settings: RulesSettings) -> None:
    """Run until stopped."""
    registry = RegistryClient(
        "registry", settings.registry_url, settings.signer().tokens_for("registry")
    )
    async with worker_database(settings, "rules") as database:
        clock = settings.clock()
        shelf = Shelf(database, clock=clock)
        follower = Follower(database, "registry", registry, Mover(clock).plan, clock)
        following = asyncio.create_task(follower.run())
        try:
            await run_worker(
                database,
                {
                    IMPACT_JOB: partial(run_impact, registry=registry, shelf=shelf),
                    RUN_JOB: partial(carry_out, registry=registry, shelf=shelf),
                },
                clock,
                {
                    "activate_releases": (EVERY_MINUTE, partial(activate_due, database, clock)),
                    "forget_failed_runs": (EVERY_HOUR, partial(forget_failed, database)),
                    "replay_determinations": (
                        EVERY_NIGHT,
                        partial(replay_nightly, database, shelf, clock),
                    ),
                },
            )
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await registry.close()
