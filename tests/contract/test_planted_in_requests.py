"""Numbers of persons, planted wherever a request can carry text, come back in no answer.

Over every route of the three documents: in its path, its query, its headers, its body and its files.
"""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import httpx
import pytest

from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of, running
from shared.testing.clock import FrozenClock
from shared.testing.databases import Databases
from shared.testing.depth import Turns
from shared.testing.plugin import TokenMaker, settings_for
from shared.values.personal_numbers import PersonalNumberKind, personal_numbers
from tests.contract.seeds import SEEDS, STAND_INS
from tests.contract.services import FILLED, SERVICES, factory_of, settings_of
from tests.contract.test_text_kinds import Schema, document
from tests.registry.samples import identity_number

PLANTED = (
    identity_number(birth="19480217", sequence="377"),
    "6228480329876543219",
    "13957120468",
)
NOW = datetime(2020, 10, 15, 4, tzinfo=UTC)
DEEPEST = 6
Asked = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="module", params=SERVICES)
async def service(
    request: pytest.FixtureRequest, databases: Databases, issuer: LocalIssuer, token: TokenMaker
) -> AsyncIterator[tuple[str, httpx.AsyncClient, dict[str, str]]]:
    """A service with a few records, and the ids of them."""
    name: str = request.param
    scopes = import_module(f"services.{name}.scopes").Scope
    with databases.clone(name) as address:
        app = factory_of(name)(
            settings_for(settings_of(name), address, issuer.public_keys, **FILLED),
            clock=FrozenClock(NOW),
            **STAND_INS[name],
        )
        async with running(app), client_of(app, token(*scopes)) as client:
            yield name, client, await SEEDS[name](client)


async def test_no_answer_repeats_a_number(
    service: tuple[str, httpx.AsyncClient, dict[str, str]],
) -> None:
    name, client, known = service
    repeating, turns = [], Turns[tuple[str, Asked]]()
    alike = zip(*(requests_of(document(name), known, each) for each in PLANTED), strict=True)
    for each in alike:
        for planted, (method, path, parts) in turns.of([*zip(PLANTED, each, strict=True)], 1):
            answer = await client.request(method, path, **parts)
            assert answer.status_code < 500, (method, path, answer.text)
            shown = answer.text + str(answer.headers)
            if planted in shown:
                repeating.append((method, path, answer.status_code, shown))
    assert repeating == []


def test_what_is_planted_is_what_it_looks_like() -> None:
    kinds = {found.kind for each in PLANTED for found in personal_numbers(f"甲{each}乙")}
    assert kinds >= {
        PersonalNumberKind.IDENTITY,
        PersonalNumberKind.BANK_CARD,
        PersonalNumberKind.TELEPHONE,
    }


def requests_of(read: Schema, known: dict[str, str], planted: str) -> Iterator[Asked]:
    """Yield requests to every route: one with all of it planted, and one for each place alone."""
    for path, operations in read["paths"].items():
        there = path.format_map(_Named(known))
        for method, operation in operations.items():
            parameters = operation.get("parameters", [])
            query = [each["name"] for each in parameters if each["in"] == "query"]
            headers = {"If-Match": "*", "X-Change-Reason": planted, "Idempotency-Key": planted}
            bodies = list(_bodies(read, operation, planted))
            if "{" in path:
                yield method, path.format_map(_Named({}, planted)), {}
            for name in [*query, planted]:
                if name != "wait":
                    yield method, there, {"params": {name: planted}}
            for body in bodies:
                yield method, there, body | {"headers": {"If-Match": "*"} | _typed(body)}
            for body in bodies or [{}]:
                yield method, there, body | {"headers": headers | _typed(body)}


class _Named(dict[str, str]):
    """Names what is recorded in the places of a path, and elsewhere what is planted."""

    def __init__(self, known: dict[str, str], planted: str = "none") -> None:
        super().__init__(known)
        self._planted = planted

    def __missing__(self, _name: str) -> str:
        return self._planted


def _typed(body: dict[str, Any]) -> dict[str, str]:
    kind = body.get("headers", {}).get("Content-Type")
    return {"Content-Type": kind} if kind else {}


def _bodies(read: Schema, operation: Schema, planted: str) -> Iterator[dict[str, Any]]:
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        if kind.endswith("json"):
            full = _content(read, media["schema"], planted)
            for content in (full, {planted: planted}, planted, [planted]):
                sent = json.dumps(content).encode()
                yield {"content": sent, "headers": {"Content-Type": kind}}
        elif kind.startswith("multipart"):
            text = f"户编号,{planted}\n{planted},{planted}\n"
            yield {"files": {"files": (f"{planted}.csv", text.encode())}}
            yield {"data": {"files": planted, "mode": planted, "dry_run": planted}}


def _content(read: Schema, schema: Schema, planted: str, depth: int = 0) -> Any:
    """Return content of a schema, every text in it what is planted."""
    while "$ref" in schema:
        schema = read["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    for choice in ("anyOf", "oneOf", "allOf"):
        if schema.get(choice):
            return _content(read, schema[choice][0], planted, depth + 1)
    match schema.get("type"):
        case "object" if depth < DEEPEST:
            named = schema.get("properties", {})
            members = {
                name: _content(read, each, planted, depth + 1) for name, each in named.items()
            }
            return members or {planted: planted}
        case "array" if depth < DEEPEST:
            return [_content(read, schema.get("items", {}), planted, depth + 1)]
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case _:
            return planted
