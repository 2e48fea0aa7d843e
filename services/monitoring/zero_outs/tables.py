"""Zero-out items, and subjects that still wait to be judged."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, DateTime, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.base import MonitoringBase
from shared.db.columns import Division
from shared.journal.records import RecordColumns


class ZeroOutItemRow(RecordColumns, MonitoringBase):
    """One unmet criterion of a household or village, until it is signed off and beyond."""

    __tablename__ = "zero_out_items"
    __table_args__ = (UniqueConstraint("subject_kind", "subject_id", "criterion"),)

    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(String(40))
    village_code: Mapped[str] = mapped_column(Division, index=True)
    criterion: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(20))
    needs_check: Mapped[bool]
    reason: Mapped[dict[str, str]] = mapped_column(JSONB)
    missing: Mapped[list[str]] = mapped_column(JSONB)
    stale: Mapped[list[str]] = mapped_column(JSONB)
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    evidence_after: Mapped[date | None] = mapped_column(Date)
    sign_offs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    release: Mapped[str] = mapped_column(String(80))
    judged_on: Mapped[date] = mapped_column(Date)
    # When rules was asked: an answer that was asked for earlier and comes later is out of date.
    judged_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reopened: Mapped[int]
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ready_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class PendingJudgementRow(MonitoringBase):
    """A subject that rules could not judge; it is asked about again until it can."""

    __tablename__ = "pending_judgements"

    subject_kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    subject_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    division: Mapped[str] = mapped_column(Division)
    reason: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int]
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
