"""Income of households."""

from datetime import date

from sqlalchemy import Date, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.base import RegistryBase
from services.registry.households.tables import OfHousehold, belongs_to_household
from services.registry.recording.tables import external_id_index, one_that_stands
from shared.db.columns import Money
from shared.values.money import Fen

KEY = ("household_id", "period_from", "period_to", "source", "item", "recurring")
"""What one entry stands for: there is no second one."""


class IncomeEntryRow(OfHousehold, RegistryBase):
    """What a household took in, or spent on its business, by one item in twelve months."""

    __tablename__ = "income_entries"
    __table_args__ = (
        external_id_index("income_entries"),
        belongs_to_household(),
        one_that_stands(*KEY, name="uq_income_entries_item"),
    )

    source: Mapped[str] = mapped_column(String(40))
    item: Mapped[str] = mapped_column(String(40))
    period_from: Mapped[date] = mapped_column(Date)
    period_to: Mapped[date] = mapped_column(Date)
    amount: Mapped[Fen] = mapped_column("amount_fen", Money)
    recurring: Mapped[bool]
    description: Mapped[str | None] = mapped_column(Text)
