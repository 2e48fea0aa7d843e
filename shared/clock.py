"""The one place that reads the time; everything pure takes dates as arguments."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """Return the present moment with its offset."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def china_date(moment: datetime) -> date:
    """Return the calendar date in China at a moment: the date that officials and deadlines mean."""
    return moment.astimezone(CHINA).date()
