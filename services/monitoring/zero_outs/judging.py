"""Carrying what rules answered into zero-out items."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeGuard

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.cases.timeline import note
from services.monitoring.clients.rules import (
    NOT_IN_REGISTER,
    Answer,
    Evaluated,
    NotEvaluated,
    Subject,
)
from services.monitoring.zero_outs.criteria import followed_on
from services.monitoring.zero_outs.domain import (
    ItemState,
    Judgement,
    Move,
    Outcome,
    Step,
    move_on_judgement,
    move_on_leaving,
    move_on_transfer,
    needs_check,
)
from services.monitoring.zero_outs.pending import keep_pending, settle_pending
from services.monitoring.zero_outs.records import ZERO_OUT_ITEM
from services.monitoring.zero_outs.tables import ZeroOutItemRow
from shared.db.lists import any_of
from shared.db.locking import locked
from shared.journal.records import add, change
from shared.web.work import Work

LEFT = {"zh": "已不在册", "en": "no longer in the register"}
TRANSFERRED = {
    "zh": "已转至另一村，由该村起重新签字",
    "en": "belongs to another village now, and is signed anew from there up",
}
# Few enough to hold at once whatever a batch brings, and many enough that two subjects seldom meet;
# taken in their order, so that two batches never wait for each other.
LOCKS = 4096
LOCK_SUBJECTS = text("""
WITH sorted AS MATERIALIZED (
    SELECT DISTINCT hashtext(subject) & :mask AS key
    FROM unnest(cast(:subjects AS text[])) AS subject ORDER BY key
)
SELECT count(pg_advisory_xact_lock(hashtext('qingling judgements'), key)) FROM sorted
""")

OwnItems = Mapping[str, ZeroOutItemRow]
"""The items of one subject by criterion."""


@dataclass(frozen=True)
class AnswersOfRules:
    """What rules answered about subjects, when it was asked, and by what date it judged."""

    answers: Sequence[Answer]
    divisions: Mapping[Subject, str]
    """Where each subject was last known to belong."""
    asked_at: datetime
    as_of: date


async def carry_out(work: Work, judged: AnswersOfRules, *, known_only: bool = False) -> None:
    """Open, ready, reopen or withdraw items as rules judged their subjects.

    A subject that rules could not judge is kept pending. One that was judged meanwhile on a later
    question is left as it is. ``known_only`` leaves out subjects that have neither an item nor a
    pending judgement any more: whoever settled them asked later.
    """
    subjects = [answer.subject for answer in judged.answers]
    await lock_subjects(work.session, subjects)
    items = await _items_of(work.session, subjects)
    answers = [
        answer
        for answer in judged.answers
        if all(row.judged_at <= judged.asked_at for row in items[answer.subject].values())
    ]
    refused = [answer for answer in answers if _refused(answer)]
    settled = [answer for answer in answers if not _refused(answer)]
    were_pending = await settle_pending(work.session, (answer.subject for answer in settled))
    for answer in settled:
        own = items[answer.subject]
        if known_only and not own and answer.subject not in were_pending:
            continue
        if isinstance(answer, Evaluated):
            _judge(work, answer, own, judged)
        else:
            _transfer(work, own, judged.divisions[answer.subject])
            _withdraw(work, own, judged)
    await keep_pending(work, refused, judged.divisions)
    await work.session.flush()


async def lock_subjects(session: AsyncSession, subjects: Iterable[Subject]) -> None:
    """Wait until no other transaction carries out judgements of these; lock no item before."""
    names = [f"{subject.kind}/{subject.id}" for subject in subjects]
    await session.execute(LOCK_SUBJECTS, {"subjects": names, "mask": LOCKS - 1})


def moved(row: ZeroOutItemRow, move: Move, now: datetime) -> dict[str, Any]:
    """Return the columns of an item that a move sets; whatever was signed before is void."""
    return {
        "state": move.state,
        "sign_offs": [],
        "ready_at": now if move.step is Step.READIED else None,
        "closed_at": None,
        "reopened": row.reopened + (move.step is Step.REOPENED),
    }


def _refused(answer: Answer) -> TypeGuard[NotEvaluated]:
    return isinstance(answer, NotEvaluated) and answer.code != NOT_IN_REGISTER


def _judge(work: Work, answer: Evaluated, own: OwnItems, judged: AnswersOfRules) -> None:
    followed = followed_on(judged.as_of)
    transferred = _transfer(work, own, answer.division)
    for outcome in answer.outcomes:
        rule = outcome["rule"]
        if rule not in followed:
            continue
        judgement = _judgement(outcome, answer.release, judged.as_of)
        row = own.get(rule)
        if row is None:
            _open(work, answer, rule, judgement, judged.asked_at)
        else:
            state, reason = ItemState(row.state), judgement.reason
            move = move_on_judgement(state, judgement, row.evidence_after)
            if move is None and rule in transferred:
                move, reason = move_on_transfer(state), TRANSFERRED
            _take(work, row, move, _findings(judgement), reason)
            _stamp(row, judged, answer.release)


def _transfer(work: Work, own: OwnItems, village_code: str) -> set[str]:
    """Let a subject's items go where it went, also those that nobody judges any more.

    Returns the criteria of those that moved.
    """
    where = {"village_code": village_code}
    return {rule for rule, row in own.items() if change(work, ZERO_OUT_ITEM, row, where, "moved")}


def _open(
    work: Work, answer: Evaluated, rule: str, judgement: Judgement, asked_at: datetime
) -> None:
    move = move_on_judgement(None, judgement, None)
    if move is None:
        return
    content = _findings(judgement) | {
        "subject_kind": answer.subject.kind,
        "subject_id": answer.subject.id,
        "village_code": answer.division,
        "criterion": rule,
        "state": move.state,
        "needs_check": False,
        "evidence_after": None,
        "sign_offs": [],
        "release": judgement.release,
        "judged_on": judgement.as_of,
        "judged_at": asked_at,
        "reopened": 0,
        "opened_at": work.now,
        "ready_at": None,
        "closed_at": None,
    }
    row = add(work, ZERO_OUT_ITEM, content, move.step)
    note(work, row.id, move.step, reason=judgement.reason, evidence=judgement.evidence)


def _take(
    work: Work,
    row: ZeroOutItemRow,
    move: Move | None,
    found: dict[str, Any],
    reason: dict[str, str],
) -> None:
    state = ItemState(row.state) if move is None else move.state
    found["needs_check"] = needs_check(state, found["outcome"])
    step = Step.JUDGED if move is None else move.step
    noteworthy = move is not None or found["needs_check"] != row.needs_check
    if move is not None:
        found |= moved(row, move, work.now)
    change(work, ZERO_OUT_ITEM, row, found, step)
    if noteworthy:
        note(work, row.id, step, reason=reason, evidence=found["evidence"])


def _withdraw(work: Work, own: OwnItems, judged: AnswersOfRules) -> None:
    for row in own.values():
        move = move_on_leaving(ItemState(row.state))
        if move is not None:
            change(
                work, ZERO_OUT_ITEM, row, moved(row, move, work.now) | {"reason": LEFT}, move.step
            )
            note(work, row.id, move.step, reason=LEFT)
        _stamp(row, judged, row.release)


def _stamp(row: ZeroOutItemRow, judged: AnswersOfRules, release: str) -> None:
    """Set when the item was last judged, which is no change of it: nights add no history."""
    row.judged_at, row.judged_on, row.release = judged.asked_at, judged.as_of, release


def _judgement(outcome: Mapping[str, Any], release: str, as_of: date) -> Judgement:
    return Judgement(
        outcome=Outcome(outcome["outcome"]),
        reason=outcome["reason"],
        # For whoever has to record them anew, facts of a later day or of none are missing on this one.
        missing=[*outcome["missing"], *outcome.get("later", ()), *outcome.get("undated", ())],
        stale=outcome["stale"],
        evidence=outcome["facts"],
        release=release,
        as_of=as_of,
    )


def _findings(judgement: Judgement) -> dict[str, Any]:
    return {
        "outcome": judgement.outcome,
        "reason": judgement.reason,
        "missing": judgement.missing,
        "stale": judgement.stale,
        "evidence": judgement.evidence,
    }


async def _items_of(
    session: AsyncSession, subjects: Iterable[Subject]
) -> Mapping[Subject, dict[str, ZeroOutItemRow]]:
    ids: dict[str, list[str]] = defaultdict(list)
    for subject in subjects:
        ids[subject.kind].append(subject.id)
    items: dict[Subject, dict[str, ZeroOutItemRow]] = defaultdict(dict)
    for kind, wanted in ids.items():
        rows = await session.scalars(
            locked(
                select(ZeroOutItemRow)
                .where(
                    ZeroOutItemRow.subject_kind == kind, any_of(ZeroOutItemRow.subject_id, wanted)
                )
                .order_by(ZeroOutItemRow.id)
            )
        )
        for row in rows:
            items[Subject(kind, row.subject_id)][row.criterion] = row
    return items
