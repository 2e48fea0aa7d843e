"""Settings of rules."""

from typing import Annotated

from pydantic import Field

from shared.journal.settings import FollowerSettings


class RulesSettings(FollowerSettings):
    """What rules needs beside what every service needs that follows the registry."""

    divisions_kept_seconds: Annotated[
        int,
        Field(ge=0, description="Seconds for which a division that the registry named is known"),
    ] = 600
