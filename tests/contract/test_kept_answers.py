"""A kept answer is given to who may still have it, and stands for what was sent, however written."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import orjson

from tests.contract.requests_of import JSON_BODIES, Operation, Served
from tests.contract.test_nothing_ignored import code

NEVER_KEPT = (":reveal", ":find")  # personal data: each time asked is a time revealed
ELSEWHERE = "330200000000"


def posts(served: Served) -> Iterator[Operation]:
    return (
        each
        for each in served.operations()
        if each.method == "POST"
        and (each.media_type is None or each.media_type in JSON_BODIES)
        and not each.path.endswith(NEVER_KEPT)
    )


async def ask(
    operation: Operation, key: str, client: httpx.AsyncClient, body: bytes | None
) -> httpx.Response:
    headers = {"Idempotency-Key": key, "If-Match": "*"}
    if body:
        headers["Content-Type"] = operation.media_type or ""
    return await operation.send(client=client, body=body, headers=headers)


async def test_who_asks_is_checked_each_time(served: Served) -> None:
    kept = 0
    for operation in posts(served):
        key = str(uuid4())
        body = orjson.dumps(operation.body) if operation.media_type else None
        first = await ask(operation, key, served.client, body)
        if not first.is_success:
            continue
        again = await ask(operation, key, served.client, body)
        assert again.headers.get("idempotency-replayed") == "true", operation
        assert (again.status_code, again.content) == (first.status_code, first.content), operation
        kept += 1
        async with served.another("nothing:at-all") as unscoped:
            answer = await ask(operation, key, unscoped, body)
            assert (answer.status_code, code(answer)) == (403, "forbidden"), operation
        async with served.another(division=ELSEWHERE) as moved:
            answer = await ask(operation, key, moved, body)
            assert answer.status_code in {403, 404}, (operation, answer.text)
            assert "idempotency-replayed" not in answer.headers, operation
        nobody = httpx.AsyncClient(transport=served.client._transport, base_url="http://service")
        answer = await ask(operation, key, nobody, body)
        assert answer.status_code == 401, operation
    assert kept or served.name == "monitoring"


async def test_the_same_written_otherwise_is_the_same(served: Served) -> None:
    kept = 0
    for operation in posts(served):
        if not operation.media_type:
            continue
        key, body = str(uuid4()), operation.body
        first = await ask(operation, key, served.client, orjson.dumps(body))
        if not first.is_success:
            continue
        for same in otherwise(body):
            again = await ask(operation, key, served.client, same)
            assert again.headers.get("idempotency-replayed") == "true", (operation, again.text)
        kept += 1
        name = next(name for name, value in body.items() if isinstance(value, str | list))
        other = orjson.dumps(body | {name: None})
        answer = await ask(operation, key, served.client, other)
        assert answer.status_code == 422, operation
    assert kept or served.name == "monitoring"


def otherwise(body: dict[str, Any]) -> Iterator[bytes]:
    """Yield the same document in another order, with other spaces and other escapes."""
    turned = dict(reversed(list(body.items())))
    yield orjson.dumps(turned)
    yield orjson.dumps(turned, option=orjson.OPT_INDENT_2) + b"\n\n"
    text = orjson.dumps(body).decode()
    yield "".join(one if one.isascii() else f"\\u{ord(one):04x}" for one in text).encode()
