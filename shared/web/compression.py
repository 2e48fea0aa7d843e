"""Answers in gzip for clients that take it, part by part, and under a tag of their own."""

import asyncio
import re
import zlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEAST_BYTES = 1400  # what fits into one packet gains nothing
IN_A_THREAD_BYTES = 64 * 1024
LEVEL = 5
COMPRESSIBLE = re.compile(
    r"text/.+|application/((.+\+)?json|(.+\+)?xml|yaml|javascript|vnd\.apache\.arrow\.stream)"
)
_STRONG_TAG = re.compile(r'(?<!W/)"([^"]*)"')
_OWN_TAG = re.compile(r'-gzip"')
CONDITIONS = (b"if-none-match", b"if-match")


class CompressionMiddleware:
    """Compresses what is text, long enough and asked for; workbooks, Parquet and zips are packed already.

    The packed form of a representation is another one, so that its strong ETag is too: ``"3"`` is
    ``"3-gzip"``. Where a client sends that back it stands for the same version.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        sent_back = any(
            _OWN_TAG.search(value.decode("latin-1"))
            for name, value in scope["headers"]
            if name in CONDITIONS
        )
        if sent_back:
            scope["headers"] = [
                (name, value.replace(b'-gzip"', b'"') if name in CONDITIONS else value)
                for name, value in scope["headers"]
            ]
        packing = _Packing(
            send,
            wanted=takes_gzip(headers.get("accept-encoding", "")) and scope["method"] != "HEAD",
            tagged=scope["method"] == "GET",
            sent_back=sent_back,
        )
        await self._app(scope, receive, packing.send)


class _Packing:
    """One answer on its way: held until its first part says how long it is, then packed or not."""

    def __init__(self, send: Send, *, wanted: bool, tagged: bool, sent_back: bool) -> None:
        self._send = send
        self._wanted = wanted
        self._tagged = tagged
        self._sent_back = sent_back
        self._start: Message | None = None
        self._packer: "zlib._Compress | None" = None  # noqa: UP037 exists for type checkers only

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if await self._passes(message):
                await self._send(message)
            else:
                self._start = message
            return
        start, self._start = self._start, None
        more: bool = message.get("more_body", False)
        body: bytes = message.get("body", b"")
        if start is not None:
            if more or len(body) >= LEAST_BYTES:
                self._packer = zlib.compressobj(LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
                self._packed(start)
            if self._packer is not None and not more:
                body = await self._pack(body, last=True)
                MutableHeaders(raw=start["headers"])["Content-Length"] = str(len(body))
                message = {**message, "body": body}
                self._packer = None
            await self._send(start)
        if self._packer is not None:
            message = {**message, "body": await self._pack(body, last=not more)}
            if more and not message["body"]:
                return  # kept back until there is enough of it
        await self._send(message)

    async def _passes(self, start: Message) -> bool:
        """Say whether an answer goes out as it is; what depends on the encoding says so."""
        headers = MutableHeaders(raw=start.setdefault("headers", []))
        if start["status"] == 304:
            if self._sent_back:
                self._retag(headers)
            headers.add_vary_header("Accept-Encoding")
            return True
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if not COMPRESSIBLE.fullmatch(kind) or "content-encoding" in headers:
            return True
        headers.add_vary_header("Accept-Encoding")
        return not self._wanted or start["status"] in (204, 206)

    def _packed(self, start: Message) -> None:
        headers = MutableHeaders(raw=start["headers"])
        headers["Content-Encoding"] = "gzip"
        del headers["Content-Length"]
        if self._tagged:
            self._retag(headers)
        start["headers"] = headers.raw

    def _retag(self, headers: MutableHeaders) -> None:
        if "etag" in headers:
            headers["ETag"] = _STRONG_TAG.sub(r'"\1-gzip"', headers["etag"])

    async def _pack(self, body: bytes, *, last: bool) -> bytes:
        packer = self._packer
        assert packer is not None  # noqa: S101 - only asked for what is packed

        def packed() -> bytes:
            return packer.compress(body) + (packer.flush() if last else b"")

        return await asyncio.to_thread(packed) if len(body) > IN_A_THREAD_BYTES else packed()


def takes_gzip(accepted: str) -> bool:
    """Say whether a client that sends this ``Accept-Encoding`` wants gzip rather than nothing."""
    qualities: dict[str, float] = {}
    for part in accepted.lower().split(","):
        coding, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        try:
            qualities[coding] = float(quality)
        except ValueError:
            continue
    wanted = qualities.get("gzip", qualities.get("*", 0.0))
    return wanted > 0 and wanted >= qualities.get("identity", 0.0)
