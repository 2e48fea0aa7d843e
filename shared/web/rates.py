"""How often one caller, or one address without a valid token, may ask."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from math import ceil
from time import monotonic

from starlette.requests import Request

from shared.problems import TooManyRequests, Unauthenticated
from shared.security.access import TokenVerifier, bearer_token
from shared.values.bilingual import Bilingual

WINDOW_SECONDS = 60
MOST_COUNTED = 100_000
NEVER_LIMITED = frozenset({"/healthz", "/readyz", "/metrics"})
"""What operators ask while everything else is refused."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What somebody may still ask in the minute that runs."""

    limit: int
    remaining: int
    reset: int

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The allowance as headers of an answer."""
        return [
            (b"ratelimit-limit", b"%d" % self.limit),
            (b"ratelimit-remaining", b"%d" % self.remaining),
            (b"ratelimit-reset", b"%d" % self.reset),
        ]


class RateLimits:
    """Counts requests by minute in this process; forgets them with the minute.

    Whoever has a valid token is counted by name, wherever they call from: many officials share one
    address. Everybody else is counted by address. A limit of 0 is none.
    """

    def __init__(
        self,
        verifier: TokenVerifier,
        *,
        a_caller: int,
        an_address: int,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._verifier = verifier
        self._a_caller = a_caller
        self._an_address = an_address
        self._now = now
        self._began = now()
        self._counts: dict[tuple[str, str], int] = {}

    def take(self, request: Request) -> Allowance | None:
        """Count a request; return what is left, or None where nothing is limited.

        Raises:
            TooManyRequests: nothing was left.

        """
        if request.scope["path"] in NEVER_LIMITED:
            return None
        who, limit = self._who(request)
        if not limit:
            return None
        now = self._now()
        if now - self._began >= WINDOW_SECONDS:
            self._began = now
            self._counts = {}
        count = self._counts.get(who, 0) + 1
        if count == 1 and len(self._counts) >= MOST_COUNTED:
            del self._counts[next(iter(self._counts))]
        reset = max(1, ceil(self._began + WINDOW_SECONDS - now))
        if count > limit:
            raise _too_many(who[0] == "caller", Allowance(limit, 0, reset))
        self._counts[who] = count
        return Allowance(limit, limit - count, reset)

    def _who(self, request: Request) -> tuple[tuple[str, str], int]:
        token = bearer_token(request)
        if token is not None:
            try:
                return ("caller", self._verifier.verify(token).subject), self._a_caller
            except Unauthenticated:
                pass  # counted by address; the route says what is wrong with the token
        return ("address", network_of(request)), self._an_address


def network_of(request: Request) -> str:
    """Return the address that a request came from; of IPv6 the network that one client is given."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return host


def is_this_machine(request: Request) -> bool:
    """Say whether a request came from the machine that the service runs on."""
    try:
        return ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False


def _too_many(by_name: bool, left: Allowance) -> TooManyRequests:
    zh = "同一调用者" if by_name else "同一地址（没有有效令牌时）"
    en = "One caller" if by_name else "One address without a valid token"
    return TooManyRequests(
        Bilingual(
            f"{zh}每分钟最多请求 {left.limit} 次；请在 {left.reset} 秒后重试。",
            f"{en} may ask {left.limit} times a minute; try again in {left.reset} seconds.",
        ),
        headers={
            "Retry-After": str(left.reset),
            **{name.decode(): value.decode() for name, value in left.headers},
        },
        limit=left.limit,
        remaining=0,
    )
