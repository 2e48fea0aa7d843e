"""Subjects that rules could not judge: nothing is lost, they are asked about again."""

from collections.abc import Iterable, Mapping, Sequence

import structlog
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.clients.rules import NotEvaluated, Subject
from services.monitoring.zero_outs.tables import PendingJudgementRow
from shared.db.lists import any_row_of, insert_all
from shared.web.work import Work

log = structlog.get_logger(__name__)
KEY = (PendingJudgementRow.subject_kind, PendingJudgementRow.subject_id)


async def keep_pending(
    work: Work, refused: Sequence[NotEvaluated], divisions: Mapping[Subject, str]
) -> None:
    """Note subjects that rules could not judge; ``divisions`` says where each of them belongs."""
    if not refused:
        return
    log.warning("subjects not judged, asking again later", count=len(refused))
    rows = insert_all(
        PendingJudgementRow,
        [
            {
                "subject_kind": one.subject.kind,
                "subject_id": one.subject.id,
                "division": divisions[one.subject],
                "reason": f"{one.code}: {one.detail['en']}",
                "attempts": 1,
                "since": work.now,
            }
            for one in refused
        ],
    )
    await work.session.execute(
        rows.on_conflict_do_update(
            index_elements=["subject_kind", "subject_id"],
            set_={
                "division": rows.excluded.division,
                "reason": rows.excluded.reason,
                "attempts": PendingJudgementRow.attempts + 1,
            },
        )
    )


async def settle_pending(session: AsyncSession, subjects: Iterable[Subject]) -> frozenset[Subject]:
    """Forget subjects that have been judged after all; return those of them that were pending."""
    settled = await session.execute(
        delete(PendingJudgementRow).where(any_row_of(KEY, subjects)).returning(*KEY)
    )
    return frozenset(Subject(*row) for row in settled)
