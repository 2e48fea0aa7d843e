"""Reads of runs: which there are, and what they found in total."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.rules.engine import Policy
from services.rules.evaluations.divisions import cleared
from services.rules.evaluations.schemas import Counts, DivisionOutcome, RuleTotal
from services.rules.judging.tallies import Tallies, Tally, total
from services.rules.releases.shelf import Shelf
from services.rules.runs.records import RUN
from services.rules.runs.results.totals import totals_within
from services.rules.runs.schemas import ChildTotals, Results, Run, RunWithResults
from services.rules.runs.tables import RunRow
from services.rules.subjects import KINDS, WHOLE, SubjectKind
from shared.db.columns import within
from shared.db.lists import any_of
from shared.jobs.tables import STATES, JobState
from shared.problems import InvalidRequest, NotFound, Problem
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.values.divisions import DivisionCode, ancestors, contains
from shared.values.periods import IsoDate
from shared.web.pages import Page, PageRequest, read_page


class RunNotPublished(Problem):
    status, code = 409, "run-not-published"
    title = Bilingual("批次尚未发布", "The run is not published")


@dataclass(frozen=True)
class RunFilter:
    """Which runs a list shows; None does not narrow."""

    division: Annotated[DivisionCode | None, Query(description="区划 of just this division")] = None
    state: Annotated[JobState | None, Query(description="状态")] = None
    as_of: Annotated[IsoDate | None, Query(description="判定日期")] = None
    release: Annotated[UUID | None, Query(description="政策版本")] = None


async def list_visible(
    session: AsyncSession, caller: Caller, narrow: RunFilter, asked: PageRequest
) -> Page[Run]:
    """Return a page of runs, newest first: of the caller's divisions, and published ones above."""
    above = and_(
        any_of(RunRow.division, ancestors(caller.division)), RunRow.published_at.is_not(None)
    )
    statement = select(RunRow).where(or_(within(RunRow.division, caller.division), above))
    for column, value in (
        (RunRow.division, narrow.division),
        (RunRow.state, narrow.state),
        (RunRow.as_of, narrow.as_of),
        (RunRow.release_id, narrow.release),
    ):
        if value is not None:
            statement = statement.where(column == value)
    order = [RunRow.created_at, RunRow.id]
    return await read_page(session, statement, order, asked, Run.of, descending=True)


async def find_run(session: AsyncSession, run_id: UUID, caller: Caller) -> RunRow:
    """Return a run of the caller's division, or a published one of a division above it.

    Raises:
        NotFound: there is none for the caller.

    """
    row = await session.get(RunRow, run_id)
    if row is not None:
        published = row.published_at is not None
        if caller.covers(row.division) or (published and contains(row.division, caller.division)):
            return row
    raise RUN.not_found(run_id)


async def find_published(
    session: AsyncSession, run_id: UUID, caller: Caller, division: str | None
) -> tuple[RunRow, str]:
    """Return a published run and the division to show: the one asked, or all the caller may see.

    Raises:
        NotFound: there is no such run for the caller, or the division lies outside.
        RunNotPublished: it is under way, or came to nothing.

    """
    row = await find_run(session, run_id, caller)
    reached = row.division if caller.covers(row.division) else caller.division
    shown = division or reached
    if not contains(reached, shown):
        raise NotFound(
            Bilingual(
                f"在此批次和您的区划范围内找不到 {shown}。",
                f"{shown} is not found within this run and your division.",
            )
        )
    if row.published_at is None:
        raise RunNotPublished(
            Bilingual(
                f"批次尚无结果（{STATES[row.state].zh}）；请查看任务 /v1/jobs/{run_id}，完成后再读取。",
                f"The run has no results yet ({STATES[row.state].en}); follow its job /v1/jobs/{run_id}.",
            )
        )
    return row, shown


def require_judged(rule: str, rules: Collection[str]) -> None:
    """Refuse a rule that is not among those that a run judged by.

    Raises:
        InvalidRequest: names the rules that there are.

    """
    if rule not in rules:
        detail = Bilingual(
            f"此批次在此处没有规则 {rule}；可用：{'、'.join(rules)}。",
            f"The run has no rule {rule} to show here; use one of {', '.join(rules)}.",
        )
        raise InvalidRequest(detail, errors=[("rule", "unknown-rule", detail)])


async def read_run(
    session: AsyncSession, shelf: Shelf, run_id: UUID, caller: Caller, division: str | None
) -> RunWithResults:
    """Return a run and, once it is published, what it found of a division.

    Raises:
        NotFound: there is no such run for the caller, or the division lies outside.

    """
    row = await find_run(session, run_id, caller)
    results = None
    if row.published_at is not None:
        row, shown = await find_published(session, run_id, caller, division)
        policy = (await shelf.by_digest(row.release)).policy
        results = await _results(session, policy, row, shown)
    return RunWithResults(**Run.of(row).model_dump(), results=results)


async def _results(session: AsyncSession, policy: Policy, run: RunRow, division: str) -> Results:
    tallies = {kind: await totals_within(session, run, kind, division) for kind in KINDS}
    households, villages = (total(tallies[kind], WHOLE[kind]) for kind in KINDS)
    of_itself = division == run.division
    return Results(
        division=division,
        outcomes=[DivisionOutcome.model_validate(one) for one in run.outcomes if of_itself],
        cleared=cleared(policy, division, households, villages, run.as_of),
        totals=[
            RuleTotal.of(policy, kind, rule, total(tallies[kind], rule))
            for kind in KINDS
            for rule in run.orders[kind]["rules"]
        ],
        children=[
            _child(policy, run, child, tallies)
            for child in sorted(set().union(*(tallies[kind] for kind in KINDS)))
            if child != division
        ],
    )


def _child(
    policy: Policy, run: RunRow, child: str, tallies: Mapping[SubjectKind, Tallies]
) -> ChildTotals:
    of_kind = {kind: tallies[kind].get(child, {}) for kind in KINDS}
    households, villages = (of_kind[kind].get(WHOLE[kind], Tally()) for kind in KINDS)
    return ChildTotals(
        division=child,
        cleared=cleared(policy, child, households, villages, run.as_of),
        counts={
            rule: Counts.of(of_kind[kind].get(rule, Tally()))
            for kind in KINDS
            for rule in run.orders[kind]["rules"]
        },
    )
