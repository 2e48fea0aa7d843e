"""The journal: one entry for each write, in the transaction of the write."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import SharedBase
from shared.ids import new_id

# Alembic's and PostgreSQL's word for "the transaction that writes this row", as a plain number.
CURRENT_TRANSACTION = "(pg_current_xact_id()::text)::bigint"


class JournalEntry(SharedBase):
    """What happened to one record: who, when, why, what changed, and its whole state after."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_subject", "subject_kind", "subject_id", "version"),
        # Few records ever move, so that the feed asks in no time where each of them went last.
        Index(
            "ix_journal_moves",
            "subject_kind",
            "subject_id",
            "version",
            postgresql_where=text("left_division IS NOT NULL"),
        ),
    )

    # Numbers are handed out before a transaction commits, so sequence alone would let a reader pass
    # an entry that commits late; the order of the feed is (transaction, sequence).
    transaction: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, server_default=text(CURRENT_TRANSACTION)
    )
    sequence: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    # A sentinel, so that many entries are written by one statement although their keys are made there.
    id: Mapped[UUID] = mapped_column(default=new_id, insert_sentinel=True)
    type: Mapped[str] = mapped_column(String(120))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(80))
    division: Mapped[str] = mapped_column(String(12, collation="C"))
    version: Mapped[int]
    actor: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[dict[str, Any]] = mapped_column(JSONB)
    # Where the record belonged until this entry, if it moved: there the feed says that it left.
    left_division: Mapped[str | None] = mapped_column(String(12, collation="C"))


class FeedPosition(SharedBase):
    """How far this service has followed another service's feed; moves with the effects."""

    __tablename__ = "feed_positions"

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    cursor: Mapped[str] = mapped_column(String(60))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
