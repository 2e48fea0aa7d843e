"""The worker of rules: what it does at set times."""

from services.rules.settings import RulesSettings
from shared.clock import SystemClock
from shared.db.database import Database
from shared.jobs.worker import run_worker


async def work(settings: RulesSettings) -> None:
    """Run until stopped."""
    async with Database(settings.database_url, application="qingling-rules-worker") as database:
        await run_worker(database, {}, SystemClock())
