"""The one place that reads the time; everything pure takes dates as arguments."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
_OFFSET = "offset_seconds"


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """Return the present moment with its offset."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ClockUnreadable(RuntimeError):
    """The file of a demonstration clock is not there, or says no time."""


class DemonstrationClock:
    """A clock that goes as the machine's does and is moved forward by hand, for demonstrations.

    Its file, which the services of an installation share, says by how many seconds it differs from the
    machine's. Tokens, timeouts and whatever is waited for keep to the machine's time.
    """

    def __init__(self, file: Path) -> None:
        """Read the file. Raises ClockUnreadable."""
        self.machine = SystemClock()
        self._file = file
        self._read: int | None = None
        self._offset = timedelta()
        self._look()

    @classmethod
    def begun(cls, file: Path, moment: datetime) -> "DemonstrationClock":
        """Return a clock that stands at a moment, with a file of its own."""
        _write(file, moment - SystemClock().now())
        return cls(file)

    def now(self) -> datetime:
        self._look()
        return self.machine.now() + self._offset

    def advance(self, step: timedelta) -> datetime:
        """Move the clock forward for all who share it, and return the time that it shows then.

        Raises ValueError for a step backward: what is recorded would lie in the future.
        """
        if step < timedelta():
            raise ValueError(step)
        self._look()
        _write(self._file, self._offset + step)
        return self.now()

    def _look(self) -> None:
        try:
            changed = self._file.stat().st_mtime_ns
            if changed != self._read:
                said = json.loads(self._file.read_bytes())[_OFFSET]
                self._offset, self._read = timedelta(seconds=int(said)), changed
        except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
            raise ClockUnreadable(
                f'{self._file} says no time; it holds {{"{_OFFSET}": 0}} for a clock that goes as the '
                "machine's does"
            ) from error


def machine_time(clock: Clock) -> Clock:
    """Return the clock by which is measured how long something takes, whatever date is shown."""
    return clock.machine if isinstance(clock, DemonstrationClock) else clock


def china_date(moment: datetime) -> date:
    """Return the calendar date in China at a moment: the date that officials and deadlines mean."""
    return moment.astimezone(CHINA).date()


def _write(file: Path, offset: timedelta) -> None:
    # Up to a whole second: a clock that stands at a moment never shows the minute before.
    written = file.with_suffix(f".{os.getpid()}")
    written.write_text(json.dumps({_OFFSET: ceil(offset.total_seconds())}), encoding="utf-8")
    written.replace(file)
