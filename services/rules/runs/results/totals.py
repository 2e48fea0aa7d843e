"""How many subjects meet each rule, by division, from what a run stored."""

from collections.abc import Iterable
from operator import add

import polars as pl
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.rules.judging.tallies import Tallies, Tally
from services.rules.runs.parts.domain import Order
from services.rules.runs.parts.judging import totals_of
from services.rules.runs.parts.packing import outcome_columns
from services.rules.runs.tables import RunOutcomeRow, RunRow, RunTotalRow
from shared.db.columns import within
from shared.values.divisions import DivisionLevel, digits_below, level

VILLAGE_DIGITS = 12
SMALL = (DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE)


async def totals_within(session: AsyncSession, run: RunRow, kind: str, division: str) -> Tallies:
    """Return the tallies of a division's children; a village stands for itself.

    Totals are stored by township; within one, its few hundred subjects are counted.
    """
    rules = run.orders[kind]["rules"]
    if level(division) in SMALL:
        rows = await _of_villages(session, run, kind, division)
    else:
        total = RunTotalRow
        statement = select(total.township, total.subjects, total.met, total.undetermined).where(
            total.run_id == run.id, total.kind == kind, within(total.township, division)
        )
        rows = [*await session.execute(statement)]
    return _gathered(rows, rules, digits_below(division))


def _gathered(
    rows: Iterable[tuple[str, int, list[int], list[int]]], rules: list[str], digits: int
) -> Tallies:
    gathered: dict[str, tuple[int, list[int], list[int]]] = {}
    for code, subjects, met, undetermined in rows:
        child = code[:digits].ljust(VILLAGE_DIGITS, "0")
        size, true, unknown = gathered.get(child, (0, [0] * len(rules), [0] * len(rules)))
        sums = list(map(add, true, met)), list(map(add, unknown, undetermined))
        gathered[child] = (size + subjects, *sums)
    return {
        child: {
            rule: Tally(met, size - met - undetermined, undetermined)
            for rule, met, undetermined in zip(rules, true, unknown, strict=True)
        }
        for child, (size, true, unknown) in gathered.items()
    }


async def _of_villages(
    session: AsyncSession, run: RunRow, kind: str, division: str
) -> list[tuple[str, int, list[int], list[int]]]:
    outcome = RunOutcomeRow
    statement = select(outcome.village_code, outcome.met, outcome.undetermined).where(
        outcome.run_id == run.id, outcome.kind == kind, within(outcome.village_code, division)
    )
    rows = (await session.execute(statement)).all()
    order = Order.of_json(run.orders[kind])
    villages = pl.Series("village_code", [row.village_code for row in rows], dtype=pl.String)
    columns = outcome_columns([row.met for row in rows], [row.undetermined for row in rows], order)
    return totals_of(pl.DataFrame([villages, *columns]), order.rules, VILLAGE_DIGITS).rows()
