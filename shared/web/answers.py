"""What is done to every answer on its way out."""

import asyncio
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers
from starlette.types import Message, Send

from shared.web.rates import Allowance
from shared.web.security_headers import of_every_answer, page_policy

Pairs = list[tuple[bytes, bytes]]
POLICY = b"content-security-policy"
_ALWAYS: Mapping[bytes, bytes] = {
    name.lower().encode(): value.encode() for name, value in of_every_answer().items()
}


class Answer:
    """Passes an answer on with the headers that every answer has.

    A page waits for its first bytes, as its policy names the scripts that stand in it. Addresses
    are the service's own paths; where its public address is configured they are made absolute. A
    ``Host`` header is never believed.
    """

    def __init__(
        self, send: Send, request_id: str, public_url: str | None, began: Callable[[int], None]
    ) -> None:
        """``began`` is told the status when the answer begins."""
        self._send = send
        self._request_id = request_id.encode()
        self._public_url = public_url.rstrip("/").encode() if public_url else None
        self._began = began
        self._page: Message | None = None
        self.started = False
        self.allowance: Allowance | None = None

    async def send(self, message: Message) -> None:
        """Pass one message on."""
        if message["type"] == "http.response.start":
            self.started = True
            self._complete(message)
            self._began(message["status"])
            if Headers(raw=message["headers"]).get("content-type", "").startswith("text/html"):
                self._page = message
                return
        elif self._page is not None:
            page, self._page = self._page, None
            policy = page_policy(message.get("body", b"")).encode()
            page["headers"] = [
                (name, policy if name == POLICY else value) for name, value in page["headers"]
            ]
            await self._send(page)
        await self._send(message)
        if message.get("more_body"):
            # The server takes what is sent to a client who left without a pause, in which the
            # leaving would be noticed.
            await asyncio.sleep(0)

    def _complete(self, message: Message) -> None:
        headers: Pairs = list(message.get("headers", []))
        if self._public_url is not None:
            headers = [(name, self._absolute(name, value)) for name, value in headers]
        given = {name for name, _ in headers}
        headers += [(name, value) for name, value in _ALWAYS.items() if name not in given]
        headers.append((b"x-request-id", self._request_id))
        if self.allowance is not None:
            headers += self.allowance.headers
        message["headers"] = headers

    def _absolute(self, name: bytes, value: bytes) -> bytes:
        if self._public_url is None:
            return value
        if name == b"location" and value.startswith(b"/"):
            return self._public_url + value
        if name == b"link":
            return value.replace(b"</", b"<" + self._public_url + b"/")
        return value
