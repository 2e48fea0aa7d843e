"""The folder of a local run: one run at a time, and what a run that was killed left behind."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson
import psutil

ENDING_SECONDS = 10


class FolderInUse(RuntimeError):
    """A run has the folder; carries the number of its process, if it has said that yet."""

    def __init__(self, process: str) -> None:
        super().__init__(f"Qingling is running already (process {process or 'unknown'})")


@contextmanager
def sole_use(folder: Path) -> Iterator[None]:
    """Have the folder to oneself while the block runs; the lock ends with the process.

    Raises:
        FolderInUse: another run has it.

    """
    with (folder / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise FolderInUse(lock.read().strip()) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


class StartedProcesses:
    """What a run has started, written down so that the next one knows its own if it is killed."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def note(self, processes: Mapping[str, int]) -> None:
        """Write down the numbers of the processes that run now, by name."""
        started = {}
        for name, pid in processes.items():
            with suppress(psutil.NoSuchProcess):
                started[name] = (pid, psutil.Process(pid).create_time())
        written = self._file.with_suffix(".new")
        written.write_bytes(orjson.dumps(started))
        written.replace(self._file)

    def end_left_over(self) -> list[str]:
        """End what an earlier run left running, and nothing else; return the names.

        A number may be another process's by now: number and moment of start together are one's own.
        """
        left = {}
        for name, (pid, started) in self._noted().items():
            try:
                process = psutil.Process(pid)
            except psutil.NoSuchProcess:
                continue
            if process.create_time() == started and process.status() != psutil.STATUS_ZOMBIE:
                left[name] = process
        for process in left.values():
            process.terminate()
        _, alive = psutil.wait_procs(left.values(), timeout=ENDING_SECONDS)
        for process in alive:
            process.kill()
        psutil.wait_procs(alive, timeout=ENDING_SECONDS)
        return list(left)

    def _noted(self) -> dict[str, tuple[int, float]]:
        if not self._file.exists():
            return {}
        noted: dict[str, tuple[int, float]] = orjson.loads(self._file.read_bytes())
        return noted
