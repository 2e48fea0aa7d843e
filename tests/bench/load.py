"""A closed loop of keep-alive connections: as many requests as a server answers in a time."""

import asyncio
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """What a server did under a closed loop."""

    per_second: float
    p50_ms: float
    p99_ms: float


async def measure(
    port: int, path: str, token: str, *, seconds: float, connections: int, body: bytes | None = None
) -> Load:
    """Ask one address again and again on several connections; every answer must be a 200.

    With a ``body`` of JSON the request is a POST.
    """
    head = f"Host: localhost\r\nAuthorization: Bearer {token}\r\n"
    if body is None:
        request = f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()
    else:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        request = f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body
    deadline = time.perf_counter() + seconds
    runs = await asyncio.gather(*(_ask(port, request, deadline) for _ in range(connections)))
    times = sorted(one for run in runs for one in run)
    return Load(
        per_second=len(times) / seconds,
        p50_ms=times[len(times) // 2] * 1000,
        p99_ms=times[int(len(times) * 0.99)] * 1000,
    )


async def _ask(port: int, request: bytes, deadline: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times = []
    while (started := time.perf_counter()) < deadline:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode(errors="replace"))
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        times.append(time.perf_counter() - started)
    writer.close()
    return times
