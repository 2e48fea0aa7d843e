"""Nothing that is sent is guessed or ignored: whatever is not as declared is refused, by its name."""

from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest

from tests.contract.requests_of import JSON_BODIES, Operation, Schema, Served

# What a lenient parser reads as the same value, by the type that is declared.
OTHERWISE: dict[str, tuple[str, ...]] = {
    "integer": ("1_0", "+1", "01", " 1", "1 ", "1.0", "１", "٣", "1e0", "0x1", "true"),
    "number": ("1_0", "+1", "01", " 1", "１", "inf", "nan", "true", ".5", "5."),
    "boolean": ("1", "0", "yes", "no", "on", "off", "True", "FALSE", "t", "f", "y", " true"),
    "date": ("20201015", "2020-10-15T00:00:00", "1602720000", "2020-1-5", "２０２０-10-15"),
    "date-time": (
        "20201015",
        "1602720000",
        "2020-10-15",
        "2020-10-15T08:00:00",
        "2020-10-15 08:00:00+08:00",
        "2020-10-15T08:00+08:00",
        "2020-10-15t08:00:00z",
        "2020-10-15T08:00:00+0800",
    ),
    "uuid": (
        "0192f3c47a107b7e8f565d2f3a1b9c0d",
        "{0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d}",
        "urn:uuid:0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d",
        " 0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d",
    ),
}
IN_JSON: dict[str, tuple[Any, ...]] = {
    **{kind: texts for kind, texts in OTHERWISE.items() if kind not in {"integer", "number"}},
    "integer": ("1", True, 1.0),
    "number": ("1", True),
}
IN_JSON["boolean"] += (1, 0, "true")
IN_JSON["date"] += (20201015, 0)
IN_JSON["date-time"] += (20201015, 0)


def code(answer: httpx.Response) -> str:
    kind: str = answer.json()["type"]
    return kind.removeprefix("urn:qingling:problem:")


def kind_of(served: Served, schema: Schema) -> str | None:
    found = served.resolved(schema)
    return found.get("format") or found.get("type")


def with_bodies(served: Served) -> Iterator[Operation]:
    return (each for each in served.operations() if each.media_type in JSON_BODIES)


async def test_a_query_parameter_stands_once(served: Served) -> None:
    for operation in served.operations():
        for name, schema in operation.parameters("query"):
            if kind_of(served, schema) == "array":
                continue
            value = str(served.example(name, schema))
            query = [*operation.query.items(), (name, value), (name, value)]
            answer = await operation.send(query=query)
            assert (answer.status_code, code(answer)) == (400, "duplicate-parameter"), operation
            assert [error["pointer"] for error in answer.json()["errors"]] == [name], operation


async def test_a_parameter_has_one_spelling(served: Served) -> None:
    tried = set()
    for operation in served.operations():
        for name, schema in operation.parameters("query"):
            kind = kind_of(served, schema) or ""
            tried.add(kind)
            for value in OTHERWISE.get(kind, ()):
                answer = await operation.send(query=[*operation.query.items(), (name, value)])
                if name in operation.query:  # it stands twice now
                    answer = await operation.send(query=operation.query | {name: value})
                where = f"{operation} {name}={value}"
                assert answer.status_code == 422, where
                assert name in [error["pointer"] for error in answer.json()["errors"]], where
        for name, schema in operation.parameters("path"):
            for value in OTHERWISE.get(kind_of(served, schema) or "", ()):
                named = {
                    other: served.example(other, of) for other, of in operation.parameters("path")
                }
                address = operation.path.format_map(named | {name: value})
                answer = await operation.send(address=address, body=b"{}")
                assert answer.status_code in {404, 422}, f"{operation} {name}={value}"
    assert {"integer", "boolean"} <= tried


async def test_an_address_is_utf8(served: Served) -> None:
    for operation in served.operations():
        if operation.method != "GET":
            continue
        for query in "name=%ff", "limit=1&%ff=1", "cursor=%C0%80", "cursor=%ED%A0%80", "x=%00":
            answer = await operation.send(address=f"{operation.address}?{query}")
            assert answer.status_code == 400, (operation, query)


async def test_a_member_stands_once_at_any_depth(served: Served) -> None:
    for operation in with_bodies(served):
        body = orjson.dumps(operation.body)
        name = orjson.dumps(next(iter(operation.body), "x"))
        repeated = b'{%s: 1, "\\u0078": 1, %s: 2}' % (name, name)
        for spoiled, inside in (
            (body[:-1] + b", " * (len(body) > 2) + b'"x": 1, "\\u0078": 2}', "/x"),
            (b'{"deep": [[{"er": %s}]]}' % repeated, f"/deep/0/0/er/{name[1:-1].decode()}"),
        ):
            answer = await operation.send(body=spoiled)
            assert (answer.status_code, code(answer)) == (400, "duplicate-member"), operation
            assert inside in [error["pointer"] for error in answer.json()["errors"]], operation


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        "{}".encode("utf-32"),
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e400}',
        b'{"a": 9223372036854775808}',
        b'{"a": ' + b"1" * 5000 + b"}",
        b"{} {}",
        b"[" * 5000 + b"]" * 5000,
        b'{"a":' * 200 + b"1" + b"}" * 200,
        b'{"a": "\xff"}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": "\\u0000"}',
        b"{'a': 1}",
        b'{"a": 01}',
        b'{"a": "\x01"}',
        b'{"a": 1,}',
    ],
    ids=lambda body: repr(body[:20]),
)
async def test_what_is_no_json_is_refused(served: Served, body: bytes) -> None:
    for operation in with_bodies(served):
        if operation.path.endswith(":batch") and b"\\ud" in body:
            continue  # half a character is the fault of the one item that holds it
        answer = await operation.send(body=body)
        assert (answer.status_code, code(answer)) == (400, "malformed-request"), operation


async def test_a_value_in_a_body_has_one_spelling(served: Served) -> None:
    tried = set()
    for operation in with_bodies(served):
        for steps, kind in leaves(served, operation.body_schema, operation.body):
            for value in IN_JSON.get(kind, ()):
                tried.add(kind)
                body = orjson.dumps(changed(operation.body, steps, value))
                answer = await operation.send(body=body)
                where = f"{operation} {steps}={value!r}: {answer.text}"
                if "batch" in operation.path and steps[0] == "items":
                    assert answer.status_code in {200, 422}, where
                    assert '"failed"' in answer.text, where
                    continue
                assert answer.status_code in {400, 404, 412, 422}, where
                if answer.status_code == 422 and "errors" in answer.json():
                    pointers = [error["pointer"] for error in answer.json()["errors"]]
                    assert any(str(steps[0]) in pointer for pointer in pointers), where
    assert tried or served.name == "monitoring"


async def test_a_patch_names_members_that_there_are(served: Served) -> None:
    for operation in served.operations():
        if operation.media_type != "application/merge-patch+json":
            continue
        content = operation.content[operation.media_type]["schema"]["properties"]
        answered = operation.declared["responses"]["200"]["content"]["application/json"]["schema"]
        derived = served.resolved(answered)["properties"].keys() - content.keys()
        assert "version" in derived
        tag = (await served.client.get(operation.address)).headers["etag"]
        for name in {*derived, "phon", "Name", " name", ""}:
            for value in None, 1, "x", {}, {"x": None}:
                answer = await operation.send(
                    body=orjson.dumps({name: value}),
                    headers={"Content-Type": operation.media_type, "If-Match": tag},
                )
                assert (answer.status_code, code(answer)) == (422, "invalid-request"), operation
                pointers = [error["pointer"] for error in answer.json()["errors"]]
                assert any(each.startswith(f"/{name}") for each in pointers), (operation, name)
        for name, schema in content.items():
            if kind_of(served, schema) == "object":
                body = orjson.dumps({name: {"phon": None}})
                answer = await operation.send(
                    body=body, headers={"Content-Type": operation.media_type, "If-Match": tag}
                )
                assert answer.status_code == 422, (operation, name)


async def test_a_header_stands_once(served: Served) -> None:
    for operation in served.operations():
        for name in "Authorization", "Content-Type", "If-Match", "Idempotency-Key":
            value = served.client.headers.get(name, "x")
            answer = await operation.send(headers=[(name, value), (name, value)])
            # A client's own token stands beside what a request sends.
            assert (answer.status_code, code(answer)) == (400, "duplicate-header"), operation
            assert answer.json()["errors"][0]["pointer"] == name.lower()


async def test_a_body_comes_as_declared(served: Served) -> None:
    for operation in served.operations():
        taken = operation.media_type
        if taken is None:
            continue
        for kind, more in (
            (None, {}),
            ("text/plain", {}),
            ("application/x-www-form-urlencoded", {}),
            ("application/xml", {}),
            (f"{taken}; charset=gbk", {}),
            (f"{taken}; charset=utf-16", {}),
            (taken, {"Content-Encoding": "gzip"}),
        ):
            headers = {**({"Content-Type": kind} if kind else {}), **more}
            answer = await operation.send(body=b"{}", headers=headers)
            where = (operation, kind)
            assert (answer.status_code, code(answer)) == (415, "unsupported-media-type"), where
            if operation.method in {"POST", "PATCH"} and not more:
                assert answer.headers[f"accept-{operation.method}"] == taken, where


async def test_where_no_body_is_taken_an_empty_object_says_nothing(served: Served) -> None:
    json, text = {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}
    for operation in served.operations():
        if operation.media_type is not None:
            continue
        for body, headers in (
            (b'{"x": 1}', text),
            (b'{"x": 1}', json),
            (b"{}", text),
            (b"{}", {}),
            (b"[]", json),
            (b"null", json),
            (b" ", json),
            (b"{} {}", json),
            (b"{", json),
            (b"{}", {"Content-Type": "application/json; charset=utf-16"}),
        ):
            answer = await operation.send(body=body, headers=headers)
            where = (operation, body, headers)
            assert (answer.status_code, code(answer)) == (400, "malformed-request"), where
        if operation.method == "GET":
            answer = await operation.send(body=b"{}", headers=json)
            assert (answer.status_code, code(answer)) == (400, "malformed-request"), operation
            continue
        without = await operation.send(headers={})
        assert without.status_code != 400, (operation, without.text)
        for body, headers in (
            (b"", json),
            (b"{}", json),
            (b" {\r\n} ", {"Content-Type": "application/json; charset=utf-8"}),
        ):
            answer = await operation.send(body=body, headers=headers)
            # A second time may find that it was done.
            assert answer.status_code in {without.status_code, 409}, (operation, answer.text)


def leaves(
    served: Served, schema: Schema, value: Any, steps: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Yield the places of a document's values of a spelled type."""
    schema = served.resolved(schema)
    if isinstance(value, dict):
        for name, part in value.items():
            if name in schema.get("properties", {}):
                yield from leaves(served, schema["properties"][name], part, (*steps, name))
    elif isinstance(value, list) and "items" in schema:
        for place, part in enumerate(value):
            yield from leaves(served, schema["items"], part, (*steps, place))
    elif (kind := schema.get("format") or schema.get("type")) in IN_JSON:
        yield steps, str(kind)


def changed(document: Any, steps: tuple[Any, ...], value: Any) -> Any:
    """Return a document with another value at a place."""
    if not steps:
        return value
    copy = document.copy()
    copy[steps[0]] = changed(copy[steps[0]], steps[1:], value)
    return copy
