"""The worker of rules: what it does at set times."""

from functools import partial

from services.rules.determinations.replay import EVERY_NIGHT, replay_nightly
from services.rules.releases.shelf import Shelf
from services.rules.settings import RulesSettings
from shared.clock import SystemClock
from shared.db.database import Database
from shared.jobs.worker import run_worker


async def work(settings: RulesSettings) -> None:
    """Run until stopped."""
    async with Database(settings.database_url, application="qingling-rules-worker") as database:
        clock = SystemClock()
        shelf = Shelf(database, clock=clock)
        await run_worker(
            database,
            {},
            clock,
            {
                "replay_determinations": (
                    EVERY_NIGHT,
                    partial(replay_nightly, database, shelf, clock),
                )
            },
        )
