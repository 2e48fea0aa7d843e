"""Imports, their files until they are over, and what became of each row."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column

from services.registry.base import RegistryBase
from shared.db.columns import Division
from shared.jobs.tables import JobRow, of_job


class ImportRow(RegistryBase):
    """One import: who asked for what, and how it went. Its job has the same id."""

    __tablename__ = "imports"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    division: Mapped[str] = mapped_column(Division, index=True)
    mode: Mapped[str] = mapped_column(String(20))
    dry_run: Mapped[bool]
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    counts: Mapped[dict[str, dict[str, int]]] = mapped_column(JSONB)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    written: Mapped[bool | None]
    reason: Mapped[str | None] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = column_property(of_job(JobRow.state, id))  # noqa: A003 - the column
    finished_at: Mapped[datetime | None] = column_property(
        of_job(JobRow.finished_at, id)  # noqa: A003 - the column
    )


class ImportFileRow(RegistryBase):
    """The bytes of a file, kept until its import is over, ``length`` of them before they were sealed.

    What waits since before files were sealed has no length, and is sealed by the worker.
    """

    __tablename__ = "import_files"

    import_id: Mapped[UUID] = mapped_column(
        ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    length: Mapped[int | None]


class ImportOutcomeRow(RegistryBase):
    """What became of one row of a sheet; ``sheet`` is its place in the order of the sheets.

    ``changed`` are the headers of what a row that updated a record changed; older ones do not say.

    It refers to its import without a foreign key: hundreds of thousands are written at once, in the
    transaction that finishes the import.
    """

    __tablename__ = "import_outcomes"
    __table_args__ = (
        Index(
            "ix_import_outcomes_failed",
            "import_id",
            "sheet",
            "row",
            postgresql_where=text("outcome = 'failed'"),
        ),
    )

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    sheet: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(String(12))
    record_id: Mapped[UUID | None]
    problems: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    changed: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
