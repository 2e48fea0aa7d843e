"""Whatever the documents allow to be sent, and what they do not, is answered as they declare.

All of it with a pool of one connection, and half of the POSTs under a key: a request that holds one
and waits for a second would wait for itself, and say that the service is busy.
"""

from collections.abc import AsyncIterator, Iterator, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, cast

import httpx
import pytest
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation.modes import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shared.ids import new_id
from shared.problems import ServiceBusy
from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of, running
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.testing.depth import tries
from shared.testing.plugin import TokenMaker, settings_for
from tests.contract.seeds import SEEDS, STAND_INS
from tests.contract.services import FILLED, SERVICES, factory_of, settings_of

Operation = APIOperation[Any, Any, Any, Any]
Case = schemathesis.Case[Any]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
POOL_OF_ONE = {"pool_size": 1, "pool_wait_seconds": 5}
NOW = datetime(2020, 10, 15, 4, tzinfo=UTC)
# The same requests every time: what fails once fails for everybody.
BOUNDED = settings(
    max_examples=tries(4),
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Running:
    """A running service with a few records, by the names that addresses and bodies call them."""

    operations: list[Operation]
    client: httpx.AsyncClient
    known: dict[str, str]

    async def answer(self, case: Case) -> httpx.Response:
        """Send a request, byte by byte as it was generated, but in the client's own name."""
        sent = requests.Request(**case.as_transport_kwargs(base_url="http://service")).prepare()
        headers = {
            name.encode(): value.encode("latin-1") if isinstance(value, str) else value
            for name, value in sent.headers.items()
            if name.lower() != "authorization"
        }
        body = cast("bytes | str | None", sent.body)
        return await self.client.request(
            str(sent.method), str(sent.url), headers=headers, content=body
        )

    def name_known(self, case: Case) -> None:
        """Put what is recorded in the place of what was generated."""
        for part in (case.path_parameters, case.query, case.headers, case.body):
            if isinstance(part, MutableMapping):
                part.update({name: self.known[name] for name in self.known.keys() & part.keys()})


@pytest.fixture(scope="module", params=SERVICES)
async def service(
    request: pytest.FixtureRequest, databases: Databases, issuer: LocalIssuer, token: TokenMaker
) -> AsyncIterator[Running]:
    name: str = request.param
    scopes = import_module(f"services.{name}.scopes").Scope
    with databases.clone(name) as address:
        app = factory_of(name)(
            settings_for(settings_of(name), address, issuer.public_keys, **FILLED, **POOL_OF_ONE),
            clock=FrozenClock(NOW),
            **STAND_INS[name],
        )
        async with running(app), client_of(app, token(*scopes)) as client:
            yield Running(list(_operations(app)), client, await SEEDS[name](client))


async def test_every_request_is_answered_as_declared(service: Running) -> None:
    failures = []
    for operation in service.operations:
        for place, (case, known) in enumerate(_cases(operation)):
            if case.method == "POST" and place % 2:
                case.headers["Idempotency-Key"] = str(new_id())
            if known:
                service.name_known(case)
            (case.query or {}).pop("wait", None)  # nothing happens that is worth waiting for
            answer = await service.answer(case)
            if answer.status_code == ServiceBusy.status:
                failures.append(f"{case.operation.label}\n{answer.text}")
            try:
                case.validate_response(answer, checks=CHECKS)
            except FailureGroup as failure:
                failures.append(f"{case.operation.label}\n{failure}")
    assert not failures, "\n\n".join(failures)


def _operations(app: FastAPI) -> Iterator[Operation]:
    for read in schemathesis.openapi.from_dict(app.openapi()).get_all_operations():
        assert isinstance(read, Ok)
        yield read.ok()


def _cases(operation: Operation) -> list[tuple[Case, bool]]:
    """Valid requests and requests with a mistake, and whether they name what is recorded."""
    drawn = []

    @BOUNDED
    @given(
        st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode]),
        st.booleans(),
    )
    def draw(case: Case, known: bool) -> None:
        drawn.append((case, known))

    draw()
    return drawn
