"""One run a folder, what a killed run left, and processes that are started anew."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import psutil
import pytest

from deploy.folder import FolderInUse, StartedProcesses, sole_use
from deploy.processes import ProcessEndedEarly, Processes

ROOT = Path(__file__).parents[2]
SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(SLEEPER)
    yield process
    process.kill()
    process.wait()


def noted(folder: Path) -> list[int]:
    """Return the numbers of the processes that a run has noted."""
    return [pid for pid, _ in orjson.loads((folder / "processes.json").read_bytes()).values()]


def test_a_folder_is_one_runs_until_its_process_ends(tmp_path: Path) -> None:
    with sole_use(tmp_path), pytest.raises(FolderInUse, match=str(os.getpid())), sole_use(tmp_path):
        pass
    with sole_use(tmp_path):
        pass


def test_what_a_killed_run_left_is_ended_and_nothing_else(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    started = StartedProcesses(tmp_path / "processes.json")
    assert started.end_left_over() == []
    started.note({"worker": sleeper.pid, "gone": 2**22})
    assert started.end_left_over() == ["worker"]
    assert not psutil.pid_exists(sleeper.pid)
    assert started.end_left_over() == []


def test_a_number_that_is_another_process_by_now_is_left_alone(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    file = tmp_path / "processes.json"
    file.write_text(f'{{"worker": [{sleeper.pid}, 1.5]}}')
    assert StartedProcesses(file).end_left_over() == []
    assert sleeper.poll() is None


def test_a_process_that_ended_is_started_again_and_told_of(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        processes.start("clock", ["timeit", "-n", "1000000000"], os.environ)
        assert list(processes.revive()) == []
        [first] = noted(tmp_path)
        os.kill(first, signal.SIGKILL)
        told: list[str] = []
        deadline = time.monotonic() + 30
        while len(told) < 2 and time.monotonic() < deadline:
            told += processes.revive()
        assert [text.split(",")[0].split(" in ")[0] for text in told] == [
            "clock ended with -9",
            "clock started again",
        ]
        [second] = noted(tmp_path)
        assert second != first
    assert StartedProcesses(tmp_path / "processes.json").end_left_over() == []


def test_what_ends_before_it_was_ready_stops_the_start(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        processes.start("nothing", ["no_such_module"], os.environ)
        with pytest.raises(ProcessEndedEarly, match="nothing ended with 1"):
            processes.wait_until_ready({"nothing": "http://127.0.0.1:9"})


def test_logs_are_for_their_owner_only(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "old.log"
    log.parent.mkdir()
    log.touch(mode=0o644)
    with Processes(tmp_path) as processes:
        processes.start("old", ["timeit", "-n", "1000000000"], os.environ)
        assert log.stat().st_mode & 0o777 == 0o600
        assert log.parent.stat().st_mode & 0o777 == 0o700


def run_local(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the system in a folder with these variables and none of whoever runs the tests."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("QINGLING_")}
    return subprocess.run(
        [sys.executable, "-m", "deploy.local", "--folder", str(folder)],
        env=own | variables,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_second_run_and_a_taken_port_are_told_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        # The first that is looked at: the others may be taken by whatever else runs here.
        with sole_use(tmp_path):
            second = run_local(tmp_path, QINGLING_REGISTRY_PORT=str(port))
        assert (second.returncode, "running already" in second.stdout) == (1, True)
        third = run_local(tmp_path, QINGLING_REGISTRY_PORT=str(port))
    assert (third.returncode, f"port {port} is taken" in third.stdout) == (1, True)
    assert "QINGLING_REGISTRY_PORT" in third.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"run.lock"}
