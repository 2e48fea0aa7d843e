"""Run the whole system on one machine: ``python -m deploy.local``."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.environment import SERVICES, Installation
from deploy.processes import ProcessEndedEarly, Processes
from deploy.sample.load import load_sample_county
from shared.db.embedded import embedded_postgres
from shared.db.migrations import upgrade

SAMPLE_COUNTY = "330127000000"
TOKEN_LIFETIME = timedelta(days=30)
console = Console(highlight=False)


@contextmanager
def running_system(installation: Installation, server: str) -> Iterator[Processes]:
    """Migrate, start every service and worker, wait until all are ready; end them afterwards."""
    environments = installation.variables(server)
    with ProcessPoolExecutor(len(SERVICES)) as pool:
        addresses = [environments[service]["QINGLING_DATABASE_URL"] for service in SERVICES]
        list(pool.map(upgrade, SERVICES, addresses))
    with Processes(installation.folder / "logs") as processes:
        for service, environment in environments.items():
            port = str(installation.ports[service])
            processes.start(service, [f"services.{service}", "serve", "--port", port], environment)
            processes.start(f"{service}-worker", [f"services.{service}", "worker"], environment)
        processes.wait_until_ready({service: installation.address(service) for service in SERVICES})
        yield processes


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """Yield the server of ``QINGLING_DATABASE_URL``, or run an embedded one in a folder."""
    given = os.environ.get("QINGLING_DATABASE_URL")
    if given:
        yield given
    else:
        with embedded_postgres(folder) as address:
            yield address


def main(
    folder: Annotated[Path, typer.Option(help="Data, keys and logs")] = Path(".local"),
    registry_port: Annotated[int, typer.Option(envvar="QINGLING_REGISTRY_PORT")] = 8001,
    rules_port: Annotated[int, typer.Option(envvar="QINGLING_RULES_PORT")] = 8002,
    monitoring_port: Annotated[int, typer.Option(envvar="QINGLING_MONITORING_PORT")] = 8003,
    sample: Annotated[bool, typer.Option(help="Load the synthetic county at the first run")] = True,
) -> None:
    """Start PostgreSQL, the three services and their workers; stop them all with Ctrl-C."""
    ports = dict(zip(SERVICES, (registry_port, rules_port, monitoring_port), strict=True))
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    installation = Installation(folder, ports)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with (
            postgres_server(folder / "postgres") as server,
            running_system(installation, server) as processes,
        ):
            if sample:
                _load_sample_once(installation)
            _introduce(installation)
            while True:
                time.sleep(1)
                processes.check()
    except KeyboardInterrupt:
        console.print("stopped")
    except ProcessEndedEarly as error:
        console.print(f"[red]{error}")
        raise typer.Exit(1) from error


def _load_sample_once(installation: Installation) -> None:
    loaded = installation.folder / "sample-loaded"
    if loaded.exists():
        return
    console.print(f"loading the synthetic county {SAMPLE_COUNTY} through the import interface …")
    token = installation.token("sample-clerk", SAMPLE_COUNTY, lifetime=timedelta(hours=1))
    summary = load_sample_county(installation.address("registry"), token, SAMPLE_COUNTY)
    console.print(summary)
    loaded.touch()


def _introduce(installation: Installation) -> None:
    token = installation.token("county-clerk", SAMPLE_COUNTY, lifetime=TOKEN_LIFETIME)
    console.print("[green]Qingling is ready")
    for service in SERVICES:
        address = installation.address(service)
        console.print(f"  {service:<11}{address}  documentation {address}/docs")
    console.print("a token for 淳安县 330127000000, every scope, 30 days:")
    console.print(token, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
