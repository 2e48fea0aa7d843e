"""Reads of what a run changed against the one before, and of what looks odd in its population."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.rules.determinations.places import lies_within, moved_out
from services.rules.engine import Outcome
from services.rules.runs.parts.checks import Check
from services.rules.runs.results.findings import finding
from services.rules.runs.results.queries import find_published, require_judged
from services.rules.runs.schemas import Flip, FlipCount, RunFinding
from services.rules.runs.tables import RunFindingRow, RunFlipRow
from services.rules.subjects import KINDS
from shared.db.columns import within
from shared.security.access import Caller
from shared.values.divisions import DivisionCode, digits_below
from shared.values.text import Identifier
from shared.web.pages import Page, PageRequest, read_page


@dataclass(frozen=True)
class FlipFilter:
    """Which flips are shown; None does not narrow."""

    rule: Annotated[Annotated[str, Identifier(100)] | None, Query(description="规则")] = None
    before: Annotated[Outcome | None, Query(alias="from", description="原结果")] = None
    after: Annotated[Outcome | None, Query(alias="to", description="现结果")] = None
    division: Annotated[DivisionCode | None, Query(description="区划 all the caller sees")] = None


@dataclass(frozen=True)
class FindingFilter:
    """Which findings are shown; None does not narrow."""

    check: Annotated[Check | None, Query(description=Check.__doc__)] = None
    division: Annotated[DivisionCode | None, Query(description="区划 all the caller sees")] = None


async def list_flips(
    session: AsyncSession, run_id: UUID, caller: Caller, narrow: FlipFilter, asked: PageRequest
) -> Page[Flip]:
    """Return a page of the subjects that flipped, by village.

    Raises:
        NotFound: there is no such run for the caller, or the division lies outside.
        RunNotPublished: the run has no results.
        InvalidRequest: the run has no such rule.

    """
    run, division = await find_published(session, run_id, caller, narrow.division)
    if narrow.rule is not None:
        require_judged(narrow.rule, [rule for kind in KINDS for rule in run.orders[kind]["rules"]])
    row = RunFlipRow
    statement = select(row).where(
        row.run_id == run.id,
        within(row.village_code, division),
        lies_within(row.subject_id, row.village_code, caller.division),
    )
    for column, value in (
        (row.rule, narrow.rule),
        (row.before, narrow.before),
        (row.after, narrow.after),
    ):
        if value is not None:
            statement = statement.where(column == value)
    order = [row.village_code, row.subject_id, row.rule]
    return await read_page(session, statement, order, asked, _flip)


async def count_flips(
    session: AsyncSession, run_id: UUID, caller: Caller, division: str | None
) -> list[FlipCount]:
    """Count flips by the divisions directly below the one shown, by rule and outcomes.

    Raises:
        NotFound: there is no such run for the caller, or the division lies outside.
        RunNotPublished: the run has no results.

    """
    run, shown = await find_published(session, run_id, caller, division)
    row = RunFlipRow
    child = func.rpad(func.left(row.village_code, digits_below(shown)), 12, "0").label("child")
    statement = (
        select(child, row.rule, row.before, row.after, func.count())
        .where(row.run_id == run.id, within(row.village_code, shown))
        .group_by(child, row.rule, row.before, row.after)
        .order_by(child, row.rule, row.before, row.after)
    )
    return [
        FlipCount(division=code, rule=rule, before=before, after=after, subjects=count)
        for code, rule, before, after, count in await session.execute(statement)
    ]


async def list_found(
    session: AsyncSession, run_id: UUID, caller: Caller, narrow: FindingFilter, asked: PageRequest
) -> Page[RunFinding]:
    """Return a page of the findings of the population checks, by division.

    They count whom they were made of; a household that has left the caller's division is not named.

    Raises:
        NotFound: there is no such run for the caller, or the division lies outside.
        RunNotPublished: the run has no results.

    """
    run, division = await find_published(session, run_id, caller, narrow.division)
    row = RunFindingRow
    statement = select(row).where(row.run_id == run.id, within(row.division, division))
    if narrow.check is not None:
        statement = statement.where(row.check == narrow.check.value)
    page = await read_page(session, statement, [row.division, row.id], asked, finding)
    named = {subject for each in page.items for subject in each.subjects}
    gone = await moved_out(session, named, caller.division)
    for each in page.items:
        each.subjects = [subject for subject in each.subjects if subject not in gone]
    return page


def _flip(row: RunFlipRow) -> Flip:
    return Flip(
        kind="village" if row.subject_id == row.village_code else "household",
        id=row.subject_id,
        village_code=row.village_code,
        rule=row.rule,
        before=Outcome(row.before),
        after=Outcome(row.after),
    )
