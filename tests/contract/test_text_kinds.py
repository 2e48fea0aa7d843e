"""Every text that a request can carry is of a declared kind, in all three OpenAPI documents."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.values.text import KIND

SERVICES = ("registry", "rules", "monitoring")
# What a kind of text keeps out, tried on patterns that stand for one.
NO_TEXT = ("甲\u200b1", "330127196305120011", "a\0b", "张\u202e三")
CLOSED_FORMATS = {"uuid", "date", "date-time", "binary"}
# Tokens of the protocol or of our own making, compared and never kept or repeated.
TOKENS = {"header:if-match", "header:if-none-match", "header:idempotency-key"} | {
    "query:cursor",
    "query:after",
}
# The policy as a document; its own reader refuses what is not of it.
POLICY = {"put_release_rule", "put_release_parameter", "put_release_file"}

Schema = dict[str, Any]


def document(service: str) -> Schema:
    path = Path(__file__).parents[2] / "services" / service / "openapi.json"
    read: Schema = json.loads(path.read_text(encoding="utf-8"))
    return read


def texts(
    schemas: Schema, schema: Schema, at: str, seen: frozenset[str]
) -> Iterator[tuple[str, Schema]]:
    """Yield the place and schema of every text, and of everything that has no type."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        if name not in seen:
            yield from texts(schemas, schemas[name], at, seen | {name})
        return
    if KIND in schema:
        yield at, schema
        return
    parts = [each for key in ("anyOf", "oneOf", "allOf") for each in schema.get(key, ())]
    inner = [(each, at) for each in parts]
    inner += [(each, f"{at}/{name}") for name, each in schema.get("properties", {}).items()]
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            inner.append((schema[key], f"{at}/{key}"))
    if schema.get("type") == "string" or not (inner or "type" in schema or "enum" in schema):
        yield at, schema
    for each, place in inner:
        yield from texts(schemas, each, place, seen)


def requested(service: str) -> list[tuple[str, str, Schema]]:
    """Return (operation, place, schema) of every text in the requests of a service."""
    read = document(service)
    schemas = read["components"]["schemas"]
    found = []
    for path in read["paths"].values():
        for operation in path.values():
            places = [
                (f"{each['in']}:{each['name'].lower()}", each["schema"])
                for each in operation.get("parameters", ())
            ]
            content = operation.get("requestBody", {}).get("content", {})
            places += [(media, each["schema"]) for media, each in content.items() if each]
            found += [
                (operation["operationId"], at, schema)
                for place, whole in places
                for at, schema in texts(schemas, whole, place, frozenset())
            ]
    return found


def is_closed(schema: Schema) -> bool:
    if schema.keys() & {"enum", "const", KIND} or "contentMediaType" in schema:
        return True
    if schema.get("format") in CLOSED_FORMATS:
        return True
    pattern = schema.get("pattern")
    return pattern is not None and not any(re.search(pattern, text) for text in NO_TEXT)


@pytest.mark.parametrize("service", SERVICES)
def test_no_request_takes_a_bare_text(service: str) -> None:
    bare = {
        f"{operation} {at}"
        for operation, at, schema in requested(service)
        if at not in TOKENS and operation not in POLICY and not is_closed(schema)
    }
    assert bare == set()


def test_the_walk_finds_texts_of_every_kind() -> None:
    kinds = {schema.get(KIND) for service in SERVICES for _, _, schema in requested(service)}
    assert kinds >= {"identifier", "name", "line", "note", "telephone", "fact", "policy"}
