"""Calendar dates, half-open periods and full years of age.

The arithmetic of 29 February agrees with PostgreSQL's, so that a rule in SQL and a rule in Python
never differ by a day.
"""

import re
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from shared.values.bilingual import Bilingual
from shared.values.refusal import InvalidValue, refusing
from shared.values.text import is_held

# The calendar's own ends are no days: the database's driver sends them as infinite, and a year more
# than the last cannot be counted.
FIRST_YEAR, LAST_YEAR = 1800, 2999
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class DateMalformed(InvalidValue):
    code = "date-malformed"
    template = Bilingual(
        "日期应写成 年-月-日，例如 2020-06-30，并且确有这一天。",
        "Write the date as year-month-day, such as 2020-06-30, and one that exists.",
    )


class DateOutOfRange(DateMalformed):
    template = Bilingual(
        "日期应在 {first} 年至 {last} 年之间；请核对年份。",
        "The date must lie in the years {first} to {last}; check the year.",
    )


class PeriodEmpty(InvalidValue):
    code = "period-empty"
    template = Bilingual(
        "期间的结束日期（to，不含当日）必须晚于开始日期（from）；"
        "2020 年全年写作 from 2020-01-01、to 2021-01-01。",
        "A period must end (to, exclusive) after it starts (from); the year 2020 is from "
        "2020-01-01 to 2021-01-01.",
    )
    cell_template = Bilingual(
        "期间止（最后一天，含当日）不得早于期间起；2019 年全年写作期间起 2019-01-01、期间止 2019-12-31。",
        "期间止, the last day, must not lie before 期间起; the year 2019 is 期间起 2019-01-01, 期间止 "
        "2019-12-31.",
    )


class NotYetBorn(InvalidValue):
    code = "not-yet-born"
    template = Bilingual(
        "出生日期晚于所问的日期，无法计算年龄；请核对出生日期。",
        "The birth date lies after the date asked about, so there is no age; check the birth date.",
    )


def parse_date(value: object) -> date:
    """Return the date of an ISO 8601 text; a date stays as it is, a moment is refused.

    Raises DateMalformed or DateOutOfRange.
    """
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            value = date.fromisoformat(value)
        except ValueError as error:
            raise DateMalformed from error
    if not isinstance(value, date) or isinstance(value, datetime):
        raise DateMalformed
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise DateOutOfRange(first=FIRST_YEAR, last=LAST_YEAR)
    return value


def _wire_date(value: object, info: ValidationInfo) -> date:
    try:
        return refusing(parse_date)(value)
    except PydanticCustomError as refused:
        # One recorded before its range was held to does not keep the rest from being amended.
        written = str(value)
        if refused.message_template != DateOutOfRange.template.en or not is_held(written, info):
            raise
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
            raise PeriodEmpty().as_pydantic()
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
    ``age()``. Raises NotYetBorn.
    """
    if day < birth:
        raise NotYetBorn
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _a_year_after(day: date) -> date:
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if leap_day else day.day)
