"""What each caller has asked on a day, as far as it is limited."""

from datetime import date

from sqlalchemy import ARRAY, Date, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.base import RegistryBase


class AllowanceRow(RegistryBase):
    """How often a caller has used an allowance on a day."""

    __tablename__ = "allowances"
    __table_args__ = (Index("ix_allowances_day", "day"),)

    caller: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    use: Mapped[str] = mapped_column(String(20), primary_key=True)
    used: Mapped[int]


class GuessRow(RegistryBase):
    """The persons of one likeness whom a caller has entered on a day, by digests."""

    __tablename__ = "guesses"
    __table_args__ = (Index("ix_guesses_day", "day"),)

    caller: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    likeness: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    persons: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary))
