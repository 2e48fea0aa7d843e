"""Settings of monitoring."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field

from shared.clock import china_date
from shared.security.service_tokens import ServiceSigner
from shared.settings import ServiceSettings


class MonitoringSettings(ServiceSettings):
    """What monitoring needs beside what every service needs."""

    registry_url: Annotated[str, Field(description="Address of the registry")]
    rules_url: Annotated[str, Field(description="Address of rules")]
    service_key: Annotated[
        Path,
        Field(description="File with the key (JWK) that this service signs its own calls with"),
    ]
    feed_stuck_seconds: Annotated[
        float,
        Field(gt=0, description="/readyz answers 503 once a followed feed has stood still so long"),
    ] = 300
    judging_date: Annotated[
        date | None,
        Field(description="Judge as of this date instead of today: for demonstrations on old data"),
    ] = None

    def judged_on(self, now: datetime) -> date:
        """Return the date that subjects are judged by."""
        return self.judging_date or china_date(now)

    def signer(self) -> ServiceSigner:
        """Return what signs this service's own calls."""
        return ServiceSigner(self.service_key, self.token_issuer)
