"""The journal: one entry for each write, in the transaction of the write."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import SharedBase
from shared.db.columns import Division
from shared.ids import new_id

# The number of the transaction that writes the row, the same for all its entries. It is told to
# readers before it is drawn: see the migration that makes the function.
POSITION = "journal_position()"


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
        BigInteger, primary_key=True, server_default=text(POSITION)
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
    """How far this service has followed another service's feed; moves with the effects.

    ``updated_at`` is when the cursor moved, ``caught_up_at`` when the feed had nothing more,
    ``tried_at`` and ``failing`` when it was last asked and what kept it from moving then.
    """

    __tablename__ = "feed_positions"

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    cursor: Mapped[str] = mapped_column(String(60))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    caught_up_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    tried_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    failing: Mapped[str | None] = mapped_column(String(60))


class SetAsideState(StrEnum):
    """已搁置 set_aside, 待重试 retrying, 已处理 settled."""

    SET_ASIDE = "set_aside"
    RETRYING = "retrying"
    SETTLED = "settled"


class SetAsideEvent(SharedBase):
    """An event of another service that could not be applied, while those behind it went on.

    It is kept by its place, not by its content; ``after`` is the cursor before it. ``error`` is the
    kind of the error alone, whose words may repeat personal data.
    """

    __tablename__ = "set_aside_events"
    __table_args__ = (Index("ix_set_aside_events_since", "since", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    source: Mapped[str] = mapped_column(String(40))
    event_id: Mapped[str] = mapped_column(String(60))
    type: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str] = mapped_column(String(130))
    division: Mapped[str] = mapped_column(Division)
    after: Mapped[str] = mapped_column(String(60))
    cursor: Mapped[str] = mapped_column(String(60))
    error: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20), default=SetAsideState.SET_ASIDE)
    attempts: Mapped[int] = mapped_column(default=1)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    tried_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
