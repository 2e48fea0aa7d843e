"""The process that reads the files of an import, seen from the worker.

It is killed when the job is cancelled, the worker stopped, or a limit passed; nothing of a file is
written to a disk on the way, and the process is given no key and no other secret.
"""

import asyncio
import json
import marshal
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from services.registry.imports.file_refusals import FileRefusal
from services.registry.imports.files.tables import LENGTH, Message, frame
from services.registry.imports.gathering import Gathered
from services.registry.reading_limits import ReadingLimits
from shared.values.refusal import InvalidValue
from shared.values.repeating import repeated

_MODULE = "services.registry.imports.files"
_ROOT = Path(__file__).parents[3]
_ATTEMPTS = 2
_BUFFER = 1 << 20
# What Python needs to start, and nothing that configures or unlocks the service.
_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "TZ")


@dataclass(frozen=True)
class FileToRead:
    """A file: its name, its length in bytes, and these bytes piece by piece."""

    name: str
    length: int
    pieces: Iterable[bytes]


class ReadingProcessFailed(Exception):
    """The process ended with an error of its own; its exit code is told, and nothing of the file."""


class _Killed(Exception):
    """Somebody else ended the process."""


async def read_apart(files: Sequence[FileToRead], limits: ReadingLimits) -> Gathered:
    """Read the files in a process of its own.

    Raises:
        ReadingProcessFailed: the process does not work.

    """
    for left in reversed(range(_ATTEMPTS)):
        gathered = Gathered(file=files[0].name)
        try:
            async with asyncio.timeout(limits.seconds), _process(limits) as process:
                await _converse(process, files, gathered)
        except TimeoutError:
            gathered.refuse(_too_costly(gathered))
        except _Killed:
            if left:
                continue
            gathered.refuse(_too_costly(gathered))
        return gathered
    raise ReadingProcessFailed("never started")


async def _converse(
    process: asyncio.subprocess.Process, files: Sequence[FileToRead], gathered: Gathered
) -> None:
    _, answers = _pipes(process)
    await _hand_over(process, files)
    while True:
        try:
            (length,) = LENGTH.unpack(await answers.readexactly(LENGTH.size))
            message = marshal.loads(await answers.readexactly(length))  # noqa: S302 - ours
        except asyncio.IncompleteReadError:
            break
        if message[0] == "done":
            return
        take(message, gathered)
    code = await process.wait()
    if code in (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT):
        raise _Killed
    if code >= 0:
        raise ReadingProcessFailed(f"exit code {code}")
    gathered.refuse(_too_costly(gathered))


async def _hand_over(process: asyncio.subprocess.Process, files: Sequence[FileToRead]) -> None:
    given, _ = _pipes(process)
    with suppress(ConnectionError):  # it has ended, and its exit code says why
        given.write(frame(tuple((file.name, file.length) for file in files)))
        for file in files:
            for piece in file.pieces:
                given.write(piece)
                await given.drain()
        await given.drain()


def take(message: Message, gathered: Gathered) -> None:
    """Gather what a message of the process says."""
    match message:
        case ("file", file):
            gathered.begin_file(file)
        case ("table", name, hidden):
            gathered.begin_table(name, hidden=hidden)
        case ("rows", numbers, rows, specials):
            gathered.add(numbers, rows, specials)
        case ("end", merged, far):
            gathered.end_table(merged, far)
        case ("refused", reason, details):
            shown = {
                name: repeated(value) if isinstance(value, str) else value
                for name, value in {"file": gathered.file, **details}.items()
            }
            gathered.refuse(FileRefusal(reason, **shown))


def _too_costly(gathered: Gathered) -> InvalidValue:
    return FileRefusal("file-too-costly", file=repeated(gathered.file))


@asynccontextmanager
async def _process(limits: ReadingLimits) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        _MODULE,
        json.dumps(asdict(limits)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # an error's words may hold what stands in a cell
        env={name: os.environ[name] for name in _KEPT if name in os.environ},
        cwd=_ROOT,
        limit=_BUFFER,
        start_new_session=True,  # what ends the worker's group leaves it to the worker
    )
    try:
        yield process
    finally:
        await asyncio.shield(_ended(process))


async def _ended(process: asyncio.subprocess.Process) -> None:
    given, answers = _pipes(process)
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
    given.close()
    with suppress(ConnectionError):
        await given.wait_closed()
    while await answers.read(_BUFFER):
        pass
    await process.wait()


def _pipes(
    process: asyncio.subprocess.Process,
) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
    if process.stdin is None or process.stdout is None:
        raise ReadingProcessFailed("no pipes")
    return process.stdin, process.stdout
