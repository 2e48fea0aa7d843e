"""The processes of a local run: started together, watched, and ended together."""

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import httpx

STOP_SECONDS = 10
READY_SECONDS = 60


class ProcessEndedEarly(RuntimeError):
    """A process that should go on ended; its log says why."""


class Processes:
    """Child processes with a log file each; leaving the block ends every one of them."""

    def __init__(self, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._files: list[IO[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for process in reversed(self._running.values()):
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for file in self._files:
            file.close()

    def start(self, name: str, arguments: list[str], environment: Mapping[str, str]) -> None:
        """Start ``python -m …`` under a name; its output goes to ``<name>.log``."""
        log = (self._logs / f"{name}.log").open("ab")
        self._files.append(log)
        # A session of its own: Ctrl-C reaches this process only, which then ends its children
        # in order.
        self._running[name] = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env=dict(environment),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def wait_until_ready(self, addresses: Mapping[str, str]) -> None:
        """Wait until ``/readyz`` answers 200 at each address.

        Raises:
            ProcessEndedEarly: a process ended, or was not ready in a minute.

        """
        deadline = time.monotonic() + READY_SECONDS
        waiting = dict(addresses)
        while waiting:
            self.check()
            for name, address in list(waiting.items()):
                if _is_ready(address):
                    del waiting[name]
            if waiting and time.monotonic() > deadline:
                raise ProcessEndedEarly(f"{', '.join(waiting)} not ready; see {self._logs}")
            time.sleep(0.1)

    def check(self) -> None:
        """Make sure that every process still runs.

        Raises:
            ProcessEndedEarly: one has ended.

        """
        for name, process in self._running.items():
            if process.poll() is not None:
                log = self._logs / f"{name}.log"
                raise ProcessEndedEarly(f"{name} ended with {process.returncode}; see {log}")


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", timeout=2).status_code == 200
    except httpx.TransportError:
        return False
