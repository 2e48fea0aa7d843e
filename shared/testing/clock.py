"""A clock that stands still until it is moved."""

from datetime import datetime, timedelta


class FrozenClock:
    """A clock for tests."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def move_to(self, moment: datetime) -> None:
        """Set the clock to a moment."""
        self._moment = moment

    def advance(self, step: timedelta) -> None:
        """Move the clock forward."""
        self._moment += step
