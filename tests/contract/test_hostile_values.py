"""No value gives a 500, wherever it stands: in a body, an address, a header, a form or a file's name."""

import json
from collections.abc import Iterator
from itertools import cycle
from typing import Any
from urllib.parse import quote

import httpx

from shared.testing.depth import Turns, tries
from tests.contract.requests_of import JSON_BODIES, Operation, Schema, Served

HEADERS = (
    *("If-Match", "If-None-Match", "Idempotency-Key", "X-Change-Reason", "X-Request-Id"),
    *("Accept", "Accept-Language", "Content-Type", "Authorization", "Range", "Prefer"),
)
TEXTS = (
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff\ud800",
    "\u202e3301",
    "\ufeff",
    "\u200b",
    "\u2028\x85",
    "\x1b[31m",
    "𠮷😀\U0010ffff",
    "\ufffe",
    "％ｓ{}%s{0}$1\\",
    "' OR 1=1 --",
    "330127196305120013",
    "x" * 70_000,
    "",
    " ",
)
MOMENTS = (
    "0001-01-01",
    "0000-01-01",
    "10000-01-01",
    "9999-12-31",
    "-0001-01-01",
    "2020-02-30",
    "9999-12-31T23:59:59+14:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-23:59",
    "2020-10-15T24:00:00Z",
    "2020-10-15T08:00:60Z",
)
NUMBERS: tuple[Any, ...] = (2**63, -(2**63), 2**63 - 1, 2**31, -1, 0, 1e308, 1e-320, 0.1, "1e400")
NESTED = json.loads("[" * 60 + "]" * 60)
OTHERS: tuple[Any, ...] = (*MOMENTS, *NUMBERS, None, True, [], {}, NESTED, {"": {"": None}})


def unbroken(operation: Operation, what: object, answer: httpx.Response) -> None:
    assert answer.status_code < 500, f"{operation} {what!r:.100}: {answer.text}"
    if answer.headers.get("content-type", "").endswith("json"):
        answer.json()


async def test_no_value_in_a_body_breaks_a_service(served: Served) -> None:
    values = cycle((*TEXTS, *OTHERS))  # goes on from place to place, so that all have their turn
    everywhere_at_once, names = Turns[str](), Turns[str]()
    for operation in served.operations():
        if operation.media_type not in JSON_BODIES:
            continue
        places = list(everywhere(served, operation.body_schema, operation.body))
        for value in everywhere_at_once.of(TEXTS, 4):
            body = operation.body
            for steps in places:
                body = planted(body, steps, value)
            unbroken(operation, value, await operation.send(body=dumped(body)))
        for steps in places:
            for _, value in zip(range(tries(2)), values, strict=False):
                body = planted(operation.body, steps, value)
                answer = await operation.send(body=dumped(body))
                unbroken(operation, (steps, value), answer)
        for name in names.of(TEXTS, 4):
            answer = await operation.send(body=dumped(operation.body | {name: 1}))
            unbroken(operation, name, answer)


async def test_no_value_in_an_address_breaks_a_service(served: Served) -> None:
    values = cycle((*TEXTS[:-3], *MOMENTS, *map(str, NUMBERS)))
    in_paths = Turns[str]()
    for operation in served.operations():
        body = b"{}" if operation.media_type in JSON_BODIES else None
        for name, _ in (*operation.parameters("query"), ("unknown", {})):
            for _, value in zip(range(tries(2)), values, strict=False):
                others = {each: of for each, of in operation.query.items() if each != name}
                query = "&".join(f"{n}={escaped(v)}" for n, v in (others | {name: value}).items())
                address = f"{operation.address}?{query}"
                answer = await operation.send(address=address, body=body)
                unbroken(operation, (name, value), answer)
        path = {name: served.example(name, of) for name, of in operation.parameters("path")}
        for name in path:
            for value in in_paths.of((*TEXTS[:-3], *MOMENTS[:3]), 4):
                address = operation.path.format_map(path | {name: escaped(value)})
                answer = await operation.send(address=address, body=body)
                unbroken(operation, (name, value), answer)


async def test_no_value_in_a_header_breaks_a_service(served: Served) -> None:
    values = cycle([*(text.encode(errors="surrogatepass") for text in TEXTS), b"\xff\xfe", b"%"])
    headers_in_turn = Turns[str]()
    for operation in served.operations():
        body = dumped(operation.body) if operation.media_type in JSON_BODIES else None
        for name in headers_in_turn.of(HEADERS, 5):
            for _, value in zip(range(tries(1)), values, strict=False):
                sent = {
                    b"if-match": b'"1"',
                    b"content-type": (operation.media_type or "x").encode(),
                }
                headers = list((sent | {name.lower().encode(): value.strip()}).items())
                answer = await operation.send(body=body, headers=headers)
                unbroken(operation, (name, value), answer)


async def test_no_name_or_text_in_a_form_breaks_a_service(served: Served) -> None:
    for operation in served.operations():
        if operation.media_type != "multipart/form-data":
            continue
        for text in TEXTS[:-3]:
            raw = text.encode(errors="surrogatepass")
            for part in (
                b'name="files"; filename="%s"' % raw,
                b"name=\"file\"; filename*=UTF-8''" + quote(raw).encode(),
                b'name="%s"' % raw,
                b'name="mode"',
                b'name="dry_run"; filename="x"',
            ):
                body = b"--b\r\nContent-Disposition: form-data; " + part + b"\r\n\r\n" + raw
                headers = {
                    "Content-Type": "multipart/form-data; boundary=b",
                    "If-Match": '"1"',
                }
                answer = await operation.send(body=body + b"\r\n--b--\r\n", headers=headers)
                unbroken(operation, part, answer)


def everywhere(
    served: Served, schema: Schema, value: Any, steps: tuple[Any, ...] = ()
) -> Iterator[tuple[Any, ...]]:
    """Yield the places of all values that a document has or could have."""
    schema = served.resolved(schema)
    if steps:
        yield steps
    if isinstance(value, dict):
        for name, of in schema.get("properties", {}).items():
            yield from everywhere(served, of, value.get(name), (*steps, name))
    elif isinstance(value, list) and value and "items" in schema:
        yield from everywhere(served, schema["items"], value[0], (*steps, 0))


def planted(document: Any, steps: tuple[Any, ...], value: Any) -> Any:
    """Return a document with a value at a place, which may be one that it has not yet."""
    if not steps:
        return value
    if not isinstance(document, dict | list):
        return document  # another value was planted above
    copy = document.copy()
    inner = copy.get(steps[0]) if isinstance(copy, dict) else copy[steps[0]]
    copy[steps[0]] = planted(inner, steps[1:], value)
    return copy


def dumped(document: Any) -> bytes:
    """Return JSON as a careless client writes it: half characters and 1e400 as they are."""
    return json.dumps(document).replace('"1e400"', "1e400").encode()


def escaped(value: str) -> str:
    return quote(value.encode(errors="surrogatepass"), safe="")
