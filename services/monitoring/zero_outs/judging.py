"""Carrying judgements into zero-out items."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import structlog
from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from services.monitoring.cases.timeline import note
from services.monitoring.clients.rules import Subject
from services.monitoring.zero_outs.criteria import followed_on
from services.monitoring.zero_outs.domain import (
    ItemState,
    Judgement,
    Move,
    Outcome,
    Step,
    move_on_judgement,
    move_on_leaving,
)
from services.monitoring.zero_outs.records import ZERO_OUT_ITEM
from services.monitoring.zero_outs.tables import PendingJudgementRow, ZeroOutItemRow
from shared.journal.records import amend, create
from shared.web.work import Work

log = structlog.get_logger(__name__)
LEFT = {"zh": "已不在册", "en": "no longer in the register"}
NOT_IN_REGISTER = "not-found"

Items = Mapping[tuple[Subject, str], ZeroOutItemRow]


async def carry_out(work: Work, judged: Sequence[dict[str, Any]], as_of: date) -> None:
    """Open, ready, reopen or withdraw items as rules judged their subjects.

    ``judged`` are the items of rules' batch answer. A subject that rules could not judge is kept in
    ``pending_judgements`` until it can.
    """
    subjects = [Subject(one["subject"]["kind"], one["subject"]["id"]) for one in judged]
    items = await _items_of(work, subjects)
    answered = []
    for subject, one in zip(subjects, judged, strict=True):
        if one["status"] == "evaluated":
            await _judge(work, subject, one, items, as_of)
            answered.append(subject)
        elif one["code"] == NOT_IN_REGISTER:
            await _withdraw(work, subject, items)
            answered.append(subject)
        else:
            await _keep_pending(work, subject, one)
    await _forget_pending(work, answered)


def judgement_of(outcome: Mapping[str, Any], release: str, as_of: date) -> Judgement:
    """Return one rule's outcome in rules' answer as a judgement."""
    return Judgement(
        outcome=Outcome(outcome["outcome"]),
        reason=outcome["reason"],
        missing=tuple(outcome["missing"]),
        stale=tuple(outcome["stale"]),
        evidence=tuple(outcome["facts"]),
        release=release,
        as_of=as_of,
    )


async def take_judgement(work: Work, row: ZeroOutItemRow, judgement: Judgement) -> Move | None:
    """Take a judgement into a locked item: where it stands, and what was found."""
    move = move_on_judgement(ItemState(row.state), judgement, row.evidence_after)
    await _apply(work, row, move, _findings(judgement) | _needs_check(row, judgement, move))
    if move is not None:
        note(
            work,
            row.id,
            move.step,
            reason=judgement.reason,
            evidence=list(judgement.evidence),
        )
    return move


async def _judge(
    work: Work, subject: Subject, one: Mapping[str, Any], items: Items, as_of: date
) -> None:
    followed = followed_on(as_of)
    for outcome in one["outcomes"]:
        rule = outcome["rule"]
        if rule not in followed:
            continue
        judgement = judgement_of(outcome, one["release"], as_of)
        row = items.get((subject, rule))
        if row is not None:
            await take_judgement(work, row, judgement)
        elif (move := move_on_judgement(None, judgement, None)) is not None:
            village = one["subject"]["division"]
            await _open(work, subject, village, rule, judgement, move)


async def _open(
    work: Work, subject: Subject, village: str, rule: str, judgement: Judgement, move: Move
) -> None:
    row = await create(
        work,
        ZERO_OUT_ITEM,
        _findings(judgement)
        | {
            "subject_kind": subject.kind,
            "subject_id": subject.id,
            "village_code": village,
            "criterion": rule,
            "state": move.state,
            "needs_check": False,
            "evidence_after": None,
            "sign_offs": [],
            "reopened": 0,
            "opened_at": work.now,
            "ready_at": None,
            "closed_at": None,
        },
    )
    note(work, row.id, move.step, reason=judgement.reason, evidence=list(judgement.evidence))


async def _withdraw(work: Work, subject: Subject, items: Items) -> None:
    for (owner, _), row in items.items():
        if owner != subject:
            continue
        move = move_on_leaving(ItemState(row.state))
        if move is not None:
            await _apply(work, row, move, {"reason": LEFT})
            note(work, row.id, move.step, reason=LEFT)


async def _apply(
    work: Work, row: ZeroOutItemRow, move: Move | None, findings: dict[str, Any]
) -> None:
    changed = dict(findings)
    step = Step.JUDGED
    if move is None and not _says_something_new(row, findings):
        return
    if move is not None:
        step = move.step
        changed["state"] = move.state
        if move.step is Step.READIED:
            changed |= {"ready_at": work.now, "evidence_after": None}
        if move.step is Step.REOPENED:
            changed |= {
                "reopened": row.reopened + 1,
                "sign_offs": [],
                "ready_at": None,
                "closed_at": None,
            }
    await amend(work, ZERO_OUT_ITEM, row, changed, step)


def _says_something_new(row: ZeroOutItemRow, findings: dict[str, Any]) -> bool:
    """Say whether a judgement differs by more than its date, so that nights add no history."""
    dated = ("judged_on", "release")
    return any(getattr(row, name) != value for name, value in findings.items() if name not in dated)


def _findings(judgement: Judgement) -> dict[str, Any]:
    return {
        "outcome": judgement.outcome,
        "reason": judgement.reason,
        "missing": list(judgement.missing),
        "stale": list(judgement.stale),
        "evidence": list(judgement.evidence) if judgement.outcome is Outcome.MET else [],
        "release": judgement.release,
        "judged_on": judgement.as_of,
    }


def _needs_check(row: ZeroOutItemRow, judgement: Judgement, move: Move | None) -> dict[str, Any]:
    state = row.state if move is None else move.state
    undetermined = judgement.outcome is Outcome.UNDETERMINED
    return {"needs_check": state == ItemState.CLOSED and undetermined}


async def _items_of(work: Work, subjects: Iterable[Subject]) -> Items:
    keys = [(subject.kind, subject.id) for subject in subjects]
    rows = await work.session.scalars(
        select(ZeroOutItemRow)
        .where(tuple_(ZeroOutItemRow.subject_kind, ZeroOutItemRow.subject_id).in_(keys))
        .order_by(ZeroOutItemRow.id)
        .with_for_update()
    )
    return {(Subject(row.subject_kind, row.subject_id), row.criterion): row for row in rows}


async def _keep_pending(work: Work, subject: Subject, one: Mapping[str, Any]) -> None:
    log.warning("subject not judged, will be asked again", subject=subject, code=one["code"])
    waiting = insert(PendingJudgementRow).values(
        subject_kind=subject.kind,
        subject_id=subject.id,
        reason=one["detail"]["zh"],
        attempts=1,
        since=work.now,
    )
    await work.session.execute(
        waiting.on_conflict_do_update(
            index_elements=["subject_kind", "subject_id"],
            set_={
                "attempts": PendingJudgementRow.attempts + 1,
                "reason": waiting.excluded.reason,
            },
        )
    )


async def _forget_pending(work: Work, subjects: Sequence[Subject]) -> None:
    if subjects:
        key = tuple_(PendingJudgementRow.subject_kind, PendingJudgementRow.subject_id)
        await work.session.execute(delete(PendingJudgementRow).where(key.in_(subjects)))
