"""The job that carries out a run: batch by batch of counties, published as a whole at the end.

Two batches – the counties of two cities – are held in memory at once, whatever the run's size. A
county is stored in one transaction, so that a run whose worker died goes on after the counties
that it has. Each batch is read at its own moment: the register may change between two of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

import polars as pl
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.rules.clients.registry import RegistryClient
from services.rules.engine import EngineError
from services.rules.releases.shelf import Release, Shelf
from services.rules.runs.parts.checks import INCOME_LINES
from services.rules.runs.parts.domain import Order
from services.rules.runs.parts.earlier import Earlier, newest_before, run_for_jumps
from services.rules.runs.parts.judging import Before, Judging, Part
from services.rules.runs.parts.writing import forget_unpublished, is_over, write_part
from services.rules.runs.results.publishing import publish
from services.rules.runs.tables import RunPartRow, RunRow
from services.rules.subjects import KINDS, SubjectKind
from shared.db.database import Database, driver_of
from shared.jobs.run import JobOvertaken, JobResult, JobRun
from shared.jobs.tables import JobRow
from shared.problems import PASSING, InvalidRequest
from shared.values.bilingual import Bilingual
from shared.values.divisions import DivisionLevel, level

AT_ONCE = 2


@dataclass(frozen=True)
class PartsAtOnce:
    """A division whose facts are read and judged at once, and the counties in it."""

    division: str
    parts: list[str]


async def carry_out(run: JobRun, registry: RegistryClient, shelf: Shelf) -> JobResult:
    """Judge everybody of the run's division, and publish what was found.

    Raises:
        JobCancelled: somebody asked for it.
        DependencyUnavailable: the registry cannot be reached.
        InvalidRequest: the registry states a fact that the release does not allow.

    """
    try:
        return await _carry_out(run, registry, shelf)
    except (JobOvertaken, *PASSING):
        raise  # what is stored is another attempt's, or this run's when it goes on
    except Exception:
        await _forget(run)
        raise


async def forget_failed(database: Database) -> None:
    """Delete what was stored of runs that were cancelled or failed, their worker's death included."""
    async with database.session() as session:
        await forget_unpublished(session, is_over())


async def _forget(run: JobRun) -> None:
    # Not once another worker has taken over: the parts are its own then.
    own = select(JobRow.id).where(run.going_on).with_for_update()
    async with run.database.session() as session:
        if await session.scalar(own) is not None:
            await forget_unpublished(session, RunRow.id == run.id)


async def _carry_out(run: JobRun, registry: RegistryClient, shelf: Shelf) -> JobResult:
    async with run.step() as work:
        row = await work.session.get_one(RunRow, run.id)
        release = await shelf.by_digest(row.release)
        earlier = await _begin(work.session, row, release)
        stored = await _stored(work.session, row)
    batches = await batches_of(registry, row.division)
    orders = {kind: Order.of_json(row.orders[kind]) for kind in KINDS}
    judging = Judging(run.id, release.policy, row.as_of, orders)
    progress = _Progress(run, stored, sum(len(batch.parts) for batch in batches))
    await progress.show()

    async def judge(batch: PartsAtOnce) -> None:
        remaining = [part for part in batch.parts if part not in stored]
        if remaining:
            before = await earlier.of_batch(run.database, batch.division)
            await _judge(
                judging, registry, PartsAtOnce(batch.division, remaining), before, progress
            )

    await _a_few_at_once(batches, judge)
    return await publish(run, registry, release.policy, progress.counts())


async def _judge(
    judging: Judging,
    registry: RegistryClient,
    batch: PartsAtOnce,
    before: Before,
    progress: "_Progress",
) -> None:
    facts: dict[SubjectKind, pl.DataFrame] = {
        kind: await registry.facts_of_division(kind, batch.division, judging.as_of)
        for kind in KINDS
    }
    try:
        recorders = None
        if await asyncio.to_thread(judging.are_incomes_alike, facts["household"]):
            recorders = await registry.facts_of_division(
                "household", batch.division, judging.as_of, INCOME_LINES, recorders=True
            )
        parts = judging.judge(facts, recorders, batch.parts, before)
        while (part := await asyncio.to_thread(next, parts, None)) is not None:
            await progress.store(part)
    except EngineError as error:
        detail = Bilingual(error.message("zh"), error.message("en"))
        raise InvalidRequest(detail, errors=[("/facts", error.code, detail)]) from error


async def _stored(session: AsyncSession, run: RunRow) -> dict[str, Mapping[SubjectKind, int]]:
    part = RunPartRow
    statement = select(part.part, part.households, part.villages).where(part.run_id == run.id)
    return {
        code: {"household": households, "village": villages}
        for code, households, villages in await session.execute(statement)
    }


async def _begin(session: AsyncSession, run: RunRow, release: Release) -> Earlier:
    """Settle once, however often the job starts over, what the run is held against."""
    if not run.orders:
        plans = {kind: release.policy.plan(kind) for kind in KINDS}
        run.orders = {kind: Order.of_plan(plan).as_json() for kind, plan in plans.items()}
        if run.compared_with is None:
            newest = await session.scalar(newest_before(run.division, run.as_of))
            run.compared_with = None if newest is None else newest.id
    compared = None
    if run.compared_with is not None:
        compared = await session.get_one(RunRow, run.compared_with)
    return Earlier(compared, await run_for_jumps(session, release.policy, run))


async def batches_of(registry: RegistryClient, division: str) -> list[PartsAtOnce]:
    """Cut a division into cities and these into counties; what is smaller stays whole."""
    match level(division):
        case DivisionLevel.PROVINCE:
            cities = [child["code"] for child in await registry.children(division)]
        case DivisionLevel.CITY:
            cities = [division]
        case _:
            return [PartsAtOnce(division, [division])]
    return [
        PartsAtOnce(city, [child["code"] for child in await registry.children(city)] or [city])
        for city in cities
    ]


async def _a_few_at_once(
    batches: Iterable[PartsAtOnce], act: Callable[[PartsAtOnce], Awaitable[None]]
) -> None:
    waiting = iter(batches)

    async def take_turns() -> None:
        for batch in waiting:
            await act(batch)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(take_turns())
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


@dataclass
class _Progress:
    """The counties that are stored, and how many subjects they have."""

    run: JobRun
    stored: dict[str, Mapping[SubjectKind, int]]
    total: int

    async def store(self, part: Part) -> None:
        """Write a part, and show how far the run is."""
        async with self.run.step() as work:
            await write_part(await driver_of(work.session), self.run.id, part)
        self.stored[part.code] = part.subjects
        await self.show()

    async def show(self) -> None:
        """Show how far the run is."""
        await self.run.progress(len(self.stored), self.total, self.counts())

    def counts(self) -> dict[str, int]:
        """Return the subjects judged."""
        of_kind = {kind: [one[kind] for one in self.stored.values()] for kind in KINDS}
        return {f"{kind}s": sum(counts) for kind, counts in of_kind.items()}
