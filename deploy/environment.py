"""What the three services share on one machine: secrets, databases, addresses, tokens."""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import orjson

from shared.clock import CHINA, DemonstrationClock
from shared.db.embedded import database_exists, ensure_database
from shared.security.issuer import LocalIssuer
from shared.security.service_tokens import Grant

SERVICES = ("registry", "rules", "monitoring")
PROVINCE = "330000000000"
SAMPLE_MOMENT = datetime(2020, 10, 15, 9, tzinfo=CHINA)
"""When what has no records yet begins by its clock: the sample is of 2020, and would be old today."""
# Who calls whom, and the module that says what the caller needs there.
CALLS = {
    "rules": {"registry": "services.rules.clients.registry"},
    "monitoring": {
        "registry": "services.monitoring.clients.registry",
        "rules": "services.monitoring.clients.rules",
    },
}


@dataclass(frozen=True)
class Installation:
    """A folder with everything that outlives a run, and the ports that the services listen on."""

    folder: Path
    ports: dict[str, int]

    @property
    def issuer(self) -> LocalIssuer:
        """Return the issuer whose tokens the services accept."""
        return LocalIssuer(self.folder / "keys")

    @property
    def clock_file(self) -> Path:
        """Return the file of the clock that the services share."""
        return self.folder / "clock.json"

    @property
    def sample_loaded(self) -> Path:
        """Return the file that is there once the sample has been loaded."""
        return self.folder / "sample-loaded"

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
        issuer, secrets = self.issuer, self._secrets()
        self._begin_clock(server)
        issuer.entitle(grants())
        own: dict[str, dict[str, str]] = {
            # Whoever seals and opens personal data has the keys for it, and nobody else.
            "registry": {"QINGLING_DATA_KEYS": orjson.dumps({"1": secrets["data_key"]}).decode()},
            "rules": {"QINGLING_REGISTRY_URL": self.address("registry")},
            "monitoring": {
                "QINGLING_REGISTRY_URL": self.address("registry"),
                "QINGLING_RULES_URL": self.address("rules"),
            },
        }
        for service in CALLS:
            own[service]["QINGLING_SERVICE_KEY"] = str(issuer.service_key(service))
        return {
            service: _without_keys(os.environ)
            | {
                "QINGLING_DEMONSTRATION_CLOCK": str(self.clock_file),
                "QINGLING_TOKEN_KEYS": str(issuer.public_keys),
                "QINGLING_CURSOR_KEY": secrets[f"cursor_key_{service}"],
                "QINGLING_DATABASE_URL": ensure_database(server, _database(service)),
            }
            | own[service]
            for service in SERVICES
        }

    def _begin_clock(self, server: str) -> None:
        if self.clock_file.exists():
            return
        # What databases hold that are older than the clock bears at most the machine's time: a
        # clock that began before it would show records of days to come.
        older = any(database_exists(server, _database(service)) for service in SERVICES)
        DemonstrationClock.begun(self.clock_file, datetime.now(UTC) if older else SAMPLE_MOMENT)

    def _secrets(self) -> dict[str, str]:
        path = self.folder / "secrets.json"
        path.touch(mode=0o600)
        secrets: dict[str, str] = orjson.loads(path.read_bytes() or b"{}")
        wanted = ["data_key", *(f"cursor_key_{service}" for service in SERVICES)]
        if missing := [name for name in wanted if name not in secrets]:
            secrets |= {name: _random_key() for name in missing}
            written = path.with_suffix(".new")
            written.touch(mode=0o600)
            written.write_bytes(orjson.dumps(secrets))
            written.replace(path)
        return secrets


def grants() -> dict[str, Grant]:
    """Return what each service that calls others may do there."""
    return {
        service: Grant(
            f"service:{service}",
            PROVINCE,
            {called: list(import_module(client).NEEDED) for called, client in clients.items()},
        )
        for service, clients in CALLS.items()
    }


def _database(service: str) -> str:
    return f"qingling_{service}"


def _without_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what only one of the services may know."""
    return {
        name: value
        for name, value in environment.items()
        if name not in {"QINGLING_DATA_KEYS", "QINGLING_SERVICE_KEY"}
    }


def _random_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()
