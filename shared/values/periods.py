"""Calendar dates, half-open periods and full years of age.

The arithmetic of 29 February agrees with PostgreSQL's, so that a rule in SQL and a rule in Python
never differ by a day.
"""

import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)

from shared.values.refusal import WordedRefusal
from shared.values.text import is_held

# The calendar's own ends are no days: the database's driver sends them as infinite, and a year more
# than the last cannot be counted.
FIRST_YEAR, LAST_YEAR = 1800, 2999
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class DateRefusal(WordedRefusal):
    """One of the reasons in ``periods.yaml``."""

    file = Path(__file__).with_suffix(".yaml")


def parse_date(value: object) -> date:
    """Return the date of an ISO 8601 text; a date stays as it is, a moment is refused.

    Raises a DateRefusal.
    """
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            value = date.fromisoformat(value)
        except ValueError as error:
            raise DateRefusal("date-malformed") from error
    if not isinstance(value, date) or isinstance(value, datetime):
        raise DateRefusal("date-malformed")
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise DateRefusal("date-out-of-range", first=FIRST_YEAR, last=LAST_YEAR)
    return value


def _wire_date(value: object, info: ValidationInfo) -> date:
    try:
        return parse_date(value)
    except DateRefusal as refusal:
        # One recorded before its range was held to does not keep the rest from being amended.
        written = str(value)
        if refusal.reason != "date-out-of-range" or not is_held(written, info):
            raise refusal.as_pydantic() from refusal
        return date.fromisoformat(written)


IsoDate = Annotated[date, BeforeValidator(_wire_date), Field(examples=["2020-06-30"])]
"""A date on the wire: ``YYYY-MM-DD`` only; pydantic's own type takes numbers and times as well."""


class OpenPeriod(BaseModel):
    """A span of days (期间) that may still be running: ``to`` is exclusive, null while it runs."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True
    )

    start: IsoDate = Field(alias="from", description="开始日期（含）first day")
    end: IsoDate | None = Field(
        default=None,
        alias="to",
        description="结束日期（不含），未结束为空 day after the last; null if open",
    )

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.end is not None and self.end <= self.start:
            raise DateRefusal("period-empty").as_pydantic()
        return self

    def contains(self, day: date) -> bool:
        """Tell whether a day lies within; the end does not."""
        return self.start <= day and (self.end is None or day < self.end)

    def overlaps(self, other: "OpenPeriod") -> bool:
        """Tell whether the two share a day; periods that only touch do not."""
        return (other.end is None or self.start < other.end) and (
            self.end is None or other.start < self.end
        )


class Period(OpenPeriod):
    """A span of days (期间) with both ends: ``from`` inclusive, ``to`` exclusive."""

    end: IsoDate = Field(
        alias="to",
        description="结束日期（不含）day after the last",
        examples=["2021-01-01"],
    )

    def is_twelve_months(self) -> bool:
        """Tell whether the period is exactly one year long.

        From 29 February it ends on the 28th, as ``start + interval '1 year'`` in PostgreSQL.
        """
        return self.end == _a_year_after(self.start)


def age_on(birth: date, day: date) -> int:
    """Return the full years of age (周岁) on a day.

    Born on 29 February, one turns a year older on 1 March in common years, as with PostgreSQL's
    ``age()``. Raises a DateRefusal.
    """
    if day < birth:
        raise DateRefusal("not-yet-born")
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _a_year_after(day: date) -> date:
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if leap_day else day.day)
