"""Where an import stands."""

from enum import StrEnum


class ImportState(StrEnum):
    """How far an import has come 状态."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
