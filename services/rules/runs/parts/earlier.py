"""What earlier runs found, for a run to be held against."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.rules.engine import Policy
from services.rules.runs.parts.checks import Limits
from services.rules.runs.parts.domain import Order
from services.rules.runs.parts.judging import Before
from services.rules.runs.parts.packing import outcome_columns
from services.rules.runs.parts.snapshots import stable_incomes
from services.rules.runs.tables import RunPartRow, RunRow
from services.rules.subjects import KINDS
from shared.db.columns import within
from shared.db.database import Database
from shared.db.lists import any_of
from shared.values.divisions import ancestors, span

OUTCOMES = """
SELECT subject_id, met, undetermined FROM run_outcomes
WHERE run_id = $1 AND kind = $2 AND village_code >= $3 AND village_code < $4
"""


@dataclass(frozen=True)
class Earlier:
    """The run to compare outcomes with, and the run since which incomes may have jumped."""

    compared: RunRow | None
    jumped_since: RunRow | None

    async def of_batch(self, database: Database, division: str) -> Before:
        """Read what the earlier runs found of a division."""
        outcomes = {}
        if self.compared is not None:
            for kind in KINDS:
                outcomes[kind] = await _outcomes(database, self.compared, kind, division)
        if self.jumped_since is None:
            return Before(outcomes)
        incomes = await _incomes(database, self.jumped_since, division)
        return Before(outcomes, incomes, self.jumped_since.as_of)


def newest_before(division: str, as_of: date) -> Select[RunRow]:
    """Return the query for the run to compare with: the division's newest by its day, published."""
    return (
        select(RunRow)
        .where(RunRow.division == division, RunRow.as_of <= as_of, RunRow.published_at.is_not(None))
        .order_by(RunRow.as_of.desc(), RunRow.published_at.desc())
        .limit(1)
    )


async def run_for_jumps(session: AsyncSession, policy: Policy, run: RunRow) -> RunRow | None:
    """Return the oldest published run of the same households in the days in which a jump counts."""
    days = Limits.of_policy(policy, run.as_of, run.division).income_jump_days
    if days is None:
        return None
    found: RunRow | None = await session.scalar(
        select(RunRow)
        .where(
            any_of(RunRow.division, [run.division, *ancestors(run.division)]),
            RunRow.as_of >= run.as_of - timedelta(days=days),
            RunRow.as_of < run.as_of,
            RunRow.published_at.is_not(None),
        )
        .order_by(RunRow.as_of, RunRow.published_at.desc())
        .limit(1)
    )
    return found


async def _outcomes(database: Database, run: RunRow, kind: str, division: str) -> pl.DataFrame:
    async with database.driver() as driver:
        rows = await driver.fetch(OUTCOMES, run.id, kind, *span(division))
    subjects = pl.Series("subject_id", [row["subject_id"] for row in rows], dtype=pl.String)
    met, undetermined = ([row[name] for row in rows] for name in ("met", "undetermined"))
    columns = outcome_columns(met, undetermined, Order.of_json(run.orders[kind]))
    return pl.DataFrame([subjects, *columns])


async def _incomes(database: Database, run: RunRow, division: str) -> pl.DataFrame | None:
    part = RunPartRow.part
    statement = select(RunPartRow.household_facts).where(
        RunPartRow.run_id == run.id, or_(within(part, division), any_of(part, ancestors(division)))
    )
    async with database.session() as session:
        contents = (await session.scalars(statement)).all()
    known = [one for content in contents if (one := stable_incomes(content)) is not None]
    return pl.concat(known) if known else None
