"""Tokens that services sign for themselves: minutes long, renewed, and good for what is granted."""

import itertools
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from deploy.environment import CALLS, SERVICES, grants
from shared.problems import Unauthenticated
from shared.security.access import TokenVerifier
from shared.security.issuer import LocalIssuer
from shared.security.service_tokens import LIFETIME, Grant, ServiceSigner
from shared.testing.clock import FrozenClock

PROVINCE = "330000000000"
GRANT = Grant("service:rules", PROVINCE, {"registry": ["facts:read", "divisions:read"]})


@pytest.fixture
def issuer(tmp_path: Path) -> LocalIssuer:
    issuer = LocalIssuer(tmp_path)
    issuer.entitle({"rules": GRANT})
    return issuer


def verifier(issuer: LocalIssuer, service: str = "registry") -> TokenVerifier:
    return TokenVerifier(issuer.public_keys, "qingling", service)


def test_a_service_is_let_in_where_it_is_granted_something_and_nowhere_else(
    issuer: LocalIssuer,
) -> None:
    signer = ServiceSigner(issuer.service_key("rules"), "qingling")
    token = signer.tokens_for("registry")()
    caller = verifier(issuer).verify(token)
    assert (caller.subject, caller.division) == ("service:rules", PROVINCE)
    assert caller.scopes == {"facts:read", "divisions:read"}
    with pytest.raises(Unauthenticated):
        verifier(issuer, "monitoring").verify(token)
    with pytest.raises(ValueError, match="no key for calls of monitoring"):
        signer.tokens_for("monitoring")()


HONEST: dict[str, Any] = {
    "iss": "qingling",
    "aud": "registry",
    "sub": GRANT.subject,
    "division": PROVINCE,
    "scope": "facts:read",
    "iat": 0,
    "exp": 600,
}
"""Claims; moments are seconds from the one at which the token is signed."""


def signed(issuer: LocalIssuer, claim: dict[str, Any]) -> str:
    """Return a token of a service's key with one claim other than it should be."""
    now = int(datetime.now(UTC).timestamp())
    key = OKPKey.import_key(orjson.loads(issuer.service_key("rules").read_bytes()))
    claims = {
        name: now + value if isinstance(value, int) else value
        for name, value in (HONEST | claim).items()
        if value is not None
    }
    return jwt.encode({"alg": "Ed25519", "kid": key.kid}, claims, key, algorithms=["Ed25519"])


@pytest.mark.parametrize(
    "claim",
    [
        {"aud": "rules"},
        {"aud": None},
        {"sub": "county-director"},
        {"division": "320000000000"},
        {"scope": "facts:read households:write"},
        {"exp": 3600},
        {"exp": -60},
        {"iat": None},
        {"iat": 60},
    ],
    ids=str,
)
def test_a_services_key_signs_nothing_beyond_its_grant(
    issuer: LocalIssuer, claim: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        verifier(issuer).verify(signed(issuer, claim))


@pytest.mark.parametrize("claim", [{}, {"iat": 3}], ids=["the same clock", "a clock ahead"])
def test_what_is_granted_is_taken(issuer: LocalIssuer, claim: dict[str, Any]) -> None:
    assert verifier(issuer).verify(signed(issuer, claim)).scopes == {"facts:read"}


def test_a_token_is_renewed_before_it_ends(issuer: LocalIssuer) -> None:
    clock = FrozenClock(datetime.now(UTC))
    current = ServiceSigner(issuer.service_key("rules"), "qingling", clock).tokens_for("registry")
    first = current()
    clock.advance(timedelta(minutes=9))
    assert current() == first
    clock.advance(timedelta(minutes=2))
    assert current() != first
    ends = jwt.decode(
        current(),
        OKPKey.import_key(orjson.loads(issuer.service_key("rules").read_bytes())),
        algorithms=["Ed25519"],
    ).claims["exp"]
    assert ends == int((clock.now() + LIFETIME).timestamp())


def test_keys_are_readable_by_their_owner_only(issuer: LocalIssuer) -> None:
    private = [issuer.service_key("rules"), issuer.public_keys.with_name("signing.jwk")]
    assert [file.stat().st_mode & 0o777 for file in private] == [0o600, 0o600]
    assert b'"d"' not in issuer.public_keys.read_bytes()


def test_what_a_client_needs_is_a_scope_of_the_service_that_it_calls() -> None:
    for grant in grants().values():
        for called, scopes in grant.scopes.items():
            assert {*scopes} <= {*import_module(f"services.{called}.scopes").Scope}
    assert all(called in SERVICES for called in itertools.chain(*CALLS.values()))
