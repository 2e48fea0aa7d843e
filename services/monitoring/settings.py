"""Settings of monitoring."""

from typing import Annotated

from pydantic import Field

from shared.journal.settings import FollowerSettings


class MonitoringSettings(FollowerSettings):
    """What monitoring needs beside what every service needs that follows the registry."""

    rules_url: Annotated[str, Field(description="Address of rules")]
