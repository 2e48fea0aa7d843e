"""Circumstances of households."""

from sqlalchemy.orm import Mapped, mapped_column

from services.registry.base import RegistryBase
from services.registry.households.tables import CheckOfHousehold, belongs_to_household
from services.registry.recording.tables import external_id_index, one_that_stands
from shared.db.columns import Money
from shared.values.money import Fen

KEY = ("household_id", "checked_on")
"""What one check of circumstances stands for: there is no second one."""


class CircumstancesRow(CheckOfHousehold, RegistryBase):
    """What a check found of a household's property, spending and prospects; null: not found out."""

    __tablename__ = "circumstances"
    __table_args__ = (
        external_id_index("circumstances"),
        belongs_to_household(),
        one_that_stands(*KEY, name="uq_circumstances_household_id_checked_on"),
    )

    # property
    commission_signed: Mapped[bool | None]
    cars: Mapped[int | None]
    homes: Mapped[int | None]
    financial_assets: Mapped[Fen | None] = mapped_column("financial_assets_fen", Money)
    company_shares: Mapped[bool | None]
    # spending and hardship
    medical_spending: Mapped[Fen | None] = mapped_column("medical_spending_fen", Money)
    education_spending: Mapped[Fen | None] = mapped_column("education_spending_fen", Money)
    disaster_loss: Mapped[Fen | None] = mapped_column("disaster_loss_fen", Money)
    rigid_spending: Mapped[Fen | None] = mapped_column("rigid_spending_fen", Money)
    sudden_hardship: Mapped[bool | None]
    supporter_able: Mapped[bool | None]
    # work and prospects
    job_refusals: Mapped[int | None]
    new_job_income: Mapped[Fen | None] = mapped_column("new_job_income_fen", Money)
    new_job_months: Mapped[int | None]
    relocating_members: Mapped[int | None]
    bad_credit: Mapped[bool | None]
    microloan_wanted: Mapped[bool | None]
    housing_repair_planned: Mapped[bool | None]
