"""Migrating: data of a newer version is left as it is and told; what is newest is read once."""

import base64

import psycopg
import pytest
from alembic.script import ScriptDirectory
from typer.testing import CliRunner

from services.rules.cli import cli
from shared.db.migrations import newest_revisions
from shared.security.issuer import LocalIssuer
from shared.testing.databases import Databases


def test_data_of_a_newer_version_is_told_and_left_as_it_is(
    databases: Databases, issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("configure_logs", "log_what_nobody_catches"):
        monkeypatch.setattr(f"shared.command.{name}", lambda *_: None)
    with databases.clone("rules") as address:
        variables = {
            "QINGLING_DATABASE_URL": address,
            "QINGLING_TOKEN_KEYS": str(issuer.public_keys),
            "QINGLING_CURSOR_KEY": base64.b64encode(bytes(32)).decode(),
            "QINGLING_REGISTRY_URL": "http://registry",
            "QINGLING_SERVICE_KEY": "none",
        }
        with psycopg.connect(address) as connection:
            connection.execute("INSERT INTO alembic_version VALUES ('of_next_year')")
        told = CliRunner().invoke(cli, ["migrate"], env=variables)
        assert (told.exit_code, told.stdout) == (1, "")
        assert told.stderr.startswith("the database of rules was written by a newer version")
        with psycopg.connect(address) as connection:
            found = connection.execute("SELECT count(*) FROM alembic_version").fetchone()
        assert found == (len(newest_revisions("rules")) + 1,)


def test_what_is_newest_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    newest_revisions.cache_clear()
    first = newest_revisions("registry")
    monkeypatch.setattr(ScriptDirectory, "from_config", None)
    assert newest_revisions("registry") == first != frozenset()
