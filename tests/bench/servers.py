"""Ports and readiness of servers that a benchmark starts."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def wait_for(*ports: int, seconds: float = 30) -> None:
    """Wait until something listens on every port."""
    deadline = time.monotonic() + seconds
    for port in ports:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


@contextmanager
def served(*arguments: str, **environment: str) -> Iterator[int]:
    """Run ``python -m …`` while the block runs; yield its process's id."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        # A benchmark asks as often as it can.
        env=os.environ | {"QINGLING_CALLER_REQUESTS_PER_MINUTE": "0"} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()
