"""What reading the files of one import may cost. Only the standard library: the process reads it too."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReadingLimits:
    """What reading the files of one import may take: seconds, bytes, rows of a sheet, cells in all."""

    seconds: float = 300
    cpu_seconds: int = 240
    memory_bytes: int = 1536 * 2**20
    unpacked_bytes: int = 768 * 2**20
    rows: int = 400_000
    cells: int = 16_000_000
