"""The whole system as users run it, in processes of its own, to be broken in every way.

``make test`` runs these in a short form; ``make test-faults`` sets ``QINGLING_FAULTS=full``.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.child import ChildRun, child_run, free_ports

START_SECONDS = 600


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process break the system that is shared, and another those that a test starts itself."""
    for item in items:
        if item.path.parent == Path(__file__).parent and isinstance(item, pytest.Function):
            shared = "system" in item.fixturenames
            group = "faults of the shared system" if shared else "faults of systems of their own"
            item.add_marker(pytest.mark.xdist_group(group))


@dataclass(frozen=True)
class Size:
    """How much is done: little at every change, much when it is asked for."""

    rounds: int
    """How often each process is ended."""
    killed: Sequence[str]
    stopped: Sequence[str]
    """Which are asked to end, rather than killed."""
    writers: int
    counties: int
    households: int
    """In the file of each county."""
    slow_clients: int
    uploads: int
    races: int
    """For each thing of which there is one, and each way."""


PROCESSES = (
    "registry",
    "registry-worker",
    "rules",
    "rules-worker",
    "monitoring",
    "monitoring-worker",
    "postgres",
)
SHORT = Size(
    rounds=1,
    killed=("registry", "rules-worker", "monitoring-worker", "postgres"),
    stopped=("rules", "registry-worker", "monitoring"),
    writers=4,
    counties=1,
    households=1_500,
    slow_clients=12,
    uploads=20,
    races=1,
)
FULL = Size(
    rounds=5,
    killed=PROCESSES,
    stopped=PROCESSES,
    writers=16,
    counties=5,
    households=20_000,
    slow_clients=60,
    uploads=100,
    races=15,
)


@pytest.fixture(scope="session")
def size() -> Size:
    """How much to do."""
    return FULL if os.environ.get("QINGLING_FAULTS") == "full" else SHORT


@contextmanager
def folder_for_a_run() -> Iterator[Path]:
    """Yield a folder that the embedded server, another user when we are root, can reach."""
    with tempfile.TemporaryDirectory(prefix="qingling-faults-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="session")
def system() -> Iterator[ChildRun]:
    """A system without the sample, shared by the tests that leave it working."""
    with (
        folder_for_a_run() as folder,
        child_run(folder, free_ports(), limit=START_SECONDS, sample=False) as run,
    ):
        yield run
