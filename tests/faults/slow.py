"""What clients do that do not read, do not write, or do not end, byte by byte."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from deploy.child import ChildRun

MEGABYTE = 2**20
PROVINCE = "330000000000"
KINDS = (
    "facts",
    "events",
    "upload",
    "upload without a token",
    "endless header",
    "endless headers",
    "half a head",
    "half a body",
)


@contextmanager
def connected(run: ChildRun, count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """Yield so many connections to the registry on each of which something was sent."""
    port = run.installation.ports["registry"]
    with ExitStack() as open_sockets:
        made = []
        for _ in range(count):
            one = open_sockets.enter_context(socket.create_connection(("127.0.0.1", port)))
            # As little as possible is taken in for a client that does not read.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.settimeout(10)
            with suppress(OSError):  # refused while it is still sending, as is hoped for
                one.sendall(sent)
            made.append(one)
        yield made


def head(method: str, path: str, run: ChildRun | None, *more: str) -> bytes:
    """Return a request without the empty line that ends its head."""
    lines = [f"{method} {path} HTTP/1.1", "Host: registry", *more]
    if run is not None:
        lines.append(f"Authorization: Bearer {run.token(PROVINCE, 'slow-client')}")
    return "\r\n".join([*lines, ""]).encode()


def sent_by(kind: str, run: ChildRun) -> bytes:
    """Return what a client sends before it stops reading or writing."""
    boundary = "multipart/form-data; boundary=b"
    part = (
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.xlsx"\r\n\r\n'
        + b"x" * (8 * MEGABYTE)
    )
    match kind:
        case "facts":
            return head("GET", "/v1/facts/households?as_of=2020-10-15", run) + b"\r\n"
        case "events":
            return head("GET", "/v1/events?limit=1000", run) + b"\r\n"
        case "upload":
            more = (f"Content-Type: {boundary}", f"Content-Length: {60 * MEGABYTE}")
            return head("POST", "/v1/imports", run, *more) + b"\r\n" + part
        case "upload without a token":
            more = (f"Content-Type: {boundary}", f"Content-Length: {60 * MEGABYTE}")
            return head("POST", "/v1/imports", None, *more) + b"\r\n" + part
        case "endless header":
            return head("GET", "/v1/households", None) + b"X-Long: " + b"x" * (8 * MEGABYTE)
        case "endless headers":
            return head("GET", "/v1/households", None) + b"X-More: x\r\n" * 200_000
        case "half a head":
            return head("GET", "/v1/households", None)
        case "half a body":
            more = ("Content-Type: application/json", "Content-Length: 1000")
            return head("POST", "/v1/households", run, *more) + b'\r\n{"number":'
        case _:
            raise AssertionError(kind)
