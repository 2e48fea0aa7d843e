"""What can be wrong with a policy's files, and with editing them; the words stand in ``errors.yaml``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from services.rules.engine.errors import EngineError, PolicyError

_FILE = Path(__file__).with_suffix(".yaml")
Refuse = Callable[[PolicyError], None]
"""What to do about a mistake: end the reading, or note it and leave its part out."""


def stop(error: PolicyError) -> None:
    """End the reading at the first mistake."""
    raise error


@contextmanager
def each(refuse: Refuse) -> Iterator[None]:
    """Hand a mistake inside the block to `refuse`; if that returns, what follows the block is read."""
    try:
        yield
    except PolicyError as error:
        refuse(error)


class DeclarationError(PolicyError):
    """What is declared cannot be read, or contradicts itself."""

    file = _FILE


class EditRefused(EngineError):
    """A document cannot be put into the files, or taken out of them."""

    file = _FILE


class NotInFiles(EditRefused):
    """The files have no rule or parameter of the name."""


class FileTaken(EditRefused):
    """The file of a new rule or parameter holds something else."""
