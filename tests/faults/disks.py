"""Disks that can be filled: a small file system of their own, or a bound on what a process may write."""

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psutil

from deploy.child import ChildRun

DISK_MEGABYTES = 900
MEGABYTE = 2**20
# Below what the tables hold already, so that whatever grows is refused.
MOST_WRITTEN = 64 * 1024


class Disk(Protocol):
    """What the data of a run stands on."""

    def fill(self, run: ChildRun) -> None:
        """Leave room for nothing more."""
        ...

    def free(self, run: ChildRun) -> None:
        """Make room again."""
        ...


class SmallFileSystem:
    """A file system of a few hundred megabytes, which one file fills."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self, _run: ChildRun) -> None:
        with self._filler.open("wb", buffering=0) as file:
            for size in (MEGABYTE, 4096, 1):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    continue

    def free(self, _run: ChildRun) -> None:
        self._filler.unlink()


class WriteLimit:
    """A bound on the files that PostgreSQL's processes may write, where nothing can be mounted."""

    def fill(self, run: ChildRun) -> None:
        self._limit(run, MOST_WRITTEN)

    def free(self, run: ChildRun) -> None:
        self._limit(run, resource.RLIM_INFINITY)

    def _limit(self, run: ChildRun, size: int) -> None:
        server = psutil.Process(run.pids()["postgres"])
        for process in (server, *server.children(recursive=True)):
            try:
                process.rlimit(psutil.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
            except psutil.NoSuchProcess:
                continue


@contextmanager
def disk_on(folder: Path) -> Iterator[Disk]:
    """Yield a disk for a folder: of its own, or bounded by what processes may write."""
    size = f"size={DISK_MEGABYTES}m,mode=0755"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], check=False
    )
    if mounted.returncode:
        yield WriteLimit()
        return
    try:
        yield SmallFileSystem(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
