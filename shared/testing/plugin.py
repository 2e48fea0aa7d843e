"""Fixtures that every test may use; loaded by pytest through ``pyproject.toml``."""

import base64
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar

import psutil
import pytest
from hypothesis import settings

from shared.db.embedded import EPHEMERAL, embedded_postgres
from shared.logs import configure_logs
from shared.security.issuer import LocalIssuer
from shared.settings import ServiceSettings
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.testing.depth import DEEP
from shared.testing.folder_times import FolderTimes

PROVINCE = "330000000000"
UNLIMITED = {"caller_requests_per_minute": 0, "address_requests_per_minute": 0}
"""Settings of an application that more tests ask than one caller may in a minute."""
SMALL_LOG = {"max_wal_size": "256MB"}
"""Of a server whose files may stand in memory."""
PLENTY_BYTES = 6 * 2**30
NOON = datetime(2020, 10, 1, 4, tzinfo=UTC)
Settings = TypeVar("Settings", bound=ServiceSettings)
CURSOR_KEY = base64.b64encode(b"a key for cursors in tests only.")


def pytest_configure(config: pytest.Config) -> None:
    """Log as the services do, without the local variables of tracebacks; time the folders.

    What is random is tried with the same values at every change; only deep tests try new ones.
    """
    configure_logs("console")
    settings.register_profile("qingling", derandomize=not DEEP)
    settings.load_profile("qingling")
    config.pluginmanager.register(FolderTimes())


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers() -> int:
    """Start one process more than there are cores: that which breaks whole systems mostly waits."""
    return (os.cpu_count() or 1) + 1


class TokenMaker(Protocol):
    """Issues a token for a test's caller."""

    def __call__(self, *scopes: str, division: str = PROVINCE, subject: str = "tester") -> str: ...


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL server: ``QINGLING_TEST_SERVER``, or an embedded one."""
    given = os.environ.get("QINGLING_TEST_SERVER")
    if given:
        yield given
        return
    # Not in pytest's own folder: run by root the server is another user, and every new pytest
    # session on the machine closes that folder to others again.
    with tempfile.TemporaryDirectory(prefix="qingling-tests-", dir=_quick_folder()) as folder:
        Path(folder).chmod(0o755)
        with embedded_postgres(Path(folder) / "postgres", EPHEMERAL | SMALL_LOG) as address:
            yield address


def _quick_folder() -> Path | None:
    """Return a folder in memory if there is plenty: on disk each database takes half a second."""
    memory = Path("/dev/shm")  # noqa: S108 - only the private folder made inside is used
    if not os.access(memory, os.W_OK):
        return None
    plenty = min(psutil.virtual_memory().available, psutil.disk_usage(str(memory)).free)
    return memory if plenty > PLENTY_BYTES else None


@pytest.fixture(scope="session")
def databases(postgres: str) -> Databases:
    """Clones of each service's template database."""
    return Databases(postgres)


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> LocalIssuer:
    """The issuer of every token in the tests."""
    return LocalIssuer(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def token(issuer: LocalIssuer) -> TokenMaker:
    """Make tokens: ``token("households:read", division="330127000000")``."""

    def make(*scopes: str, division: str = PROVINCE, subject: str = "tester") -> str:
        now = datetime.now(UTC)
        return issuer.issue(subject, division, scopes, now=now, lifetime=timedelta(hours=1))

    return make


@pytest.fixture(scope="session")
def clocks() -> FrozenClock:
    """The clock of every test, for what is built once: each test finds it where ``clock`` sets it."""
    return FrozenClock(NOON)


@pytest.fixture
def clock(clocks: FrozenClock) -> FrozenClock:
    """A clock at noon in China on 1 October 2020."""
    clocks.move_to(NOON)
    return clocks


def settings_for(kind: type[Settings], address: str, keys: Path, **more: object) -> Settings:
    """Return a service's settings for a test database."""
    return kind.model_validate(
        {"database_url": address, "token_keys": keys, "cursor_key": CURSOR_KEY, **more}
    )
