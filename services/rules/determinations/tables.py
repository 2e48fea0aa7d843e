"""Stored determinations, where households are, and how far their nightly replay has come."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.rules.base import RulesBase
from shared.db.columns import Division
from shared.journal.records import RecordColumns


class DeterminationRow(RecordColumns, RulesBase):
    """One subject judged on one day, with everything that judging it again takes; never changed.

    But for ``division``, the village that the subject belongs to now: whoever may read the subject
    may read how it was judged. It was judged by the figures of the village ``judged_in``.
    ``missing``, ``stale``, ``later`` and ``undated`` are masks in hexadecimal, since they may be
    wider than any number of the database; bit i stands for the i-th need of the order whose digest
    is ``needs_digest``. Where the last two are null, ``stale`` has their bits too.
    """

    __tablename__ = "determinations"
    __table_args__ = (
        Index("ix_determinations_division", "division", "created_at", "id"),
        Index("ix_determinations_subject", "subject_kind", "subject_id", "created_at", "id"),
    )

    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(String(40))
    division: Mapped[str] = mapped_column(Division)
    judged_in: Mapped[str] = mapped_column(Division)
    as_of: Mapped[date] = mapped_column(Date)
    parameters_on: Mapped[date] = mapped_column(Date)
    release_id: Mapped[UUID] = mapped_column(ForeignKey("releases.id"))
    release_digest: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSONB)
    outcomes: Mapped[dict[str, str]] = mapped_column(JSONB)
    missing: Mapped[dict[str, str]] = mapped_column(JSONB)
    stale: Mapped[str] = mapped_column(Text)
    later: Mapped[str | None] = mapped_column(Text)
    undated: Mapped[str | None] = mapped_column(Text)
    needs_digest: Mapped[str] = mapped_column(String(64))


class HouseholdPlaceRow(RulesBase):
    """The village of a household that was determined or has moved, as the registry last told it.

    Locked by whoever keeps a determination of the household and by whoever moves it.
    """

    __tablename__ = "household_places"

    household_id: Mapped[str] = mapped_column(String(40, collation="C"), primary_key=True)
    division: Mapped[str] = mapped_column(Division)


class ReplayProgressRow(RulesBase):
    """The determination that the nightly replay did last; its only row is made at the first replay."""

    __tablename__ = "replay_progress"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    determination_id: Mapped[UUID]
    replayed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
