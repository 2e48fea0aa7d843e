"""The processes of a local run: started together, watched, started anew, and ended together."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from deploy.folder import StartedProcesses

STOP_SECONDS = 10
READY_SECONDS = 60
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0


class ProcessEndedEarly(RuntimeError):
    """A process ended before the system was ready; its log says why."""


@dataclass
class _Child:
    """One process, how to start it, and how long to wait before it is started once more."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes]
    started: float
    pause: float = FIRST_PAUSE
    next_start: float | None = None


class Processes:
    """Child processes with a log file each; leaving the block ends every one of them."""

    def __init__(self, folder: Path) -> None:
        self._logs = folder / "logs"
        self._logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._logs.chmod(0o700)
        self._started = StartedProcesses(folder / "processes.json")
        self._children: dict[str, _Child] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for child in reversed(self._children.values()):
            child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children.values():
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        self._started.note({})

    def start(self, name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start ``python -m …`` under a name; its output goes to ``<name>.log``."""
        log = self._logs / f"{name}.log"
        process = _started(arguments, environment, log)
        self._children[name] = _Child(arguments, environment, log, process, time.monotonic())
        self._note()

    def wait_until_ready(self, addresses: Mapping[str, str]) -> None:
        """Wait until ``/readyz`` answers 200 at each address.

        Raises:
            ProcessEndedEarly: a process ended, or was not ready in a minute.

        """
        deadline = time.monotonic() + READY_SECONDS
        waiting = dict(addresses)
        with httpx.Client(timeout=2) as client:
            while waiting:
                self._require_running()
                for name, address in list(waiting.items()):
                    if _is_ready(client, address):
                        del waiting[name]
                if waiting and time.monotonic() > deadline:
                    raise ProcessEndedEarly(f"{', '.join(waiting)} not ready; see {self._logs}")
                time.sleep(0.1)

    def revive(self) -> Iterator[str]:
        """Start anew what has ended, after a pause that doubles; yield what happened, in words."""
        now = time.monotonic()
        for name, child in self._children.items():
            if child.process.poll() is None:
                continue
            if child.next_start is None:
                if now - child.started > LONGEST_PAUSE:
                    child.pause = FIRST_PAUSE
                child.next_start = now + child.pause
                ended = child.process.poll()
                yield f"{name} ended with {ended}, starting it again in {child.pause:g} s; see {child.log}"
            elif now >= child.next_start:
                child.process = _started(child.arguments, child.environment, child.log)
                child.pause = min(child.pause * 2, LONGEST_PAUSE)
                child.started, child.next_start = now, None
                self._note()
                yield f"{name} started again"

    def _require_running(self) -> None:
        for name, child in self._children.items():
            ended = child.process.poll()
            if ended is not None:
                raise ProcessEndedEarly(f"{name} ended with {ended}; see {child.log}")

    def _note(self) -> None:
        self._started.note({name: child.process.pid for name, child in self._children.items()})


def _started(
    arguments: Sequence[str], environment: Mapping[str, str], log: Path
) -> "subprocess.Popen[bytes]":
    # A session of its own: Ctrl-C reaches the runner only, which then ends its children in order.
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
        return subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env=dict(environment),
            stdout=descriptor,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    finally:
        os.close(descriptor)


def _is_ready(client: httpx.Client, address: str) -> bool:
    try:
        return client.get(f"{address}/readyz").status_code == 200
    except httpx.TransportError:
        return False
