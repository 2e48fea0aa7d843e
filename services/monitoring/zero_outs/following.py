"""Following the registry: whatever changed there is judged anew."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.clients.rules import SUBJECTS_AT_ONCE, RulesClient, Subject
from services.monitoring.settings import MonitoringSettings
from services.monitoring.zero_outs.domain import ItemState
from services.monitoring.zero_outs.judging import carry_out
from services.monitoring.zero_outs.tables import PendingJudgementRow, ZeroOutItemRow
from shared.clock import Clock
from shared.db.database import Database
from shared.jobs.run import JobResult, JobRun
from shared.journal.follower import Apply
from shared.values.divisions import span
from shared.web.work import Work

ACTOR = "service:monitoring"
JUDGE_JOB = "judge_zero_out_items"
OF_HOUSEHOLD = frozenset({"member", "income_entry", "guarantee_check"})


class Judge:
    """Asks rules about subjects and carries the answers into items."""

    def __init__(
        self, database: Database, rules: RulesClient, settings: MonitoringSettings, clock: Clock
    ) -> None:
        self._database = database
        self._rules = rules
        self._settings = settings
        self._clock = clock

    async def plan(self, events: list[dict[str, Any]]) -> Apply:
        """Judge every subject that a batch of the registry's events touches.

        Rules is asked here, outside any transaction; what it answered is written by the function
        returned, in the transaction that moves the cursor.
        """
        now = self._clock.now()
        as_of = self._settings.judged_on(now)
        judged = await self._rules.evaluate(subjects_of(events), as_of)

        async def apply(session: AsyncSession) -> None:
            await carry_out(Work(session, ACTOR, now, "registry events"), judged, as_of)

        return apply

    async def sweep(self) -> None:
        """Judge every subject that has an item or is waiting: facts go stale by time alone."""
        await self._judge_again(await self._known_subjects("000000000000", "999999999999"))

    async def judge_division(self, run: JobRun) -> JobResult:
        """Judge the subjects of a division again, as a job."""
        subjects = await self._known_subjects(*span(run.division))
        await self._judge_again(subjects, run)
        return JobResult(counts={"judged": len(subjects)})

    async def _judge_again(self, subjects: list[Subject], run: JobRun | None = None) -> None:
        for start in range(0, len(subjects), SUBJECTS_AT_ONCE):
            chunk = subjects[start : start + SUBJECTS_AT_ONCE]
            now = self._clock.now()
            as_of = self._settings.judged_on(now)
            judged = await self._rules.evaluate(chunk, as_of)
            actor, request = (run.created_by, str(run.id)) if run else (ACTOR, "sweep")
            async with self._database.session() as session:
                await carry_out(Work(session, actor, now, request), judged, as_of)
            if run is not None:
                await run.progress(start + len(chunk), len(subjects))

    async def _known_subjects(self, first: str, past_last: str) -> list[Subject]:
        items = select(ZeroOutItemRow.subject_kind, ZeroOutItemRow.subject_id).where(
            ZeroOutItemRow.village_code >= first,
            ZeroOutItemRow.village_code < past_last,
            ZeroOutItemRow.state != ItemState.WITHDRAWN,
        )
        waiting = select(PendingJudgementRow.subject_kind, PendingJudgementRow.subject_id)
        async with self._database.session() as session:
            rows = await session.execute(union(items, waiting).order_by("subject_id"))
            return [Subject(*row) for row in rows]


def subjects_of(events: Iterable[dict[str, Any]]) -> list[Subject]:
    """Return each household and village that events touch, once, in order of appearance."""
    found: dict[Subject, None] = {}
    for event in events:
        kind, _, subject_id = event["subject"].partition("/")
        state = event["data"]["state"]
        if kind == "household":
            found[Subject("household", subject_id)] = None
        elif kind in OF_HOUSEHOLD:
            found[Subject("household", state["household_id"])] = None
        elif kind == "village_account":
            found[Subject("village", state["village_code"])] = None
    return list(found)
