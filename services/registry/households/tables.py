"""Households and their members."""

from datetime import date
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Date,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.base import RegistryBase
from services.registry.recording.exclusion import never_at_once, one_value
from services.registry.recording.tables import (
    STANDS,
    RegisteredColumns,
    external_id_index,
    one_that_stands,
)
from shared.db.columns import Division
from shared.journal.records import NOT_CONTENT

_KEPT_BY_DATABASE = {NOT_CONTENT: "database"}


class HouseholdRow(RegisteredColumns, RegistryBase):
    """A low-income rural household."""

    __tablename__ = "households"
    __table_args__ = (
        external_id_index("households"),
        one_that_stands("county", "number", name="uq_households_number"),
        # Recorded before numbers were kept half-width: a few, and found by what is asked for now.
        Index(
            "ix_households_full_width",
            "county",
            postgresql_where=text("number <> half_width(number)"),
        ),
        # What belongs to a household refers to both, so that it moves with it to a new village;
        # in this order the constraint's index also serves the lists of a division.
        UniqueConstraint("village_code", "id"),
    )

    village_code: Mapped[str] = mapped_column(Division)
    number: Mapped[str] = mapped_column(String(40))
    county: Mapped[str] = mapped_column(String(6, collation="C"))
    category: Mapped[str] = mapped_column(String(40))
    main_cause: Mapped[str | None] = mapped_column(String(40))
    other_causes: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    epidemic_impact: Mapped[bool | None]
    address: Mapped[str | None] = mapped_column(Text)
    phone_masked: Mapped[str | None] = mapped_column(String(40))
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    registered_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)


class OfHousehold(RegisteredColumns):
    """What every record that belongs to a household has."""

    # No index of its own: the unique key of each such table begins with it.
    household_id: Mapped[UUID]
    village_code: Mapped[str] = mapped_column(Division, index=True)


def belongs_to_household() -> ForeignKeyConstraint:
    """Return the constraint of a table of :class:`OfHousehold` rows."""
    return ForeignKeyConstraint(
        ["household_id", "village_code"],
        ["households.id", "households.village_code"],
        onupdate="CASCADE",
    )


class CheckOfHousehold(OfHousehold):
    """What every record of a check of a household has."""

    checked_on: Mapped[date] = mapped_column(Date)
    inspector: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)


class MemberRow(OfHousehold, RegistryBase):
    """A person, for as long as they belong to a household."""

    __tablename__ = "members"
    __table_args__ = (
        external_id_index("members"),
        belongs_to_household(),
        one_that_stands("household_id", "document_digest", "joined_on", name="uq_members_document"),
        Index("ix_members_document_digest", "document_digest"),
        Index("ix_members_contested", "village_code", postgresql_where=text("contested")),
        never_at_once(
            "ex_members_person",
            one_value("digest_range", "document_digest"),
            "daterange(joined_on, CASE WHEN leave_reason = 'death' THEN NULL ELSE until END)",
            f"NOT contested AND {STANDS}",
        ),
        never_at_once(
            "ex_members_head",
            one_value("id_range", "household_id"),
            "daterange(joined_on, until)",
            f"relation_to_head = 'head' AND NOT contested AND {STANDS}",
        ),
    )

    name: Mapped[str] = mapped_column(String(60))
    document_type: Mapped[str] = mapped_column(String(40))
    document_masked: Mapped[str] = mapped_column(String(40))
    document_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    document_digest: Mapped[bytes] = mapped_column(LargeBinary)
    relation_to_head: Mapped[str] = mapped_column(String(40))
    sex: Mapped[str | None] = mapped_column(String(2))
    birth_date: Mapped[date | None] = mapped_column(Date)
    ethnicity: Mapped[str | None] = mapped_column(String(2))
    education: Mapped[str | None] = mapped_column(String(2))
    school_status: Mapped[str | None] = mapped_column(String(40))
    dropout_reason: Mapped[str | None] = mapped_column(String(40))
    health: Mapped[str | None] = mapped_column(String(40))
    labour_capacity: Mapped[str | None] = mapped_column(String(40))
    employment_months: Mapped[int | None]
    employment_place: Mapped[str | None] = mapped_column(String(40))
    public_post: Mapped[bool | None]
    medical_insurance: Mapped[str | None] = mapped_column(String(40))
    serious_illness_insurance: Mapped[bool | None]
    pension: Mapped[bool | None]
    dibao: Mapped[bool | None]
    extreme_poverty_support: Mapped[bool | None]
    joined_on: Mapped[date] = mapped_column(Date)
    left_on: Mapped[date | None] = mapped_column(Date)
    leave_reason: Mapped[str | None] = mapped_column(String(40))
    # Kept by triggers, whatever writes: until when the person is a member, which the household's end
    # decides too, and whether the membership contradicts another that was recorded before it.
    until: Mapped[date | None] = mapped_column(Date, info=_KEPT_BY_DATABASE)
    contested: Mapped[bool] = mapped_column(
        default=False, server_default=false(), info=_KEPT_BY_DATABASE
    )
