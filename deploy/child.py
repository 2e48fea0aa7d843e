"""A local run as a child process: for what tries the whole system from outside."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Timer

import httpx
import orjson
import psutil

from deploy.environment import SERVICES, Installation

STOP_SECONDS = 60
PORTS = range(15000, 30000)


class RunFailed(RuntimeError):
    """The run did not become ready, or left processes behind."""


@dataclass(frozen=True)
class ChildRun:
    """A run that goes on in a folder: its addresses, its processes, and how long it took to start."""

    installation: Installation
    process: "subprocess.Popen[str]"
    seconds: float

    @property
    def folder(self) -> Path:
        """The folder with its data, keys and logs."""
        return self.installation.folder

    def address(self, service: str) -> str:
        """Return a service's HTTP address."""
        return self.installation.address(service)

    def token(self, division: str, subject: str) -> str:
        """Return a token with every scope for an hour."""
        return self.installation.token(subject, division, lifetime=timedelta(hours=1))

    def pids(self) -> dict[str, int]:
        """Return the numbers of the processes that it has started, PostgreSQL's among them."""
        started = orjson.loads((self.folder / "processes.json").read_bytes())
        postmaster = (self.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]
        return {"postgres": int(postmaster)} | {name: pid for name, (pid, _) in started.items()}


@contextmanager
def child_run(
    folder: Path, ports: Mapping[str, int], *, limit: float, sample: bool = True
) -> Iterator[ChildRun]:
    """Start everything in a folder, and stop it with Ctrl-C at the end of the block.

    ``limit`` is how many seconds the start may take. Raises RunFailed.
    """
    began = time.monotonic()
    environment = os.environ | {
        f"QINGLING_{name.upper()}_PORT": str(port) for name, port in ports.items()
    }
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "deploy.local", "--folder", str(folder)),
            "--sample" if sample else "--no-sample",
        ],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        _wait_for_greeting(process, began + limit)
        yield ChildRun(Installation(folder, dict(ports)), process, time.monotonic() - began)
    finally:
        killed = process.poll() is not None
        children = [] if killed else _children(process.pid)
        process.send_signal(signal.SIGINT)
        process.wait(STOP_SECONDS)
        if process.stdout is not None:
            process.stdout.close()
    _, left = psutil.wait_procs(children, timeout=5)
    # What was killed could stop nothing: that is for the next run in its folder.
    if left or (not killed and _still_answering(ports)):
        raise RunFailed(f"Ctrl-C left processes behind: {left}")


def free_ports() -> dict[str, int]:
    """Return a port for each service that nobody listens on."""
    return dict(zip(SERVICES, _free(len(SERVICES)), strict=True))


def free_port() -> int:
    """Return a port that nobody listens on."""
    return _free(1)[0]


def _free(count: int) -> list[int]:
    """Return different ports below those that systems hand out by themselves.

    One of those may be a client's by the time that a service, which takes seconds to start, wants it.
    """
    found: list[int] = []
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            return found
    raise RunFailed("every port is taken")


def _children(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def _wait_for_greeting(process: "subprocess.Popen[str]", deadline: float) -> None:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    too_late = Timer(deadline - time.monotonic(), process.kill)
    too_late.start()
    try:
        for line in process.stdout:
            print("   ", line.rstrip())
            if line.startswith("Qingling is ready"):
                return
    finally:
        too_late.cancel()
    raise RunFailed("the system did not become ready; see the log files in its folder")


def _still_answering(ports: Mapping[str, int]) -> bool:
    with httpx.Client(timeout=1) as client:
        for port in ports.values():
            try:
                client.get(f"http://127.0.0.1:{port}/healthz")
            except httpx.TransportError:
                continue
            return True
    return False
