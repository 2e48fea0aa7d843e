"""Settings of a service, read from ``QINGLING_*`` environment variables."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Base64Bytes, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.clock import Clock, DemonstrationClock, SystemClock


class ServiceSettings(BaseSettings):
    """What every service needs; each service adds its own fields."""

    model_config = SettingsConfigDict(env_prefix="QINGLING_", frozen=True, extra="ignore")

    database_url: Annotated[
        str,
        Field(
            description="PostgreSQL 15 or newer, as postgresql://user:password@host:port/database"
        ),
    ]
    token_keys: Annotated[
        Path,
        Field(description="File with the public keys (JWKS) that bearer tokens are checked with"),
    ]
    token_issuer: str = "qingling"
    cursor_key: Annotated[
        Base64Bytes,
        Field(description="Key that signs list cursors; 32 random bytes in base64"),
    ]
    public_url: Annotated[
        str | None,
        Field(
            description="Address that clients reach this service at, as https://host/path; the "
            "addresses in Link and Location begin with it, and are relative without it"
        ),
    ] = None
    metrics_token: Annotated[
        SecretStr | None,
        Field(description="Bearer token of /metrics; without it only this machine is answered"),
    ] = None
    trusted_proxies: Annotated[
        str,
        Field(
            description="Addresses or networks, by comma, whose X-Forwarded-For and -Proto are "
            "believed; nobody's unless given"
        ),
    ] = ""
    max_body_bytes: Annotated[int, Field(gt=0, description="Bytes of a body")] = 1024 * 1024
    max_header_bytes: Annotated[
        int, Field(ge=1024, description="Bytes of the request line and headers together")
    ] = 32 * 1024
    max_connections: Annotated[int, Field(gt=0, description="Connections open at once")] = 800
    header_seconds: Annotated[float, Field(gt=0, description="Time of a head to arrive")] = 10
    idle_seconds: Annotated[
        int, Field(gt=0, description="Time that a connection is kept between requests")
    ] = 15
    body_seconds: Annotated[
        float, Field(gt=0, description="Time of a body to arrive, beside what its size takes")
    ] = 30
    body_bytes_per_second: Annotated[
        int, Field(gt=0, description="Slowest rate of a body; each byte buys its time")
    ] = 4096
    send_seconds: Annotated[
        float, Field(gt=0, description="Time after which a client that reads nothing is cut off")
    ] = 30
    uploads_a_caller: Annotated[
        int, Field(gt=0, description="Bodies over 1 MiB that one caller sends at once")
    ] = 4
    uploads_at_once: Annotated[
        int, Field(gt=0, description="Bodies over 1 MiB that are being sent at once")
    ] = 16
    large_bodies_in_use: Annotated[
        int, Field(gt=0, description="Bodies over 1 MiB that are worked on, in memory, at once")
    ] = 2
    streams_a_caller: Annotated[
        int, Field(gt=0, description="Streams and exports that one caller reads at once")
    ] = 4
    streams_at_once: Annotated[
        int, Field(gt=0, description="Streams and exports that are being read at once")
    ] = 8
    stream_spool_bytes: Annotated[
        int, Field(gt=0, description="Disk that each stream takes for what is not read yet")
    ] = 512 * 1024 * 1024
    stream_wait_seconds: Annotated[
        float,
        Field(gt=0, description="Time after which a stream ends whose disk is full and unread"),
    ] = 60
    polls_a_caller: Annotated[
        int, Field(gt=0, description="Waiting requests for events of one caller at once")
    ] = 8
    polls_at_once: Annotated[
        int, Field(gt=0, description="Waiting requests for events at once")
    ] = 200
    caller_requests_per_minute: Annotated[
        int, Field(ge=0, description="Requests a minute of one caller; 0 is no limit")
    ] = 30_000
    address_requests_per_minute: Annotated[
        int,
        Field(
            ge=0, description="Requests a minute without a valid token of one address; 0 is none"
        ),
    ] = 600
    pool_size: Annotated[
        int, Field(ge=1, description="Transactions at a time, and as many reads beside them")
    ] = 15
    pool_wait_seconds: Annotated[
        float, Field(gt=0, description="A request waits so long for a connection, then gets 503")
    ] = 5
    statement_seconds: Annotated[
        float, Field(gt=0, description="The longest that a statement of a request may take")
    ] = 30
    lock_seconds: Annotated[
        float, Field(gt=0, description="The longest that a statement waits for a lock")
    ] = 10
    idle_in_transaction_seconds: Annotated[
        float, Field(gt=0, description="The longest that a transaction stays open doing nothing")
    ] = 60
    job_statement_seconds: Annotated[
        float, Field(gt=0, description="The longest that a statement of a job may take")
    ] = 3600
    job_idle_in_transaction_seconds: Annotated[
        float,
        Field(gt=0, description="The longest that a job's transaction stays open doing nothing"),
    ] = 900
    demonstration_clock: Annotated[
        Path | None,
        Field(
            description="File of a clock that is moved by hand, for demonstrations on one machine; "
            "without it the machine's time counts"
        ),
    ] = None
    log_format: Annotated[str, Field(pattern="^(json|console)$")] = "json"

    @model_validator(mode="after")
    def _demonstrations_stay_at_home(self) -> Self:
        if self.demonstration_clock is not None and self.public_url is not None:
            raise ValueError(
                "demonstration_clock shows a time that is not, and public_url lets others rely on it; "
                "unset one of them"
            )
        return self

    def clock(self) -> Clock:
        """Return the clock that dates and deadlines go by.

        Raises:
            ClockUnreadable: the file of the demonstration clock says no time.

        """
        if self.demonstration_clock is None:
            return SystemClock()
        return DemonstrationClock(self.demonstration_clock)
