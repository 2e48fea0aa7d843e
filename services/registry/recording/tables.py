"""What every table of the registry's records has, beside what it holds of its kind."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import DateTime, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, composite, declared_attr, mapped_column

from services.registry.recording.domain import Voiding
from shared.journal.records import NOT_CONTENT, RecordColumns

VOIDING: Mapping[str, str] = MappingProxyType(
    {
        "void_reason": "reason",
        "void_proposed_by": "proposed_by",
        "void_proposed_at": "proposed_at",
        "voided_by": "voided_by",
        "voided_at": "voided_at",
    }
)
"""The members of a voiding by column."""
STANDS = "voided_at IS NULL"
"""The condition that a record stands: nobody has voided it."""
_WRITTEN_BY_VOIDING = {NOT_CONTENT: "voiding"}
_EXTERNAL = {NOT_CONTENT: "another system"}


def _voiding(reason: str | None, *others: Any) -> Voiding | None:
    return None if reason is None else Voiding(reason, *others)


class RegisteredColumns(RecordColumns):
    """Whether a record is voided, and what another system calls it.

    The columns of a voiding are null while the record stands and nobody has proposed to void it, those
    of the other system while none has sent the record.
    """

    external_source: Mapped[str | None] = mapped_column(String(40), info=_EXTERNAL)
    external_id: Mapped[str | None] = mapped_column(String(80), info=_EXTERNAL)
    void_reason: Mapped[str | None] = mapped_column(Text, info=_WRITTEN_BY_VOIDING)
    void_proposed_by: Mapped[str | None] = mapped_column(Text, info=_WRITTEN_BY_VOIDING)
    void_proposed_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), info=_WRITTEN_BY_VOIDING
    )
    voided_by: Mapped[str | None] = mapped_column(Text, info=_WRITTEN_BY_VOIDING)
    voided_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), info=_WRITTEN_BY_VOIDING
    )

    @declared_attr
    @classmethod
    def voiding(cls) -> Mapped[Voiding | None]:
        """The voiding as one value."""
        return composite(_voiding, *VOIDING)


def one_that_stands(*columns: str, name: str) -> UniqueConstraint:
    """Return the constraint that of the records with the same key one stands; others are voided."""
    return UniqueConstraint(*columns, "voided_at", name=name, postgresql_nulls_not_distinct=True)


def external_id_index(table: str) -> Index:
    """Return the index by which records are found that another system calls by an id.

    It is not unique: each county has systems of its own, which need not know what those of others call
    theirs, and households move. Whoever puts a record looks, under a lock, whether there is one.
    """
    return Index(
        f"ix_{table}_external_id",
        "external_source",
        "external_id",
        postgresql_where=text("external_id IS NOT NULL"),
    )


def voiding_in_sql() -> str:
    """Return the SQL of a voiding as a record of its members, null if nobody has proposed one."""
    return f"CASE WHEN void_proposed_at IS NOT NULL THEN ROW({', '.join(VOIDING)}) END"
