"""Settings of a service that asks the registry and follows its feed."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from shared.security.service_tokens import ServiceSigner
from shared.settings import ServiceSettings


class FollowerSettings(ServiceSettings):
    """What it needs beside what every service needs."""

    registry_url: Annotated[str, Field(description="Address of the registry")]
    service_key: Annotated[
        Path,
        Field(description="File with the key (JWK) that this service signs its own calls with"),
    ]
    divisions_kept_seconds: Annotated[
        int,
        Field(ge=0, description="Seconds for which a division that the registry named is known"),
    ] = 600
    feed_stuck_seconds: Annotated[
        float,
        Field(gt=0, description="/readyz answers 503 once a followed feed has stood still so long"),
    ] = 300

    def signer(self) -> ServiceSigner:
        """Return what signs this service's own calls."""
        return ServiceSigner(self.service_key, self.token_issuer)
