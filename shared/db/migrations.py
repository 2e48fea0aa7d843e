"""Alembic for every service: the shared branch first, then the service's own.

A service keeps ``migrations/env.py`` (one call of :func:`run`) and ``migrations/versions/``; the
tables that stand in every database are migrated by ``shared/db/versions/``.
"""

from functools import cache
from pathlib import Path
from typing import Any, Literal

from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from shared.db.columns import Money

ROOT = Path(__file__).parent.parent.parent
UPGRADE_LOCK = 0x51_4C


def alembic_config(service: str, url: str) -> Config:
    """Return the Alembic configuration of a service (``registry``, ``rules``, ``monitoring``)."""
    config = Config()
    migrations = ROOT / "services" / service / "migrations"
    config.set_main_option("script_location", str(migrations))
    config.set_main_option(
        "version_locations", f"{ROOT / 'shared/db/versions'}\n{migrations / 'versions'}"
    )
    config.set_main_option("path_separator", "newline")
    config.attributes["url"] = url
    return config


class DatabaseIsNewer(RuntimeError):
    """A newer version of the code has migrated the database beyond what this one knows."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service

    def __str__(self) -> str:
        return (
            f"the database of {self.service} was written by a newer version than this one, which cannot "
            "read it and has left it as it is; run the newer version again"
        )


def upgrade(service: str, url: str) -> None:
    """Bring a service's database to the newest migrations; safe to run from several processes.

    Raises:
        DatabaseIsNewer: it bears a migration that is not known here.

    """
    try:
        command.upgrade(alembic_config(service, url), "heads")
    except CommandError as error:
        if isinstance(error.__cause__, ResolutionError):
            raise DatabaseIsNewer(service) from error
        raise


@cache
def newest_revisions(service: str) -> frozenset[str]:
    """Return the revisions that an up-to-date database of the service carries.

    Every migration is read for it, and they are asked for whenever ``/readyz`` is.
    """
    return frozenset(ScriptDirectory.from_config(alembic_config(service, "")).get_heads())


def execute_script(connection: Connection, script: str) -> None:
    """Execute several statements at once, as the driver does without parameters."""
    connection.connection.cursor().execute(script)


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave the job queue's own tables to the library that owns them."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own column types into migrations as the database's types."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Money) else False


def run(*targets: MetaData) -> None:
    """Run what the command asks for against the tables of ``targets`` (called by ``env.py``)."""
    url = make_url(context.config.attributes["url"]).set(drivername="postgresql+psycopg")
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=list(targets),
            include_name=include_name,
            render_item=render_item,
            compare_server_default=False,
        )
        with context.begin_transaction():
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
            context.run_migrations()
        connection.commit()
