"""Requests made from the OpenAPI documents: one that each operation takes, to be spoiled by tests."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tests.contract.seeds import EVERYWHERE, HOUSEHOLD

Schema = Mapping[str, Any]
TEXT = "（虚构）核查"
OF_KIND = {
    "integer": 1,
    "number": 1,
    "boolean": True,
    "uuid": HOUSEHOLD,
    "date": EVERYWHERE["as_of"],
    "date-time": "2020-10-15T08:00:00+08:00",
}
JSON_BODIES = ("application/json", "application/merge-patch+json")


@dataclass(frozen=True)
class Served:
    """A running service with a few records, its document, and a caller who may do everything."""

    name: str
    document: dict[str, Any]
    client: httpx.AsyncClient
    known: Mapping[str, str]
    another: Callable[..., httpx.AsyncClient]
    """A client for the same person with other scopes or another division."""

    def operations(self) -> Iterator["Operation"]:
        for path, methods in self.document["paths"].items():
            for method, declared in methods.items():
                yield Operation(self, method.upper(), path, declared)

    def resolved(self, schema: Schema) -> Schema:
        """Follow a reference, and of several choices take the first that is not null."""
        while True:
            if "$ref" in schema:
                schema = self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
            elif "anyOf" in schema or "oneOf" in schema:
                choices = schema.get("anyOf") or schema["oneOf"]
                schema = next(each for each in choices if each.get("type") != "null")
            else:
                return schema

    def example(self, name: str, schema: Schema) -> Any:
        """Return a value that a schema allows, a recorded one where it is known by its name."""
        if name in self.known and self.resolved(schema).get("type") == "string":
            return self.known[name]
        if examples := schema.get("examples"):
            return examples[0]
        schema = self.resolved(schema)
        for key in "examples", "enum":
            if key in schema:
                return schema[key][0]
        if "const" in schema:
            return schema["const"]
        if schema.get("type") == "object":
            required = schema.get("required", ())
            members = schema.get("properties", {}).items()
            return {each: self.example(each, of) for each, of in members if each in required}
        if schema.get("type") == "array":
            return [self.example(name, schema["items"])]
        kind = schema.get("format") or schema.get("type")
        return schema.get("minimum", OF_KIND.get(str(kind), TEXT))


@dataclass(frozen=True)
class Operation:
    """One operation of a service."""

    served: Served
    method: str
    path: str
    declared: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def parameters(self, where: str) -> Iterator[tuple[str, Schema]]:
        for each in self.declared.get("parameters", ()):
            if each["in"] == where:
                yield each["name"], each["schema"]

    @property
    def address(self) -> str:
        return self.path.format_map(
            {name: self.served.example(name, schema) for name, schema in self.parameters("path")}
        )

    @property
    def query(self) -> dict[str, str]:
        """What must stand in the query."""
        return {
            each["name"]: str(self.served.example(each["name"], each["schema"]))
            for each in self.declared.get("parameters", ())
            if each["in"] == "query" and each["required"]
        }

    @property
    def content(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.declared.get("requestBody", {}).get("content", {})
        return found

    @property
    def media_type(self) -> str | None:
        return next(iter(self.content), None)

    @property
    def body_schema(self) -> Schema:
        return self.served.resolved(self.content[self.media_type or ""].get("schema", {}))

    @property
    def body(self) -> Any:
        """A document that the operation takes."""
        content = self.content[self.media_type or ""]
        example = content.get("example") or self.served.example("", content["schema"])
        return {
            name: self.served.known.get(name, value) if isinstance(value, str) else value
            for name, value in example.items()
        }

    async def send(
        self,
        *,
        client: httpx.AsyncClient | None = None,
        query: Any = None,
        body: bytes | None = None,
        headers: Any = None,
        address: str | None = None,
    ) -> httpx.Response:
        sent = {"Content-Type": self.media_type if body else None}
        if "428" in self.declared["responses"]:
            sent |= {"If-Match": '"1"'}
        return await (client or self.served.client).request(
            self.method,
            address or self.address,
            params=None if address and "?" in address else query or self.query,
            content=body,
            headers=headers if headers is not None else {k: v for k, v in sent.items() if v},
        )
