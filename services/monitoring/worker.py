"""The worker of monitoring: follows the registry, runs jobs, and judges what time alone changes."""

import asyncio

from services.monitoring.clients.registry import RegistryClient
from services.monitoring.clients.rules import RulesClient
from services.monitoring.settings import MonitoringSettings
from services.monitoring.zero_outs.following import JUDGE_JOB, Judge
from shared.jobs.worker import EVERY_HOUR, EVERY_MINUTE, run_worker, worker_database
from shared.journal.follower import Follower


async def work(settings: MonitoringSettings) -> None:
    """Follow the registry and run jobs until stopped."""
    clock = settings.clock()
    # Whoever moves the clock waits for what falls due.
    sweeps = EVERY_HOUR if settings.demonstration_clock is None else EVERY_MINUTE
    signer = settings.signer()
    registry = RegistryClient("registry", settings.registry_url, signer.tokens_for("registry"))
    rules = RulesClient("rules", settings.rules_url, signer.tokens_for("rules"))
    async with worker_database(settings, "monitoring") as database:
        judge = Judge(database, rules, clock)
        follower = Follower(database, "registry", registry, judge.plan, clock)
        following = asyncio.create_task(follower.run())
        try:
            await run_worker(
                database,
                {JUDGE_JOB: judge.judge_division},
                clock,
                {"sweep_zero_out_items": (sweeps, judge.sweep)},
            )
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await registry.close()
            await rules.close()
