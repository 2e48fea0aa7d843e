"""Who calls, what they may do, and for which division: bearer tokens and their scopes."""

import unicodedata
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from time import time
from typing import Annotated, Any

import orjson
from fastapi import Request, Security
from fastapi.security import HTTPBearer, SecurityScopes
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.problems import Forbidden, NotFound, Unauthenticated
from shared.security.service_tokens import Grant
from shared.values.bilingual import Bilingual
from shared.values.divisions import contains, parse_division_code

ALGORITHMS = ["Ed25519"]
REMEMBERED_TOKENS = 4096
# The clocks of who signs and who is called differ a little: a token of this second may come from the
# next one.
LEEWAY_SECONDS = 5

bearer = HTTPBearer(
    scheme_name="bearer",
    bearerFormat="JWT",
    description="访问令牌 Access token with the caller's scopes and division",
    auto_error=False,
)
_Bearer = Annotated[Any, Security(bearer)]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request: a person or a system, for one division and everything below it."""

    subject: str
    name: str
    division: str
    scopes: frozenset[str]

    def covers(self, division: str) -> bool:
        """Say whether rows of a division exist for this caller."""
        return contains(self.division, division)

    def reach(self, division: str | None) -> str:
        """Return the division that a request is about: the one it names, or the caller's own.

        Raises:
            NotFound: the one it names lies outside the caller's own.

        """
        if division is None:
            return self.division
        self.require_within(division)
        return division

    def require_within(self, division: str) -> None:
        """Refuse a division outside the caller's own as if it did not exist."""
        if not self.covers(division):
            raise NotFound(
                Bilingual(
                    f"在您的区划范围内找不到 {division}。",
                    f"{division} is not found within your division.",
                )
            )


class TokenVerifier:
    """Checks bearer tokens against the issuer's public keys; remembers those it has checked."""

    def __init__(self, keys: Path, issuer: str, service: str) -> None:
        """``service`` is the one that is called: tokens for another one are not for it."""
        published = orjson.loads(keys.read_bytes())
        self._keys = KeySet.import_key_set(published)
        self._grants = {key["kid"]: Grant.of(key) for key in published["keys"]}
        self._service = service
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            sub={"essential": True},
            exp={"essential": True},
            division={"essential": True},
        )
        self._checked: OrderedDict[str, tuple[float, Caller]] = OrderedDict()

    def verify(self, token: str) -> Caller:
        """Return who the token stands for.

        Raises:
            Unauthenticated: the token is malformed, expired, or signed by somebody else.

        """
        remembered = self._checked.get(token)
        if remembered is not None and remembered[0] > time():
            return remembered[1]
        try:
            decoded = jwt.decode(token, self._keys, algorithms=ALGORITHMS)
            self._claims.validate(decoded.claims)
            self._require_granted(decoded)
            caller = _caller(decoded.claims)
        except (JoseError, LookupError, ValueError, TypeError) as error:
            raise Unauthenticated(
                Bilingual(
                    "访问令牌无效或已过期；请重新登录获取。",
                    "The access token is not valid or has expired; obtain a new one.",
                ),
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            ) from error
        self._checked[token] = (float(decoded.claims["exp"]), caller)
        if len(self._checked) > REMEMBERED_TOKENS:
            self._checked.popitem(last=False)
        return caller

    def _require_granted(self, decoded: jwt.Token) -> None:
        """Refuse what a service's key may not sign. Raises ValueError."""
        grant = self._grants[decoded.header["kid"]]
        if grant is not None and not grant.allows(self._service, decoded.claims):
            raise ValueError("the key is not entitled to sign this")


def authenticate(request: Request) -> Caller:
    """Return who makes the request, from its ``Authorization`` header.

    Raises:
        Unauthenticated: there is no bearer token, or it is not valid.

    """
    token = bearer_token(request)
    if token is None:
        raise Unauthenticated(
            Bilingual(
                "请在 Authorization 头中提供访问令牌（Bearer）。",
                "Send an access token in the Authorization header (Bearer).",
            ),
            headers={"WWW-Authenticate": "Bearer"},
        )
    verifier: TokenVerifier = request.app.state.verifier
    return verifier.verify(token)


def bearer_token(request: Request) -> str | None:
    """Return the bearer token that a request carries, checked by nobody yet."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def requires(scope: StrEnum) -> Any:
    """Return the dependency that admits callers with a scope; OpenAPI shows the scope."""
    return Security(admission, scopes=[scope.value])


def admit(request: Request, scopes: Sequence[str]) -> Caller:
    """Return who makes the request, if they have every one of the scopes.

    Raises:
        Unauthenticated: there is no valid bearer token.
        Forbidden: a scope is missing.

    """
    caller = authenticate(request)
    missing = [scope for scope in scopes if scope not in caller.scopes]
    if missing:
        raise Forbidden(
            Bilingual(
                f"此操作需要权限 {'、'.join(missing)}；请向管理员申请。",
                f"This needs the scope {', '.join(missing)}; ask an administrator for it.",
            ),
            headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
        )
    return caller


async def admission(request: Request, scopes: SecurityScopes, _: _Bearer) -> Caller:
    """Admit the caller of a route; the dependency that ``requires`` makes."""
    return admit(request, scopes.scopes)


def _caller(claims: dict[str, Any]) -> Caller:
    """Return who is claimed. Raises ValueError for a subject that looks like another one."""
    subject = str(claims["sub"])
    # What takes two persons tells them apart by their subjects.
    if subject != unicodedata.normalize("NFKC", subject).strip() or not subject:
        raise ValueError("the subject has outer spaces, or characters that stand for others")
    return Caller(
        subject=subject,
        name=str(claims.get("name", claims["sub"])),
        division=parse_division_code(claims["division"]),
        scopes=frozenset(str(claims.get("scope", "")).split()),
    )
