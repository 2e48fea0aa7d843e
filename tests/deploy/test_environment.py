"""What a local run begins with: its clock, and databases that are older or newer than the code."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from deploy.child import free_port
from deploy.environment import SAMPLE_MOMENT, SERVICES, Installation
from shared.clock import DemonstrationClock
from shared.db.embedded import drop_database, ensure_database
from tests.deploy.test_folder import run_local

# The databases of a run have one name wherever it runs, and workers may share a server.
pytestmark = pytest.mark.xdist_group("databases of a run")
FEW = timedelta(minutes=5)
PORTS = dict.fromkeys(SERVICES, 1)


@pytest.fixture
def server(postgres: str) -> Iterator[str]:
    """A server without the databases of a run, before and afterwards."""
    for service in SERVICES:
        drop_database(postgres, f"qingling_{service}")
    yield postgres
    for service in SERVICES:
        drop_database(postgres, f"qingling_{service}")


def begun(folder: Path, server: str) -> datetime:
    """Return the time that the clock of a folder shows once a run has begun there."""
    folder.mkdir(exist_ok=True)
    installation = Installation(folder, PORTS)
    installation.variables(server)
    return DemonstrationClock(installation.clock_file).now()


def test_what_has_no_records_yet_begins_at_the_samples_moment(tmp_path: Path, server: str) -> None:
    assert SAMPLE_MOMENT <= begun(tmp_path / "first", server) < SAMPLE_MOMENT + FEW
    assert SAMPLE_MOMENT <= begun(tmp_path / "first", server) < SAMPLE_MOMENT + FEW


def test_a_new_clock_over_older_databases_begins_now(tmp_path: Path, server: str) -> None:
    ensure_database(server, "qingling_monitoring")
    now = datetime.now(UTC)
    assert now - FEW < begun(tmp_path / "second", server) < now + FEW


def test_data_of_a_newer_version_is_told_in_a_sentence(tmp_path: Path, server: str) -> None:
    for service in SERVICES:
        with psycopg.connect(ensure_database(server, f"qingling_{service}")) as connection:
            connection.execute("CREATE TABLE alembic_version (version_num varchar(32))")
            connection.execute("INSERT INTO alembic_version VALUES ('of_next_year')")
    ports = {f"QINGLING_{each.upper()}_PORT": str(free_port()) for each in SERVICES}
    run = run_local(tmp_path, QINGLING_DATABASE_URL=server, **ports)
    assert (run.returncode, run.stderr) == (1, "")
    assert run.stdout.startswith("the database of registry was written by a newer version")
    assert run.stdout.strip().endswith("begin anew in another folder with --folder")
