"""Clients that do not read, do not write, or do not end: the others are served all the same."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import httpx
import psutil
import pytest

from deploy.child import ChildRun
from tests.faults.conftest import Size
from tests.faults.load import COUNTY, reader
from tests.faults.patience import wait_for
from tests.registry.samples import household

MEGABYTE = 2**20
# More than all of the abuse may add to a process: what one import of full size takes.
MOST_ADDED = 256 * MEGABYTE
PROVINCE = "330000000000"


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


def memory(run: ChildRun) -> int:
    return int(psutil.Process(run.pids()["registry"]).memory_info().rss)


def assert_served(run: ChildRun) -> None:
    """Somebody else reads and writes."""
    with reader(run, "registry") as client:
        for path in ("/v1/households", "/v1/imports", f"/v1/divisions/{COUNTY}"):
            assert client.get(path).status_code == 200
        number = f"S-{time.monotonic_ns()}"
        answer = client.post("/v1/households", json=household(number=number))
        assert answer.status_code == 201, answer.text
        found = answer.json()["id"]
        facts = client.get(f"/v1/facts/households/{found}", params={"as_of": "2020-10-15"})
        assert facts.status_code == 200, facts.text


def abuse(kind: str, run: ChildRun) -> bytes:
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


@pytest.mark.parametrize(
    "kind",
    [
        "facts",
        "events",
        "upload",
        "upload without a token",
        "endless header",
        "endless headers",
        "half a head",
        "half a body",
    ],
)
def test_the_others_are_served(system: ChildRun, size: Size, kind: str) -> None:
    assert_served(system)
    before = memory(system)
    count = size.uploads if "upload" in kind else size.slow_clients
    with connected(system, count, abuse(kind, system)):
        assert_served(system)
        assert memory(system) - before < MOST_ADDED
    wait_for("served again", lambda: _is_served(system))


def _is_served(run: ChildRun) -> bool:
    try:
        assert_served(run)
    except (AssertionError, httpx.TransportError):
        return False
    return True
