"""Settings of a service, read from ``QINGLING_*`` environment variables."""

from pathlib import Path
from typing import Annotated

from pydantic import Base64Bytes, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


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
    max_body_bytes: int = 1024 * 1024
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
    log_format: Annotated[str, Field(pattern="^(json|console)$")] = "json"
