"""The registry's worker: its jobs, and what it does at set times."""

from collections.abc import Mapping
from functools import partial

from services.registry.allowances.domain import Allowances
from services.registry.allowances.usecases import forget_allowances
from services.registry.imports.job import forget_files, run_import, seal_waiting_files
from services.registry.imports.usecases import IMPORT_JOB
from services.registry.reading_limits import ReadingLimits
from services.registry.settings import FINDS_A_DAY, REVEALS_A_DAY, RegistrySettings
from services.registry.values.sealing import Sealer
from shared.jobs.run import Task
from shared.jobs.worker import EVERY_HOUR, EVERY_MINUTE, run_worker, worker_database

USUAL = Allowances(FINDS_A_DAY, REVEALS_A_DAY)


def tasks(
    sealer: Sealer, allowances: Allowances = USUAL, limits: ReadingLimits | None = None
) -> Mapping[str, Task]:
    """Return what runs each kind of job; ``limits`` are those of reading one import's files."""
    importing = partial(
        run_import, sealer=sealer, allowances=allowances, limits=limits or ReadingLimits()
    )
    return {IMPORT_JOB: importing}


async def work(settings: RegistrySettings) -> None:
    """Run the registry's jobs until stopped."""
    clock = settings.clock()
    sealer = settings.sealer()
    async with worker_database(settings, "registry") as database:
        await run_worker(
            database,
            tasks(
                sealer,
                Allowances(settings.finds_a_day, settings.reveals_a_day),
                settings.reading_limits(),
            ),
            clock,
            {
                "forget_import_files": (EVERY_HOUR, partial(forget_files, database)),
                "seal_waiting_files": (EVERY_MINUTE, partial(seal_waiting_files, database, sealer)),
                "forget_allowances": (EVERY_HOUR, partial(forget_allowances, database, clock)),
            },
            concurrency=settings.jobs_at_once,
        )
