"""Villages' yearly accounts."""

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.base import RegistryBase
from services.registry.recording.tables import (
    RegisteredColumns,
    external_id_index,
    one_that_stands,
)
from shared.db.columns import Money
from shared.values.money import Fen


class VillageAccountRow(RegisteredColumns, RegistryBase):
    """A village's collective income of one year: its lines, and the sums made from them."""

    __tablename__ = "village_accounts"
    __table_args__ = (
        external_id_index("village_accounts"),
        one_that_stands("village_code", "year", name="uq_village_accounts_village_code_year"),
    )

    village_code: Mapped[str] = mapped_column(ForeignKey("divisions.code"))
    year: Mapped[int]
    relatively_weak: Mapped[bool | None]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    total_income: Mapped[Fen] = mapped_column("total_income_fen", Money)
    operating_income: Mapped[Fen] = mapped_column("operating_income_fen", Money)
    one_off_income: Mapped[Fen] = mapped_column("one_off_income_fen", Money)
