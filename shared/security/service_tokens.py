"""Tokens that a service signs for its own calls: short-lived, for one service, with what it needs.

Every service that calls others has a key of its own. The public half names the subject, the division
and, by the service called, the scopes; whatever the private half signs beyond that is refused
(``shared.security.access``), so that a key that gets into wrong hands opens no more than its service.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import orjson
from joserfc import jwt
from joserfc.jwk import OKPKey

from shared.clock import Clock, SystemClock
from shared.http import TokenSource

LIFETIME = timedelta(minutes=15)
RENEWED_BEFORE_END = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Grant:
    """What the tokens of a service's key may say."""

    subject: str
    division: str
    scopes: Mapping[str, Sequence[str]]
    """By the name of the service that is called."""

    @classmethod
    def of(cls, key: Mapping[str, Any]) -> Self | None:
        """Return the grant of a key (JWK); None for a key that signs for people."""
        members = key.get("grant")
        return None if members is None else cls(**members)

    def allows(self, service: str, claims: Mapping[str, Any]) -> bool:
        """Tell whether a service that is called may take a token with these claims."""
        return (
            service in self.scopes
            and claims.get("aud") == service
            and claims["sub"] == self.subject
            and claims["division"] == self.division
            and set(str(claims.get("scope", "")).split()) <= set(self.scopes[service])
            and claims["exp"] - claims.get("iat", 0) <= LIFETIME.total_seconds()
        )


class ServiceSigner:
    """Signs a service's own tokens with the key in a file."""

    def __init__(self, key: Path, issuer: str, clock: Clock | None = None) -> None:
        """``key`` is a private JWK with a ``grant``; it is read when the first token is needed."""
        self._file = key
        self._issuer = issuer
        self._clock = clock or SystemClock()
        self._signed: dict[str, tuple[datetime, str]] = {}

    def tokens_for(self, service: str) -> TokenSource:
        """Return the source of the tokens that a service is called with."""
        return lambda: self._token(service)

    def _token(self, service: str) -> str:
        now = self._clock.now()
        end, token = self._signed.get(service, (now, ""))
        if end - now <= RENEWED_BEFORE_END:
            token = self._sign(service, now)
            self._signed[service] = (now + LIFETIME, token)
        return token

    def _sign(self, service: str, now: datetime) -> str:
        members = orjson.loads(self._file.read_bytes())
        key, grant = OKPKey.import_key(members), Grant.of(members)
        if grant is None or service not in grant.scopes:
            raise ValueError(f"{self._file} is no key for calls of {service}")
        claims = {
            "iss": self._issuer,
            "aud": service,
            "sub": grant.subject,
            "division": grant.division,
            "scope": " ".join(sorted(grant.scopes[service])),
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
        }
        return jwt.encode({"alg": "Ed25519", "kid": key.kid}, claims, key, algorithms=["Ed25519"])
