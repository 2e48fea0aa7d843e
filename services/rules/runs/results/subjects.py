"""Reads of the households and villages of a published run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.rules.determinations.places import lies_within
from services.rules.engine import Explanation, Outcome, Policy
from services.rules.evaluations.reasons import rule_outcome
from services.rules.judging.columns import facts_of_row
from services.rules.releases.shelf import Shelf
from services.rules.runs.parts.domain import Order
from services.rules.runs.parts.snapshots import rows_of
from services.rules.runs.results.queries import find_published, require_judged
from services.rules.runs.schemas import RunSubject, SubjectExplained
from services.rules.runs.tables import RunOutcomeRow, RunPartRow, RunRow
from services.rules.subjects import WHOLE, SubjectKind
from shared.db.columns import within
from shared.problems import NotFound
from shared.security.access import Caller
from shared.values.bilingual import Bilingual, Language
from shared.values.divisions import DivisionCode
from shared.values.text import Identifier
from shared.web.pages import Page, PageRequest, read_page


@dataclass(frozen=True)
class SubjectFilter:
    """Which subjects of a run are shown; None does not narrow."""

    kind: Annotated[SubjectKind, Query(description="农户或村")] = "household"
    rule: Annotated[
        Annotated[str, Identifier(100)] | None,
        Query(description="规则 the whole zero-out unless given"),
    ] = None
    outcome: Annotated[list[Outcome] | None, Query(description="判定结果（可重复）")] = None
    division: Annotated[DivisionCode | None, Query(description="区划 all the caller sees")] = None


@dataclass(frozen=True)
class Filtered:
    """The subjects of a run that a filter lets through, and the rule whose outcome is shown."""

    run: RunRow
    order: Order
    rule: str
    statement: Select[RunOutcomeRow]


async def choose(
    session: AsyncSession, run_id: UUID, caller: Caller, narrow: SubjectFilter
) -> Filtered:
    """Return what a filter lets through.

    Raises:
        NotFound: there is no such run for the caller, or the division lies outside.
        RunNotPublished: the run has no results.
        InvalidRequest: the run has no such rule of such subjects.

    """
    run, division = await find_published(session, run_id, caller, narrow.division)
    order = Order.of_json(run.orders[narrow.kind])
    rule = narrow.rule or WHOLE[narrow.kind]
    require_judged(rule, order.rules)
    row = RunOutcomeRow
    statement = select(row).where(
        row.run_id == run.id,
        row.kind == narrow.kind,
        within(row.village_code, division),
        lies_within(row.subject_id, row.village_code, caller.division),
    )
    if narrow.outcome:
        place = order.places[rule]
        statement = statement.where(or_(*(_has(place, one) for one in set(narrow.outcome))))
    return Filtered(run, order, rule, statement)


async def list_subjects(
    session: AsyncSession,
    shelf: Shelf,
    run_id: UUID,
    caller: Caller,
    narrow: SubjectFilter,
    asked: PageRequest,
    *,
    reasons: bool,
) -> Page[RunSubject]:
    """Return a page of the subjects of a run, by village; ``reasons`` explains each one's outcome.

    Raises as :func:`choose` does.
    """
    chosen = await choose(session, run_id, caller, narrow)
    order = [RunOutcomeRow.village_code, RunOutcomeRow.subject_id]
    page: Page[RunOutcomeRow] = await read_page(
        session, chosen.statement, order, asked, lambda row: row
    )
    explained: dict[str, Explanation] = {}
    if reasons:
        policy = (await shelf.by_digest(chosen.run.release)).policy
        explained = await _explanations(session, policy, chosen.run, page.items)
    items = [run_subject(row, chosen, explained.get(row.subject_id)) for row in page.items]
    return Page(items=items, next=page.next, total=page.total)


async def explain_subject(
    session: AsyncSession,
    shelf: Shelf,
    run_id: UUID,
    caller: Caller,
    kind: SubjectKind,
    subject_id: str,
    language: Language,
) -> SubjectExplained:
    """Return how a run judged a subject, with the reasons built anew and held against the outcomes.

    Raises:
        NotFound: there is no such run or subject for the caller.
        RunNotPublished: the run has no results.

    """
    run, division = await find_published(session, run_id, caller, None)
    row = await session.scalar(
        select(RunOutcomeRow).where(
            RunOutcomeRow.run_id == run.id,
            RunOutcomeRow.kind == kind,
            RunOutcomeRow.subject_id == subject_id,
            within(RunOutcomeRow.village_code, division),
            lies_within(RunOutcomeRow.subject_id, RunOutcomeRow.village_code, caller.division),
        )
    )
    if row is None:
        raise NotFound(
            Bilingual(
                f"此批次在您的区划范围内没有判定过 {subject_id}；请核对编号和对象种类。",
                f"The run judged no {kind} {subject_id} within your division; check id and kind.",
            )
        )
    policy = (await shelf.by_digest(run.release)).policy
    explanation = (await _explanations(session, policy, run, [row]))[subject_id]
    stored = Order.of_json(run.orders[kind]).outcomes(row.met, row.undetermined)
    return SubjectExplained(
        run_id=run.id,
        kind=kind,
        id=subject_id,
        village_code=row.village_code,
        as_of=run.as_of,
        release=run.release,
        agrees=explanation.outcomes == stored,
        rules=[explanation.render_rule(rule, language) for rule in stored],
    )


def run_subject(
    row: RunOutcomeRow, chosen: Filtered, explanation: Explanation | None = None
) -> RunSubject:
    """Return the wire form of a subject."""
    unusable = {
        f"{name}_facts": {need.name for need in chosen.order.named(mask)}
        for name, mask in (("stale", row.stale), ("later", row.later), ("undated", row.undated))
        if mask is not None
    }
    recorded: set[str] = set().union(*unusable.values())
    needs = chosen.order.named(row.missing)
    facts = [need.name for need in needs if need.kind == "fact"]
    return RunSubject.model_validate(
        {
            "kind": row.kind,
            "id": row.subject_id,
            "village_code": row.village_code,
            "outcome": chosen.order.outcomes(row.met, row.undetermined)[chosen.rule],
            "missing_facts": [name for name in facts if name not in recorded],
            **{what: [name for name in facts if name in names] for what, names in unusable.items()},
            "undecided_parameters": [need.name for need in needs if need.kind == "parameter"],
            "reasons": explanation and [rule_outcome(explanation, chosen.rule)],
        }
    )


def _has(place: int, outcome: Outcome) -> ColumnElement[bool]:
    met = func.get_bit(RunOutcomeRow.met, place)
    undetermined = func.get_bit(RunOutcomeRow.undetermined, place)
    if outcome is Outcome.UNDETERMINED:
        return undetermined == 1
    return (met == int(outcome is Outcome.MET)) & (undetermined == 0)


async def _explanations(
    session: AsyncSession, policy: Policy, run: RunRow, rows: Sequence[RunOutcomeRow]
) -> dict[str, Explanation]:
    """Explain subjects of one kind from the facts that the run kept of them.

    Raises LookupError if the run kept none of one, which only a damaged database brings about.
    """
    explained = {}
    waiting = {row.subject_id: row for row in rows}
    while waiting:
        first = next(iter(waiting.values()))
        kept = rows_of(await _facts_of_part(session, run, first), waiting)
        if first.subject_id not in kept:
            raise LookupError(f"run {run.id} kept no facts of {first.kind} {first.subject_id}")
        for subject_id, facts in kept.items():
            row = waiting.pop(subject_id)
            ruleset = policy.ruleset(row.kind, run.as_of, row.village_code)
            explained[subject_id] = ruleset.explain(facts_of_row(policy, row.kind, facts))
    return explained


async def _facts_of_part(session: AsyncSession, run: RunRow, row: RunOutcomeRow) -> bytes:
    part = RunPartRow
    facts = part.household_facts if row.kind == "household" else part.village_facts
    # Parts do not overlap: the one that holds a village is the last to begin by its code.
    statement = (
        select(facts)
        .where(part.run_id == run.id, part.part <= row.village_code)
        .order_by(part.part.desc())
        .limit(1)
    )
    content: bytes = (await session.scalars(statement)).one()
    return content
