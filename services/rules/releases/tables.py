"""Releases, their files, and the impact of those that are proposed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.rules.base import RulesBase
from shared.db.columns import Division
from shared.journal.records import RecordColumns


class ReleaseRow(RecordColumns, RulesBase):
    """One state of the whole policy and how far it has come.

    ``digest`` covers what judges (facts, parameters, rules), ``files_digest`` the cases as well. Of
    two releases none takes force on the same day; the first has no such day and is in force before
    every other.
    """

    __tablename__ = "releases"
    __table_args__ = (
        Index("uq_releases_number", "number", unique=True),
        Index("uq_releases_in_force_from", "in_force_from", unique=True),
    )

    division: Mapped[str] = mapped_column(Division)
    number: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    based_on: Mapped[UUID | None] = mapped_column(ForeignKey("releases.id"))
    digest: Mapped[str] = mapped_column(String(64), index=True)
    files_digest: Mapped[str] = mapped_column(String(64))
    changed_files: Mapped[dict[str, str]] = mapped_column(JSONB)
    edited_by: Mapped[list[str]] = mapped_column(ARRAY(Text))
    proposed_by: Mapped[str | None] = mapped_column(Text)
    proposed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    approved_by: Mapped[str | None] = mapped_column(Text)
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_reason: Mapped[str | None] = mapped_column(Text)
    scheduled_by: Mapped[str | None] = mapped_column(Text)
    scheduled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    in_force_from: Mapped[date | None] = mapped_column(Date)
    activated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    superseded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ReleaseFileRow(RulesBase):
    """A file of a release, as it was written."""

    __tablename__ = "release_files"

    release_id: Mapped[UUID] = mapped_column(ForeignKey("releases.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(200, collation="C"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class ImpactRow(RulesBase):
    """What a proposed release would change, on one day, against the release in force on it."""

    __tablename__ = "release_impacts"

    release_id: Mapped[UUID] = mapped_column(ForeignKey("releases.id"), primary_key=True)
    job_id: Mapped[UUID]
    files_digest: Mapped[str] = mapped_column(String(64))
    against: Mapped[UUID] = mapped_column(ForeignKey("releases.id"))
    judged_on: Mapped[date] = mapped_column(Date)
    computed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    counties: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    rules_added: Mapped[list[str]] = mapped_column(ARRAY(Text))
    rules_removed: Mapped[list[str]] = mapped_column(ARRAY(Text))
    without_effect: Mapped[list[dict[str, str]]] = mapped_column(JSONB)


class FlipCountRow(RulesBase):
    """How many subjects of a county a rule answers one way in force and another way proposed."""

    __tablename__ = "release_flip_counts"

    release_id: Mapped[UUID] = mapped_column(
        ForeignKey("release_impacts.release_id", ondelete="CASCADE"), primary_key=True
    )
    county: Mapped[str] = mapped_column(Division, primary_key=True)
    rule: Mapped[str] = mapped_column(String(100), primary_key=True)
    before: Mapped[str] = mapped_column(String(12), primary_key=True)
    after: Mapped[str] = mapped_column(String(12), primary_key=True)
    subjects: Mapped[int]
