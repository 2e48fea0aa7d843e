"""Waiting for what comes by itself; a test fails by what never comes, not by how long it took."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

import httpx
import psutil

from deploy.child import ChildRun
from deploy.environment import SERVICES

LONGEST_SECONDS = 600
Found = TypeVar("Found")


def wait_for(what: str, find: Callable[[], Found]) -> Found:
    """Return what ``find`` finds, once it is true; ask again until then."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while not (found := find()):
        assert time.monotonic() < deadline, f"{what}: {found!r}"
        time.sleep(0.3)
    return found


async def wait_until_ready(run: ChildRun) -> None:
    """Wait until all three services say that they are ready."""
    said: dict[str, str] = {}

    def ready() -> bool:
        said.update((each, _readiness(client, run.address(each))) for each in SERVICES)
        return all(each.startswith("200") for each in said.values())

    with httpx.Client(timeout=5) as client:
        try:
            await asyncio.to_thread(wait_for, "ready", ready)
        except AssertionError as error:
            raise AssertionError(said) from error


def _readiness(client: httpx.Client, address: str) -> str:
    """Return what a service says of itself: the status, and why."""
    try:
        answer = client.get(f"{address}/readyz")
    except httpx.TransportError as error:
        return repr(error)
    return f"{answer.status_code} {answer.text}"


async def wait_for_another(run: ChildRun, name: str, pid: int) -> None:
    """Wait until a process that was killed has been started again."""
    await asyncio.to_thread(wait_for, f"{name} again", lambda: _runs_again(run, name, pid))


def _runs_again(run: ChildRun, name: str, pid: int) -> bool:
    try:
        found = run.pids()[name]
    except FileNotFoundError:
        return False
    return found != pid and psutil.pid_exists(found)
