"""Administrative divisions, each for the time that it existed."""

from datetime import date, datetime

from sqlalchemy import Date, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.base import RegistryBase
from services.registry.recording.tables import (
    RegisteredColumns,
    external_id_index,
    one_that_stands,
)
from shared.db.columns import Division, Money
from shared.values.money import Fen


class DivisionRow(RegistryBase):
    """A division; its code is never given to another place, and a closed one is kept."""

    __tablename__ = "divisions"
    __table_args__ = (Index("ix_divisions_parent_code", "parent", "code"),)

    code: Mapped[str] = mapped_column(Division, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(String(10))
    parent: Mapped[str | None] = mapped_column(ForeignKey("divisions.code"))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(default=1)
    recorded_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class DivisionFigureRow(RegisteredColumns, RegistryBase):
    """A yearly figure of a division as a whole, such as its dibao standard."""

    __tablename__ = "division_figures"
    __table_args__ = (
        external_id_index("division_figures"),
        one_that_stands(
            "division", "figure", "year", name="uq_division_figures_division_figure_year"
        ),
    )

    division: Mapped[str] = mapped_column(ForeignKey("divisions.code"))
    figure: Mapped[str] = mapped_column(String(40))
    year: Mapped[int]
    amount: Mapped[Fen] = mapped_column("amount_fen", Money)
    source: Mapped[str | None] = mapped_column(Text)
