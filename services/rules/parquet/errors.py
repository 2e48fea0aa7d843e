"""What can be wrong with files to judge, beyond what the engine says of policies and facts."""

from pathlib import Path

from services.rules.engine import EngineError


class TaskError(EngineError):
    """One of the failures in ``errors.yaml``."""

    file = Path(__file__).with_suffix(".yaml")
