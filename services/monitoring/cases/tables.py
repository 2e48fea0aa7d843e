"""The timeline that every kind of case keeps."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.base import MonitoringBase
from shared.ids import new_id


class TimelineRow(MonitoringBase):
    """One step of a case: what happened, who did it, why, and on what evidence."""

    __tablename__ = "timeline"
    __table_args__ = (Index("ix_timeline_case", "case_id", "at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    step: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(Text)
    level: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
