"""Following the registry: whatever changed there is judged anew, and what time alone changes too."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import structlog
from sqlalchemy import ColumnElement, literal, select, tuple_, union
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.clients.rules import SUBJECTS_AT_ONCE, RulesClient, Subject
from services.monitoring.zero_outs.domain import ItemState
from services.monitoring.zero_outs.judging import AnswersOfRules, carry_out
from services.monitoring.zero_outs.tables import PendingJudgementRow, ZeroOutItemRow
from shared.clock import Clock, china_date
from shared.db.columns import within
from shared.db.database import Database
from shared.ids import new_id
from shared.jobs.run import JobResult, JobRun
from shared.journal.applying import Apply
from shared.problems import PASSING
from shared.web.work import Work

log = structlog.get_logger(__name__)
ACTOR = "service:monitoring"
JUDGE_JOB = "judge_zero_out_items"
OpenWork = Callable[[], AbstractAsyncContextManager[Work]]


class Judge:
    """Asks rules about subjects and carries the answers into items."""

    def __init__(self, database: Database, rules: RulesClient, clock: Clock) -> None:
        self._database = database
        self._rules = rules
        self._clock = clock

    async def plan(self, events: list[dict[str, Any]]) -> Apply:
        """Judge every subject that a batch of the registry's events touches.

        Rules is asked here, outside any transaction; what it answered is written by the function
        returned, in the transaction that moves the cursor.
        """
        judged = await self._ask(subjects_of(events))

        async def apply(session: AsyncSession) -> None:
            await carry_out(self._work(session), judged)

        return apply

    async def sweep(self) -> None:
        """Judge every subject with an item that has not been judged by this day, and all pending.

        Facts go stale by time alone. What an outage leaves undone is done by the next sweep.
        """
        today = china_date(self._clock.now())
        due = ZeroOutItemRow.judged_on < today
        try:
            async for judged in self._judge_known([due], [], self._own_work):
                log.info("subjects judged by their day", count=judged)
        except PASSING as passing:
            log.warning("sweep broken off, going on with the next one", reason=passing.code)

    async def judge_division(self, run: JobRun) -> JobResult:
        """Judge every subject of a division that has an item or is pending, as a job."""
        items = [within(ZeroOutItemRow.village_code, run.division)]
        pending = [within(PendingJudgementRow.division, run.division)]
        done = 0
        async for judged in self._judge_known(items, pending, run.work):
            done += judged
            await run.progress(done)
        return JobResult(counts={"judged": done})

    async def _judge_known(
        self,
        items: list[ColumnElement[bool]],
        pending: list[ColumnElement[bool]],
        open_work: OpenWork,
    ) -> AsyncIterator[int]:
        """Judge the subjects of chosen items and pending judgements; yield how many at a time."""
        last = Subject("", "")
        while True:
            async with self._database.session() as session:
                subjects = await _known_subjects(session, items, pending, last)
            if not subjects:
                return
            judged = await self._ask(subjects)
            async with open_work() as work:
                await carry_out(work, judged, known_only=True)
            yield len(subjects)
            last = max(subjects)

    async def _ask(self, subjects: dict[Subject, str]) -> AnswersOfRules:
        asked_at = self._clock.now()
        as_of = china_date(asked_at)
        answers = await self._rules.evaluate(subjects, as_of)
        return AnswersOfRules(answers, subjects, asked_at, as_of)

    @asynccontextmanager
    async def _own_work(self) -> AsyncIterator[Work]:
        async with self._database.session() as session:
            yield self._work(session)

    def _work(self, session: AsyncSession) -> Work:
        return Work(session, ACTOR, self._clock.now(), str(new_id()))


def subjects_of(events: Iterable[dict[str, Any]]) -> dict[Subject, str]:
    """Return each household and village whose facts events change, once, with its division."""
    found: dict[Subject, str] = {}
    for event in events:
        if event["concerns"] is None or event["type"].endswith((".revealed", ".found")):
            continue  # nobody's, or somebody read it: nothing has changed
        kind, _, subject_id = event["concerns"].partition("/")
        if kind == "village":
            # What was recorded for the wrong village counts for another from now on.
            other = event["data"]["changes"].get("village_code", {}).get("from")
            for village in {subject_id, other or subject_id}:
                found[Subject(kind, village)] = village
        else:
            found[Subject(kind, subject_id)] = event["division"]
    return found


async def _known_subjects(
    session: AsyncSession,
    items: list[ColumnElement[bool]],
    pending: list[ColumnElement[bool]],
    after: Subject,
) -> dict[Subject, str]:
    """Return the next subjects in order, with the village that each belongs to."""
    sources = (
        (ZeroOutItemRow, ZeroOutItemRow.village_code, [*items, _NOT_WITHDRAWN]),
        (PendingJudgementRow, PendingJudgementRow.division, pending),
    )
    found = union(
        *(
            select(table.subject_kind, table.subject_id, division)
            .where(tuple_(table.subject_kind, table.subject_id) > tuple_(*map(literal, after)))
            .where(*conditions)
            .distinct()
            .order_by(table.subject_kind, table.subject_id)
            .limit(SUBJECTS_AT_ONCE)
            .subquery()
            .select()
            for table, division, conditions in sources
        )
    )
    rows = await session.execute(found.order_by("subject_kind", "subject_id"))
    subjects = {Subject(kind, subject_id): division for kind, subject_id, division in rows}
    return dict(list(subjects.items())[:SUBJECTS_AT_ONCE])


_NOT_WITHDRAWN = ZeroOutItemRow.state != ItemState.WITHDRAWN
