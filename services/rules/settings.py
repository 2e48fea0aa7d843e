"""Settings of rules."""

from typing import Annotated

from pydantic import Field

from shared.settings import ServiceSettings


class RulesSettings(ServiceSettings):
    """What rules needs beside what every service needs."""

    registry_url: Annotated[str, Field(description="Address of the registry")]
    service_token: Annotated[str, Field(description="Token that rules calls the registry with")]
