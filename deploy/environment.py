"""What the three services share on one machine: secrets, databases, addresses, tokens."""

import base64
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import orjson

from shared.db.embedded import ensure_database
from shared.security.issuer import LocalIssuer

SERVICES = ("registry", "rules", "monitoring")
PROVINCE = "330000000000"
SAMPLE_JUDGED_ON = "2020-10-15"
SERVICE_TOKEN_LIFETIME = timedelta(days=365)


@dataclass(frozen=True)
class Installation:
    """A folder with everything that outlives a run, and the ports that the services listen on."""

    folder: Path
    ports: dict[str, int]

    @property
    def issuer(self) -> LocalIssuer:
        """Return the issuer whose tokens the services accept."""
        return LocalIssuer(self.folder / "keys")

    def address(self, service: str) -> str:
        """Return a service's HTTP address."""
        return f"http://127.0.0.1:{self.ports[service]}"

    def token(self, subject: str, division: str, *, lifetime: timedelta) -> str:
        """Return a token with every scope of the three services for one division."""
        scopes = {
            scope.value
            for service in SERVICES
            for scope in import_module(f"services.{service}.scopes").Scope
        }
        now = datetime.now(UTC)
        return self.issuer.issue(subject, division, scopes, now=now, lifetime=lifetime)

    def variables(self, server: str) -> dict[str, dict[str, str]]:
        """Return each service's environment; creates its database on the server if need be."""
        secrets = self._secrets()
        common = os.environ | {
            "QINGLING_TOKEN_KEYS": str(self.issuer.public_keys),
            "QINGLING_CURSOR_KEY": secrets["cursor_key"],
            "QINGLING_DATA_KEYS": orjson.dumps({"1": secrets["data_key"]}).decode(),
            "QINGLING_REGISTRY_URL": self.address("registry"),
            "QINGLING_RULES_URL": self.address("rules"),
            # The sample is of 2020; judged by today everything in it would be out of date.
            "QINGLING_JUDGING_DATE": os.environ.get("QINGLING_JUDGING_DATE", SAMPLE_JUDGED_ON),
        }
        return {
            service: common
            | {
                "QINGLING_DATABASE_URL": ensure_database(server, f"qingling_{service}"),
                "QINGLING_SERVICE_TOKEN": self.token(
                    f"service:{service}", PROVINCE, lifetime=SERVICE_TOKEN_LIFETIME
                ),
            }
            for service in SERVICES
        }

    def _secrets(self) -> dict[str, str]:
        path = self.folder / "secrets.json"
        if not path.exists():
            made = {name: _random_key() for name in ("cursor_key", "data_key")}
            path.touch(mode=0o600)
            path.write_bytes(orjson.dumps(made))
        secrets: dict[str, str] = orjson.loads(path.read_bytes())
        return secrets


def _random_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()
