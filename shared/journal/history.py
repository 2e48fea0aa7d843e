"""Reading the journal of one record: its history, and its state as known at a past moment."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.journal.entries import shown
from shared.journal.tables import JournalEntry
from shared.problems import NotFound
from shared.values.bilingual import Bilingual
from shared.values.repeating import text_to_repeat
from shared.web.pages import Page, PageRequest, read_page


class HistoryEntry(BaseModel):
    """One entry of a record's history 变更记录."""

    id: UUID
    type: str = Field(examples=["qingling.registry.household.amended"])
    version: int
    recorded_at: datetime
    recorded_by: str
    reason: str | None
    request_id: str
    changes: dict[str, Any] = Field(
        description="变更内容 each changed member with from and to; empty for the first entry"
    )
    state: dict[str, Any] = Field(description="变更后全貌 the whole record after the change")


async def read_history(
    session: AsyncSession, kind: str, subject_id: str, asked: PageRequest
) -> Page[HistoryEntry]:
    """Return one page of a record's entries, oldest first."""
    statement = select(JournalEntry).where(
        JournalEntry.subject_kind == kind, JournalEntry.subject_id == subject_id
    )
    return await read_page(
        session,
        statement,
        [JournalEntry.version, JournalEntry.sequence],
        asked,
        _history_entry,
    )


async def state_known_at(
    session: AsyncSession, kind: str, subject_id: str, known_at: datetime
) -> JournalEntry:
    """Return the last entry of a record that was recorded by a moment.

    Raises:
        NotFound: nothing was known of the record then.

    """
    entry = await session.scalar(
        select(JournalEntry)
        .where(
            JournalEntry.subject_kind == kind,
            JournalEntry.subject_id == subject_id,
            JournalEntry.recorded_at <= known_at,
        )
        .order_by(JournalEntry.version.desc(), JournalEntry.sequence.desc())
        .limit(1)
    )
    if entry is None:
        moment = known_at.isoformat()
        raise NotFound(
            Bilingual(
                f"{moment} 时尚无此记录；请换一个较晚的 known_at。",
                f"Nothing was recorded of this by {moment}; ask for a later known_at.",
            )
        )
    return entry


def _history_entry(entry: JournalEntry) -> HistoryEntry:
    return HistoryEntry(
        id=entry.id,
        type=entry.type,
        version=entry.version,
        recorded_at=entry.recorded_at,
        recorded_by=entry.actor,
        reason=text_to_repeat(entry.reason),
        request_id=entry.request_id,
        changes=shown(entry.changes),
        state=shown(entry.state),
    )
