"""Settings of rules."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from shared.security.service_tokens import ServiceSigner
from shared.settings import ServiceSettings


class RulesSettings(ServiceSettings):
    """What rules needs beside what every service needs."""

    registry_url: Annotated[str, Field(description="Address of the registry")]
    service_key: Annotated[
        Path,
        Field(description="File with the key (JWK) that this service signs its own calls with"),
    ]

    divisions_kept_seconds: Annotated[
        int,
        Field(ge=0, description="Seconds for which a division that the registry named is known"),
    ] = 600

    def signer(self) -> ServiceSigner:
        """Return what signs this service's own calls."""
        return ServiceSigner(self.service_key, self.token_issuer)
