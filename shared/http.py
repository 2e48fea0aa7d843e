"""Calls between services: bounded in time, retried a few times, and failing with one problem."""

import ssl
from collections.abc import AsyncIterator, Callable, Collection, Generator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import httpx
import stamina
import structlog

from shared.problems import DependencyUnavailable, Problem
from shared.values.bilingual import Bilingual

log = structlog.get_logger(__name__)
ATTEMPTS = 3
LONGEST_TRY_SECONDS = 5.0
WORTH_RETRYING = frozenset({408, 429, 502, 503, 504})
TokenSource = Callable[[], str]
"""Gives a token that is valid for minutes to come."""


@cache
def _trusted() -> ssl.SSLContext:
    """Return whom this process trusts: read once, as that takes longer than a client's first request."""
    return httpx.create_ssl_context()


class _Bearer(httpx.Auth):
    """Sends with each request a token that is valid then."""

    def __init__(self, token: TokenSource) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token()}"
        yield request


class ServiceAnswer(Problem):
    """Another service refused a request that this one thought right: its token, route or content."""

    status, code = 502, "unexpected-answer"
    title = Bilingual("依赖的服务给出意外答复", "A service that this one depends on refused")

    def __init__(self, service: str, response: httpx.Response) -> None:
        # What stands behind the collection in a path, and its query, may be about a person.
        collection = "/".join(response.url.path.split("/")[:3])
        log.error(
            "unexpected answer",
            service=service,
            status=response.status_code,
            method=response.request.method,
            collection=collection,
        )
        super().__init__(
            Bilingual(
                f"{service} 服务拒绝了请求（{response.status_code}）；请联系管理员核对各服务的版本和授权。",
                f"The {service} service refused a request ({response.status_code}); ask an "
                "administrator to check the services' versions and tokens.",
            )
        )
        self.answered = response.status_code


class ServiceClient:
    """A client of one service, speaking with this service's own token."""

    def __init__(
        self,
        service: str,
        address: str,
        token: TokenSource,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """``token`` is asked at each call; ``transport`` replaces the network (tests do)."""
        self._service = service
        self._client = httpx.AsyncClient(
            base_url=address,
            # Between services the line is fast, and what is read as it comes is not unpacked.
            headers={"Accept-Encoding": "identity"},
            auth=_Bearer(token),
            timeout=httpx.Timeout(60, connect=3),
            verify=_trusted(),
            transport=transport,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def get(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        expected: Collection[int] = (),
    ) -> httpx.Response:
        """Read something; what is worth retrying is retried.

        ``expected`` are the refusals that the caller knows what to do about: they are returned.

        Raises:
            DependencyUnavailable: the service cannot be reached or is not in order.
            ServiceAnswer: the service refuses the request in another way.

        """
        return await self._send("GET", path, expected, params=params)

    async def post(self, path: str, body: Any, *, expected: Collection[int] = ()) -> httpx.Response:
        """Ask for something that has no effect, so that it may be asked again.

        ``expected`` are the refusals that the caller knows what to do about: they are returned.

        Raises:
            DependencyUnavailable: the service cannot be reached or is not in order.
            ServiceAnswer: the service refuses the request in another way.

        """
        return await self._send("POST", path, expected, json=body)

    @asynccontextmanager
    async def stream(
        self, path: str, params: Mapping[str, Any], accept: str
    ) -> AsyncIterator[httpx.Response]:
        """Read a large answer as it comes.

        Raises:
            DependencyUnavailable: the service cannot be reached, fails, or breaks off.
            ServiceAnswer: the service refuses the request.

        """
        try:
            async with self._client.stream(
                "GET", path, params=params, headers={"Accept": accept}
            ) as response:
                if not response.is_success:
                    await response.aread()
                    self._refuse(response)
                yield response
        except httpx.TransportError as error:
            raise self._unavailable() from error

    async def _send(
        self, method: str, path: str, expected: Collection[int], **content: Any
    ) -> httpx.Response:
        try:
            async for attempt in stamina.retry_context(
                on=_worth_retrying,
                attempts=ATTEMPTS,
                timeout=LONGEST_TRY_SECONDS,
                wait_initial=0.1,
                wait_max=1,
            ):
                with attempt:
                    response = await self._client.request(method, path, **content)
                    if response.status_code in WORTH_RETRYING:
                        response.raise_for_status()
        except (httpx.TransportError, httpx.HTTPStatusError) as error:
            raise self._unavailable() from error
        if not response.is_success and response.status_code not in expected:
            self._refuse(response)
        return response

    def _refuse(self, response: httpx.Response) -> None:
        if not response.is_client_error or response.status_code in WORTH_RETRYING:
            raise self._unavailable()
        raise ServiceAnswer(self._service, response)

    def _unavailable(self) -> DependencyUnavailable:
        return DependencyUnavailable(
            Bilingual(
                f"{self._service} 服务暂不可用；请稍后重试。",
                f"The {self._service} service is unavailable; try again later.",
            ),
            headers={"Retry-After": "10"},
        )


def _worth_retrying(error: Exception) -> bool:
    return isinstance(error, httpx.TransportError | httpx.HTTPStatusError)
