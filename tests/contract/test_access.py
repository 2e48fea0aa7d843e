"""No route of any service answers a caller whom it does not know or who may not."""

from collections.abc import AsyncIterator

import httpx
import pytest

from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of, running
from shared.testing.databases import Databases, JoinedDatabase
from shared.testing.plugin import TokenMaker, settings_for
from tests.contract.services import FILLED, SERVICES, factory_of, settings_of
from tests.contract.test_openapi import operations

ANYTHING = {
    "household_id": "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d",
    "division": "330127000000",
    "code": "330127000000",
}


@pytest.fixture(params=SERVICES)
async def service(
    request: pytest.FixtureRequest, databases: Databases, issuer: LocalIssuer, token: TokenMaker
) -> AsyncIterator[tuple[str, httpx.AsyncClient, httpx.AsyncClient]]:
    name: str = request.param
    with databases.clone(name) as address:
        settings = settings_for(settings_of(name), address, issuer.public_keys, **FILLED)
        app = factory_of(name)(settings, database=JoinedDatabase(address))
        async with (
            running(app),
            client_of(app) as nobody,
            client_of(app, token("nothing:at-all")) as stranger,
        ):
            yield name, nobody, stranger


async def test_strangers_are_turned_away_everywhere(
    service: tuple[str, httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    name, nobody, stranger = service
    for path, method, _ in operations(name):
        address = path.format_map(_Anything())
        assert (await nobody.request(method, address)).status_code == 401, (method, path)
        assert (await stranger.request(method, address)).status_code == 403, (method, path)


class _Anything(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ANYTHING.get(key, ANYTHING["household_id"])
