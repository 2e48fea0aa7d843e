"""Replaying determinations: the same facts by the same release give the same answer, or an alarm."""

import structlog
from prometheus_client import CollectorRegistry, Counter
from sqlalchemy import select

from services.rules.determinations.domain import (
    Judgement,
    differing_rules,
    judgement_of,
    same_unusable,
)
from services.rules.determinations.records import DETERMINATION
from services.rules.determinations.schemas import (
    Answered,
    Replay,
    ReplayDifference,
    determination_state,
)
from services.rules.determinations.tables import DeterminationRow, ReplayProgressRow
from services.rules.evaluations.usecases import explain
from services.rules.releases.shelf import Shelf
from shared.clock import Clock
from shared.db.database import Database
from shared.ids import new_id
from shared.journal.entries import JournalSubject, record
from shared.problems import Problem
from shared.web.work import Work

log = structlog.get_logger(__name__)
ACTOR = "rules"
EVERY_NIGHT = "30 18 * * *"
"""At half past two in China."""
A_NIGHT, AT_ONCE = 50_000, 500
NOTHING = Judgement({}, {}, "0", "0", "0", "")


def replay_counter(registry: CollectorRegistry) -> Counter:
    """Return the counter of replays by result, ``agrees`` or ``differs``."""
    return Counter(
        "determination_replays", "Determinations computed again", ["result"], registry=registry
    )


async def replay(
    work: Work, shelf: Shelf, row: DeterminationRow, counter: Counter | None = None
) -> Replay:
    """Compute a determination again; a difference is logged as an error, journalled and counted."""
    stored = Judgement(
        row.outcomes, row.missing, row.stale, row.later, row.undated, row.needs_digest
    )
    replayed = await _judged_again(shelf, row)
    rules = differing_rules(stored, replayed)
    differences = [
        ReplayDifference(rule=rule, stored=_answer(stored, rule), replayed=_answer(replayed, rule))
        for rule in rules
    ]
    same_release = replayed.needs_digest == stored.needs_digest
    same_stale = same_unusable(stored, replayed)
    agrees = same_release and same_stale and not rules
    if counter is not None:
        counter.labels("agrees" if agrees else "differs").inc()
    if not agrees:
        _alarm(work, row, rules)
    return Replay(
        determination_id=row.id,
        agrees=agrees,
        differences=differences,
        release_agrees=same_release,
        stale_agrees=same_stale,
        replayed_at=work.now,
    )


async def replay_nightly(
    database: Database, shelf: Shelf, clock: Clock, *, limit: int = A_NIGHT
) -> None:
    """Replay up to ``limit`` determinations, going on after the last one.

    They are taken in the order of their ids, and from the beginning again after the last. Progress
    is kept with every few hundred, so that a night that breaks off is continued by the next.
    """
    replayed = 0
    while replayed < limit:
        done = await _replay_next(database, shelf, clock, min(AT_ONCE, limit - replayed))
        if not done:
            break
        replayed += done
    log.info("determinations replayed", count=replayed)


async def _replay_next(database: Database, shelf: Shelf, clock: Clock, count: int) -> int:
    async with database.session() as session:
        progress = await session.get(ReplayProgressRow, 1, with_for_update=True)
        following = select(DeterminationRow).order_by(DeterminationRow.id).limit(count)
        if progress is not None:
            following = following.where(DeterminationRow.id > progress.determination_id)
        rows = (await session.scalars(following)).all()
        if not rows:
            if progress is not None:
                await session.delete(progress)
            return 0
        work = Work(session, ACTOR, clock.now(), str(new_id()))
        for row in rows:
            await replay(work, shelf, row)
        await session.merge(
            ReplayProgressRow(id=1, determination_id=rows[-1].id, replayed_at=work.now)
        )
        return len(rows)


async def _judged_again(shelf: Shelf, row: DeterminationRow) -> Judgement:
    """The judgement of the stored facts; nothing where release or facts can no longer be read."""
    try:
        policy = (await shelf.get(row.release_id)).policy
        if policy.release != row.release_digest:
            return NOTHING
        explanation = explain(policy, row.subject_kind, row.judged_in, row.facts, row.parameters_on)
    except Problem as problem:
        log.error("determination unreadable", determination=str(row.id), problem=problem.code)
        return NOTHING
    return judgement_of(policy.plan(row.subject_kind), explanation)


def _answer(judgement: Judgement, rule: str) -> Answered | None:
    answer = judgement.of_rule(rule)
    return None if answer is None else Answered(outcome=answer[0], missing=answer[1])


def _alarm(work: Work, row: DeterminationRow, rules: list[str]) -> None:
    log.error("determination differs when replayed", determination=str(row.id), rules=rules)
    state = determination_state(row)
    record(
        work,
        DETERMINATION.event("replay_differed"),
        JournalSubject(DETERMINATION.name, str(row.id), row.division),
        version=row.version,
        before=state,
        after=state | {"differing_rules": rules},
    )
