"""The process that reads files: ``python -m services.registry.imports.files LIMITS``.

It is given limits as JSON, and through its standard input (name, length) pairs and the bytes of each
file. It writes nothing but frames to its standard output, opens no file and no connection, and ends
when whoever started it does.
"""

import gc
import json
import marshal
import os
import resource
import sys
import threading
from typing import BinaryIO

from services.registry.imports.files.kinds import read_file
from services.registry.imports.files.limits import FileRefused
from services.registry.imports.files.tables import LENGTH, Message, Output, Send, frame
from services.registry.reading_limits import ReadingLimits

_STACK_BYTES = 256 * 1024


def main() -> None:
    """Read the files and answer, within the limits."""
    limits = ReadingLimits(**json.loads(sys.argv[1]))
    restrict(limits)
    # Cells hold no cycles; walking through them again and again would only take time.
    gc.disable()
    answers = sys.stdout.buffer

    def send(message: Message) -> None:
        answers.write(frame(message))

    try:
        files = _files(sys.stdin.buffer)
    except MemoryError:
        send(("refused", "file-too-costly", {}))
        send(("done",))
    else:
        threading.stack_size(_STACK_BYTES)
        threading.Thread(target=_end_with_the_worker, daemon=True).start()
        answer(files, limits, send)
    answers.flush()


def answer(files: list[tuple[str, bytes]], limits: ReadingLimits, send: Send) -> None:
    """Send what the files hold, or why there is none; ``files`` is emptied on the way."""
    output = Output(send, limits)
    while files:
        name, content = files.pop(0)
        send(("file", name))
        try:
            read_file(name, content, output)
        except FileRefused as refused:
            send(("refused", refused.reason, {"file": name, **refused.details}))
        except (MemoryError, RecursionError):
            send(("refused", "file-too-costly", {"file": name}))
    send(("done",))


def restrict(limits: ReadingLimits) -> None:
    """Bound what the process takes; what it holds is never written to a disk."""
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # The hard limit stays: over its time the process ends by a signal that says so.
        resource.setrlimit(kind, (bound, hard))


def _files(stream: BinaryIO) -> list[tuple[str, bytes]]:
    (length,) = LENGTH.unpack(stream.read(LENGTH.size))
    listed = marshal.loads(stream.read(length))  # noqa: S302 - from the worker itself
    return [(name, stream.read(size)) for name, size in listed]


def _end_with_the_worker() -> None:
    """Wait for the end of the standard input: it closes when the worker ends, however it does."""
    while os.read(sys.stdin.fileno(), 1 << 16):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
