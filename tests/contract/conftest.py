"""Each service in turn, running with a few records on a database of its own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import httpx
import orjson
import pytest

from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of, running
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.testing.plugin import UNLIMITED, TokenMaker, settings_for
from tests.contract.requests_of import Served
from tests.contract.seeds import SEEDS, STAND_INS
from tests.contract.services import FILLED, SERVICES, factory_of, settings_of

NOW = datetime(2020, 10, 15, 4, tzinfo=UTC)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process run all of a module's tests of a service, which it fills for them once."""
    for item in items:
        if item.path.parent == Path(__file__).parent and isinstance(item, pytest.Function):
            service = getattr(item, "callspec", None) and item.callspec.params.get("served")
            if service is not None:
                item.add_marker(pytest.mark.xdist_group(f"{item.path.stem} of {service}"))


@pytest.fixture(scope="module", params=SERVICES)
async def served(
    request: pytest.FixtureRequest, databases: Databases, issuer: LocalIssuer, token: TokenMaker
) -> AsyncIterator[Served]:
    """A service and a caller of the whole province with every scope."""
    name: str = request.param
    scopes = import_module(f"services.{name}.scopes").Scope
    with databases.clone(name) as address:
        app = factory_of(name)(
            settings_for(
                settings_of(name),
                address,
                issuer.public_keys,
                **UNLIMITED,
                **FILLED,
            ),
            clock=FrozenClock(NOW),
            **STAND_INS[name],
        )

        def another(*only: str, division: str = "330000000000") -> httpx.AsyncClient:
            client = client_of(app, token(*(only or scopes), division=division))
            client.headers["Accept-Encoding"] = "identity"  # what is packed has a tag of its own
            return client

        async with running(app), another() as client:
            document = orjson.loads(orjson.dumps(app.openapi()))
            yield Served(name, document, client, await SEEDS[name](client), another)
