"""A token issuer for one machine: an Ed25519 key pair in a folder, and tokens signed with it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import orjson
from joserfc import jwt
from joserfc.jwk import OKPKey


class LocalIssuer:
    """Signs bearer tokens with a key that it keeps in a folder (``signing.jwk``, ``keys.jwks``)."""

    def __init__(self, folder: Path, issuer: str = "qingling") -> None:
        self._issuer = issuer
        self.public_keys = folder / "keys.jwks"
        private = folder / "signing.jwk"
        if not private.exists():
            folder.mkdir(parents=True, exist_ok=True)
            key = OKPKey.generate_key("Ed25519", auto_kid=True)
            private.touch(mode=0o600)
            private.write_bytes(orjson.dumps(key.as_dict(private=True)))
            self.public_keys.write_bytes(orjson.dumps({"keys": [key.as_dict(private=False)]}))
        self._key = OKPKey.import_key(orjson.loads(private.read_bytes()))

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
