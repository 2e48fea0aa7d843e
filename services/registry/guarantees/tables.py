"""Checks of the guarantees."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.base import RegistryBase
from services.registry.households.tables import CheckOfHousehold, belongs_to_household
from services.registry.recording.tables import external_id_index, one_that_stands

KEY = ("household_id", "guarantee", "checked_on")
"""What one check stands for: there is no second one."""


class GuaranteeCheckRow(CheckOfHousehold, RegistryBase):
    """What an inspector found of one guarantee of a household; evidence not found stays null."""

    __tablename__ = "guarantee_checks"
    __table_args__ = (
        external_id_index("guarantee_checks"),
        belongs_to_household(),
        one_that_stands(*KEY, name="uq_guarantee_checks_household_id_guarantee_checked_on"),
    )

    guarantee: Mapped[str] = mapped_column(String(40))
    # food, clothing
    shortage: Mapped[bool | None]
    found_by: Mapped[str | None] = mapped_column(String(40))
    # education
    children_of_school_age: Mapped[int | None]
    children_out_of_school: Mapped[int | None]
    children_home_taught: Mapped[int | None]
    # medical
    uninsured_members: Mapped[int | None]
    # housing
    housing_grade: Mapped[str | None] = mapped_column(String(1))
    only_home: Mapped[bool | None]
    appraiser: Mapped[str | None] = mapped_column(Text)
    # water
    water_litres_per_person_day: Mapped[int | None]
    water_short_area: Mapped[bool | None]
    water_quality_met: Mapped[bool | None]
    water_tap_at_home: Mapped[bool | None]
    water_round_trip_minutes: Mapped[int | None]
    water_distance_metres: Mapped[int | None]
    water_height_metres: Mapped[int | None]
    water_cut_off_days: Mapped[int | None]
