"""The main job on a freshly started system: ``python -m deploy.smoke``.

Starts everything as ``make run`` does, in a folder of its own and on free ports, runs the READMEs' walks
command by command, stops with Ctrl-C, makes sure that no process is left, and starts once more to
see that the data is kept and that the walks can be walked again.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).parent.parent
WALKS = ("README.md", "services/rules/README.md")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIRST_START_SECONDS = 240
SECOND_START_SECONDS = 60
STOP_SECONDS = 30
SERVICES = ("registry", "rules", "monitoring")


class SmokeTestFailed(RuntimeError):
    """What a user would meet when they follow the README."""


def main() -> None:
    """Run the whole walk; print what was done and how long it took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # the embedded server runs as another user when we are root
        ports = dict(zip(SERVICES, _free_ports(len(SERVICES)), strict=True))
        with _started(folder, ports, FIRST_START_SECONDS) as seconds:
            print(f"first start, with the sample county: ready in {seconds:.1f} s")
            _walk(folder, ports)
        with _started(folder, ports, SECOND_START_SECONDS) as seconds:
            print(f"second start, with the data kept: ready in {seconds:.1f} s")
            _walk(folder, ports)
    print("1 passed, 0 failed")


def _walk(folder: Path, ports: dict[str, int]) -> None:
    addresses = {f"{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in ports.items()}
    os.environ |= addresses | {"QINGLING_FOLDER": str(folder)}
    for name in WALKS:
        blocks = BLOCK.findall((ROOT / name).read_text(encoding="utf-8"))
        if not blocks:
            raise SmokeTestFailed(f"{name} has no walk to run")
        namespace: dict[str, object] = {"__name__": "walk"}
        for number, block in enumerate(blocks, start=1):
            print(f"--- {name}, step {number}")
            exec(compile(block, f"{name}, step {number}", "exec"), namespace)  # noqa: S102 - our own text


@contextmanager
def _started(folder: Path, ports: dict[str, int], limit: float) -> Iterator[float]:
    began = time.monotonic()
    environment = os.environ | {
        f"QINGLING_{name.upper()}_PORT": str(port) for name, port in ports.items()
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.local", "--folder", str(folder)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        _wait_for_greeting(process, began + limit)
        yield time.monotonic() - began
    finally:
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        process.wait(STOP_SECONDS)
    _, left = psutil.wait_procs(children, timeout=5)
    if left or _still_answering(ports):
        raise SmokeTestFailed(f"Ctrl-C left processes behind: {left}")


def _wait_for_greeting(process: "subprocess.Popen[str]", deadline: float) -> None:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    for line in process.stdout:
        print("   ", line.rstrip())
        if line.startswith("Qingling is ready"):
            return
        if time.monotonic() > deadline:
            break
    raise SmokeTestFailed("the system did not become ready; see the log files in its folder")


def _still_answering(ports: dict[str, int]) -> bool:
    for port in ports.values():
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=1)
        except httpx.TransportError:
            continue
        return True
    return False


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


if __name__ == "__main__":
    main()
