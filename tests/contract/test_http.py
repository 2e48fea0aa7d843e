"""Methods, formats and conditional requests, as HTTP has them, on every path of every service."""

from collections import defaultdict
from itertools import product

import orjson

from shared.testing.depth import Turns
from tests.contract.requests_of import JSON_BODIES, Served
from tests.contract.test_nothing_ignored import code

EVERY_METHOD = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"}
OPERATORS_PATHS = ("/healthz", "/readyz", "/docs", "/openapi.json", "/docs/problems")


async def test_every_path_says_what_it_takes(served: Served) -> None:
    taken, addresses = defaultdict(set), {}
    for operation in served.operations():
        taken[operation.path].add(operation.method)
        addresses[operation.path] = operation.address
    for path, methods in taken.items():
        allowed = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        options = await served.client.options(addresses[path])
        assert (options.status_code, options.content) == (204, b""), path
        assert set(options.headers["allow"].split(", ")) == allowed, path
        for method in "POST", "PATCH":
            assert (f"accept-{method}" in options.headers) <= (method in methods), path
        for other in EVERY_METHOD - allowed:
            answer = await served.client.request(other, addresses[path])
            assert answer.status_code == 405, (other, path)
            assert other == "HEAD" or code(answer) == "method-not-allowed"
            assert set(answer.headers["allow"].split(", ")) == allowed, (other, path)
    assert (await served.client.options("/v1/nothing")).status_code == 404


async def test_head_is_get_without_its_body(served: Served) -> None:
    asked = [
        (operation.address, operation.query)
        for operation in served.operations()
        if operation.method == "GET"
    ]
    for address in OPERATORS_PATHS:
        assert (await served.client.head(address)).status_code == 200, address
    for address, query in asked:
        got = await served.client.get(address, params=query)
        head = await served.client.head(address, params=query)
        assert (head.status_code, head.content) == (got.status_code, b""), address
        for name in "content-type", "etag", "content-length":
            if got.is_success:
                assert head.headers.get(name) == got.headers.get(name), (address, name)


async def test_what_is_known_is_not_sent_again(served: Served) -> None:
    tagged, turns = 0, Turns[str]()
    for operation in served.operations():
        if operation.method != "GET":
            continue
        got = await operation.send()
        if got.status_code != 200 or "content-length" not in got.headers:
            continue  # a stream has no ETag: what it holds is not known before it has left
        tag = got.headers["etag"]
        assert tag.startswith('"'), operation
        tagged += 1
        matching = (tag, f"W/{tag}", "*", f'"other", {tag}', f'W/"x" , W/{tag}')
        for known in turns.of(matching, 2):
            again = await operation.send(headers={"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b""), (operation, known)
            assert again.headers["etag"] == tag, operation
        for other in turns.of(('"other"', tag.strip('"'), "", 'W/"other", "3', tag[:-1]), 2):
            again = await operation.send(headers={"If-None-Match": other})
            assert (again.status_code, again.content) == (200, got.content), (operation, other)
        lines = [("If-None-Match", '"other"'), ("If-None-Match", tag)]
        assert (await operation.send(headers=lines)).status_code == 304, operation
    assert tagged


async def test_a_change_is_made_on_the_version_that_was_read(served: Served) -> None:
    changed = 0
    for operation in served.operations():
        if operation.media_type != "application/merge-patch+json":
            continue
        got = await served.client.get(operation.address)
        tag, headers = got.headers["etag"], {"Content-Type": operation.media_type}
        for stale in '"0"', f"W/{tag}", f'"0", W/{tag}', tag.strip('"'), '"x"', f"*, {tag}x":
            answer = await operation.send(body=b"{}", headers=headers | {"If-Match": stale})
            assert (answer.status_code, code(answer)) == (412, "precondition-failed"), stale
            assert answer.headers["etag"] == tag
        for right in tag, "*", f'"0", {tag}', f' "x" ,{tag}':
            answer = await operation.send(body=b"{}", headers=headers | {"If-Match": right})
            assert answer.status_code == 200, (operation, right, answer.text)
            assert answer.headers["etag"] == tag
        missing = await operation.send(body=b"{}", headers=headers)
        assert (missing.status_code, code(missing)) == (428, "precondition-required")
        changed += 1
    assert changed or served.name == "monitoring"


async def test_what_is_read_is_what_the_condition_names(served: Served) -> None:
    turns, read_as = Turns[tuple[str, dict[str, str]]](), Turns[str]()
    for operation in served.operations():
        if operation.method != "GET":
            continue
        got = await operation.send()
        if got.status_code != 200:
            for header in "If-Match", "If-None-Match":  # what fails fails by itself
                answer = await operation.send(headers={header: '"other"'})
                assert answer.status_code == got.status_code, (operation, header)
            continue
        tag = got.headers.get("etag", '"any"')
        right = ["*"] if "etag" not in got.headers else ["*", tag, f'"x", {tag}', f"W/{tag},{tag}"]
        for read in read_as.of(right, 2):
            answer = await operation.send(headers={"If-Match": read})
            assert answer.status_code == 200, (operation, read)
            answer = await operation.send(headers={"If-Match": read, "If-None-Match": "*"})
            assert answer.status_code == 304, (operation, read)
        wrong = ('"other"', f"W/{tag}", tag.strip('"'), "", f"*, {tag}x")
        unless: tuple[dict[str, str], ...] = ({}, {"If-None-Match": tag}, {"If-None-Match": "*"})
        for read, known in turns.of(list(product(wrong, unless)), 4):
            answer = await operation.send(headers={"If-Match": read, **known})
            assert (answer.status_code, code(answer)) == (412, "precondition-failed"), (
                operation,
                read,
            )
            assert answer.headers.get("etag") == got.headers.get("etag"), operation


async def test_nothing_is_changed_that_the_condition_excludes(served: Served) -> None:
    for operation in served.operations():
        named = {name.lower() for name, _ in operation.parameters("header")}
        if operation.method == "GET" or "if-match" not in named:
            continue
        assert "if-none-match" in named, operation
        # What a version is of: /v1/releases/{id} of /v1/releases/{id}/rules/{rule}.
        address = "/".join(operation.address.partition(":")[0].split("/")[:4])
        before = await served.client.get(address)
        if before.status_code != 200 or operation.media_type not in {None, *JSON_BODIES}:
            continue
        tag, typed = before.headers["etag"], {"Content-Type": operation.media_type or ""}
        body = b"" if operation.media_type is None else orjson.dumps(operation.body)
        for excluded in "*", tag, f"W/{tag}", f'"other", {tag}':
            for read in tag, '"0"':
                headers = typed | {"If-Match": read, "If-None-Match": excluded}
                answer = await operation.send(body=body, headers=headers)
                where = (operation, read, excluded, answer.text)
                assert answer.status_code in {412, 422}, where
                if answer.status_code == 412:
                    assert ("current" in answer.json()) == (read == '"0"'), where
                assert (await served.client.get(address)).content == before.content, where


async def test_a_file_may_be_put_where_none_is(served: Served) -> None:
    for operation in served.operations():
        if operation.method != "PUT" or operation.media_type != "application/yaml":
            continue
        for address, excluded in (
            (operation.address, True),
            (operation.address.replace("zero_out", "another"), False),
        ):
            answer = await operation.send(
                address=address,
                body=b"[]",
                headers={"Content-Type": "application/yaml", "If-Match": "*", "If-None-Match": "*"},
            )
            assert (answer.status_code == 412) == excluded, (address, answer.text)


async def test_what_is_created_is_not_there_yet(served: Served) -> None:
    excluded = 0
    for operation in served.operations():
        if operation.method != "POST" or "201" not in operation.declared["responses"]:
            continue
        assert "If-None-Match" in dict(operation.parameters("header")), operation
        body, typed = orjson.dumps(operation.body), {"Content-Type": operation.media_type}
        await operation.send(body=body, headers=typed)
        again = await operation.send(body=body, headers=typed)
        unless = await operation.send(body=body, headers=typed | {"If-None-Match": "*"})
        other = await operation.send(body=body, headers=typed | {"If-None-Match": '"1"'})
        assert other.status_code == again.status_code, operation
        if again.status_code == 409:
            assert (unless.status_code, code(unless)) == (412, "precondition-failed"), operation
            assert unless.json()["conflict"] == code(again), operation
            assert unless.json()["detail"] == again.json()["detail"], operation
            excluded += 1
        else:
            assert unless.status_code == again.status_code, (operation, unless.text)
    assert excluded or served.name != "registry"


async def test_only_what_is_offered_is_accepted(served: Served) -> None:
    refusals, acceptances = Turns[str](), Turns[str]()
    for operation in served.operations():
        offered = {
            media_type
            for status, response in operation.declared["responses"].items()
            if status.startswith("2")
            for media_type in response.get("content", ())
        }
        media_type = min(offered)
        others = (
            "image/webp",
            f"{media_type};q=0",
            f"{media_type};q=0.000",
            f"{media_type};charset=gbk",
            "text/csv, image/*;q=0.8",
            f"{media_type};q=nan",
            f"{media_type};q=2",
        )
        for refused in refusals.of(others, 3):
            answer = await operation.send(headers={"Accept": refused})
            assert (answer.status_code, code(answer)) == (406, "not-acceptable"), (
                operation,
                refused,
            )
        its_names = (
            media_type,
            media_type.upper(),
            f"{media_type};charset=utf-8",
            f"image/webp, {media_type};q=0.1",
            "*/*;q=0.5",
            f"{media_type.split('/')[0]}/*",
        )
        for accepted in acceptances.of(its_names, 2):
            answer = await operation.send(headers={"Accept": accepted})
            assert answer.status_code != 406, (operation, accepted)
        lines = [("Accept", "image/webp"), ("Accept", media_type)]
        assert (await operation.send(headers=lines)).status_code != 406, operation
