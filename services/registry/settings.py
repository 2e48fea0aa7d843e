"""Settings of the registry."""

from typing import Annotated

from pydantic import Base64Bytes, Field

from shared.security.sealing import Sealer
from shared.settings import ServiceSettings

MAX_IMPORT_BYTES = 64 * 1024 * 1024
FINDS_A_DAY = 100
REVEALS_A_DAY = 200


class RegistrySettings(ServiceSettings):
    """What the registry needs beside what every service needs."""

    data_keys: Annotated[
        dict[int, Base64Bytes],
        Field(
            description="Keys that seal personal data, by id: 32 random bytes each in base64, as JSON"
        ),
    ]
    current_data_key: int = 1
    max_import_bytes: int = MAX_IMPORT_BYTES
    finds_a_day: Annotated[
        int,
        Field(ge=1, description="How often a caller may find a person by number on a day in China"),
    ] = FINDS_A_DAY
    reveals_a_day: Annotated[
        int, Field(ge=1, description="How often a caller may reveal a number on a day in China")
    ] = REVEALS_A_DAY

    def sealer(self) -> Sealer:
        """Return what seals and opens personal data."""
        return Sealer(self.data_keys, self.current_data_key)
