"""A token issuer for one machine: an Ed25519 key pair in a folder, and tokens signed with it."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from joserfc import jwt
from joserfc.jwk import OKPKey

from shared.security.service_tokens import Grant


class LocalIssuer:
    """Signs bearer tokens with a key that it keeps in a folder (``signing.jwk``, ``keys.jwks``)."""

    def __init__(self, folder: Path, issuer: str = "qingling") -> None:
        self._issuer = issuer
        self._folder = folder
        self.public_keys = folder / "keys.jwks"
        self._key = _kept(folder / "signing.jwk")
        if not self.public_keys.exists():
            self.entitle({})

    def service_key(self, service: str) -> Path:
        """Return the file of the key that a service signs its own calls with."""
        return self._folder / f"{service}.jwk"

    def entitle(self, grants: dict[str, Grant]) -> None:
        """Give each service a key for what it is granted, made at the first time; publish all keys."""
        published: list[dict[str, Any]] = [self._key.as_dict(private=False)]
        for service, grant in grants.items():
            file = self.service_key(service)
            key, granted = _kept(file), {"grant": asdict(grant)}
            file.write_bytes(orjson.dumps(key.as_dict(private=True) | granted))
            published.append(key.as_dict(private=False) | granted)
        written = self.public_keys.with_suffix(".new")
        written.write_bytes(orjson.dumps({"keys": published}))
        written.replace(self.public_keys)

    def issue(
        self,
        subject: str,
        division: str,
        scopes: Iterable[str],
        *,
        now: datetime,
        lifetime: timedelta,
        name: str | None = None,
    ) -> str:
        """Return a signed token for a subject, its division and its scopes."""
        claims = {
            "iss": self._issuer,
            "sub": subject,
            "name": name or subject,
            "division": division,
            "scope": " ".join(sorted(scopes)),
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
        }
        header = {"alg": "Ed25519", "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=["Ed25519"])


def _kept(file: Path) -> OKPKey:
    """Return the private key of a file that nobody else may read; make it if there is none."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        key = OKPKey.generate_key("Ed25519", auto_kid=True)
        file.write_bytes(orjson.dumps(key.as_dict(private=True)))
    return OKPKey.import_key(orjson.loads(file.read_bytes()))
