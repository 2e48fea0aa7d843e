"""Settings of the registry."""

from typing import Annotated

from pydantic import Base64Bytes, Field

from shared.security.sealing import Sealer
from shared.settings import ServiceSettings

MAX_IMPORT_BYTES = 64 * 1024 * 1024


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

    def sealer(self) -> Sealer:
        """Return what seals and opens personal data."""
        return Sealer(self.data_keys, self.current_data_key)
