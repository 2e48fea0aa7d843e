"""Persons who could not be entered, since another place has them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.base import RegistryBase
from shared.db.columns import Division
from shared.journal.records import RecordColumns


class ConflictRow(RecordColumns, RegistryBase):
    """A person asked for in one village and registered in another.

    ``division`` is the lowest that holds both. What is registered in another province is not named:
    nobody holds both.
    """

    __tablename__ = "conflicts"
    __table_args__ = (
        Index("ix_conflicts_division", "division", "created_at", "id"),
        Index("ix_conflicts_person", "person", postgresql_where=text("state = 'open'")),
    )

    division: Mapped[str] = mapped_column(Division)
    state: Mapped[str] = mapped_column(String(20))
    person: Mapped[bytes] = mapped_column(LargeBinary)
    document_masked: Mapped[str] = mapped_column(String(40))
    asking_village: Mapped[str] = mapped_column(Division)
    asking_household: Mapped[UUID | None]
    registered_village: Mapped[str | None] = mapped_column(Division)
    registered_household: Mapped[UUID | None]
    registered_member: Mapped[UUID | None]
    asked_times: Mapped[int]
    last_asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    settlement: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(Text)
