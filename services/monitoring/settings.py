"""Settings of monitoring."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from shared.clock import china_date
from shared.journal.settings import FollowerSettings


class MonitoringSettings(FollowerSettings):
    """What monitoring needs beside what every service needs that follows the registry."""

    rules_url: Annotated[str, Field(description="Address of rules")]
    judging_date: Annotated[
        date | None,
        Field(description="Judge as of this date instead of today: for demonstrations on old data"),
    ] = None

    def judged_on(self, now: datetime) -> date:
        """Return the date that subjects are judged by."""
        return self.judging_date or china_date(now)
