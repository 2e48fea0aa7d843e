"""The end of a run: its division judged by the counts, and everything brought into view at once."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.rules.clients.registry import RegistryClient
from services.rules.engine import Policy
from services.rules.evaluations.divisions import division_counts, division_outcomes
from services.rules.judging.tallies import Tally, total
from services.rules.runs.records import RUN
from services.rules.runs.results.totals import totals_within
from services.rules.runs.tables import RunPartRow, RunRow
from services.rules.subjects import WHOLE
from shared.jobs.run import JobResult, JobRun
from shared.journal.records import change


async def publish(
    run: JobRun, registry: RegistryClient, policy: Policy, counts: dict[str, int]
) -> JobResult:
    """Judge the division itself and publish the run in the transaction that ends its job."""
    async with run.database.session() as session:
        row = await session.get_one(RunRow, run.id)
        counted = await _counted(session, row)
    figures = (await registry.division_figures(row.division, row.as_of))["facts"]
    outcomes = division_outcomes(policy, row.division, counted | figures, row.as_of)
    address = f"/v1/runs/{run.id}"
    links = {name: f"{address}/{name}" for name in ("subjects", "flips", "findings")}
    result = JobResult(counts, {"run": address} | links)
    async with run.finishing(result) as work:
        row = await work.session.get_one(RunRow, run.id, with_for_update=True)
        content = {
            "published_at": work.now,
            "counts": counts,
            "outcomes": [one.model_dump(mode="json") for one in outcomes],
        }
        change(work, RUN, row, content, "published")
    return result


async def _counted(session: AsyncSession, run: RunRow) -> dict[str, Any]:
    households, villages = [
        total(await totals_within(session, run, kind, run.division), rule)
        for kind, rule in WHOLE.items()
    ]
    weak = [
        Tally(**counts)
        for counts in await session.scalars(
            select(RunPartRow.weak_villages).where(RunPartRow.run_id == run.id)
        )
    ]
    return division_counts(households, villages, sum(weak, Tally()))
