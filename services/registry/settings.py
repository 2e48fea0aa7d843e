"""Settings of the registry."""

from typing import Annotated

from pydantic import Base64Bytes, Field

from services.registry.reading_limits import ReadingLimits
from services.registry.values.sealing import Sealer
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

    void_alone_minutes: Annotated[
        int,
        Field(
            ge=0,
            description="For how many minutes whoever recorded something may void it alone, before "
            "judgements rest on it",
        ),
    ] = 60
    import_seconds: Annotated[
        float, Field(gt=0, description="Seconds that reading the files of one import may take")
    ] = ReadingLimits.seconds
    import_cpu_seconds: Annotated[
        int, Field(ge=1, description="Seconds of a processor that reading one import may take")
    ] = ReadingLimits.cpu_seconds
    import_memory_bytes: Annotated[
        int,
        Field(ge=256 * 2**20, description="Address space of the process that reads an import"),
    ] = ReadingLimits.memory_bytes
    import_unpacked_bytes: Annotated[
        int, Field(ge=1, description="Bytes that a workbook may unpack to")
    ] = ReadingLimits.unpacked_bytes
    import_rows: Annotated[int, Field(ge=1, description="Rows of a sheet")] = ReadingLimits.rows
    import_cells: Annotated[int, Field(ge=1, description="Cells of an import")] = (
        ReadingLimits.cells
    )
    jobs_at_once: Annotated[
        int,
        Field(ge=1, description="Jobs that the worker runs at once, of one county never two"),
    ] = 4

    def reading_limits(self) -> ReadingLimits:
        """Return what reading the files of one import may cost."""
        return ReadingLimits(
            self.import_seconds,
            self.import_cpu_seconds,
            self.import_memory_bytes,
            self.import_unpacked_bytes,
            self.import_rows,
            self.import_cells,
        )

    def sealer(self) -> Sealer:
        """Return what seals and opens personal data."""
        return Sealer(self.data_keys, self.current_data_key)
