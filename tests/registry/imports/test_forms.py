"""A form is taken as declared: a misspelt trial run is no import, and one file sent twice is one."""

import json

import pytest

from tests.registry.imports.conftest import Desk
from tests.registry.imports.workbooks import everything, workbook

BOOK = workbook(everything())
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def form(*parts: tuple[bytes, bytes], boundary: str = "b") -> tuple[bytes, dict[str, str]]:
    """Return a form's body and headers; a part is its disposition and its content."""
    body = b"".join(
        b"--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (boundary.encode(), *part)
        for part in parts
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return body + f"--{boundary}--\r\n".encode(), headers


def file(name: bytes = b"a.xlsx") -> tuple[bytes, bytes]:
    return b'name="files"; filename="%s"' % name, BOOK


@pytest.mark.parametrize(
    ("parts", "status", "code", "pointer"),
    [
        ([(b'name="dryrun"', b"true")], 422, "extra-forbidden", "/dryrun"),
        ([(b'name="Dry_run"', b"true")], 422, "extra-forbidden", "/Dry_run"),
        ([(b'name="file"; filename="b.xlsx"', BOOK)], 422, "extra-forbidden", "/file"),
        ([(b'name="dry_run"', b"1")], 422, "bool-parsing", "/dry_run"),
        ([(b'name="dry_run"', b"yes")], 422, "bool-parsing", "/dry_run"),
        ([(b'name="dry_run"', b"")], 422, "bool-parsing", "/dry_run"),
        ([(b'name="dry_run"; filename="x"', b"true")], 422, "bool-parsing", "/dry_run"),
        ([(b'name="dry_run"', b"true")] * 2, 400, "duplicate-member", "/dry_run"),
        ([(b'name="mode"', b"each_row")] * 2, 400, "duplicate-member", "/mode"),
        ([(b'name="mode"', b"")], 422, "blank", "/mode"),
        ([(b'name="mode"', b"EACH_ROW")], 422, "enum", "/mode"),
    ],
)
async def test_a_part_that_is_not_as_declared_is_refused(
    drill: Desk, parts: list[tuple[bytes, bytes]], status: int, code: str, pointer: str
) -> None:
    body, headers = form(file(), *parts)
    answer = await drill.client.post("/v1/imports", content=body, headers=headers)
    found = [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert (answer.status_code, found) == (status, [(pointer, code)])


@pytest.mark.parametrize(
    "disposition",
    [
        b'name="files"; filename="%s"' % "登记.xlsx".encode("gbk"),
        b'name="files"; filename="a\x00.xlsx"',
        b"name=\"files\"; filename*=GBK''%B5%C7.xlsx",
        b"name=\"files\"; filename*=UTF-8''%FF.xlsx",
        b'name="dry_run\xff"',
        b'filename="no-name.xlsx"',
    ],
)
async def test_a_name_that_cannot_be_read_is_refused(drill: Desk, disposition: bytes) -> None:
    body, headers = form((disposition, BOOK))
    answer = await drill.client.post("/v1/imports", content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert json.loads(answer.content)["type"] == "urn:qingling:problem:malformed-request"


@pytest.mark.parametrize(
    "disposition",
    [
        b'name="files"; filename="%s"' % "登记.xlsx".encode(),
        b"name=\"files\"; filename*=UTF-8''%E7%99%BB%E8%AE%B0.xlsx",
        b'name="files"; filename="x.xlsx"; filename*=utf-8\'zh\'%E7%99%BB%E8%AE%B0.xlsx',
    ],
)
async def test_a_files_name_is_kept_exactly(drill: Desk, disposition: bytes) -> None:
    body, headers = form((disposition, BOOK), (b'name="dry_run"', b"true"))
    answer = await drill.client.post("/v1/imports", content=body, headers=headers)
    assert answer.status_code == 202, answer.text
    assert [each["name"] for each in answer.json()["files"]] == ["登记.xlsx"]


async def test_one_file_sent_twice_under_a_key_is_one_import(drill: Desk) -> None:
    key = {"Idempotency-Key": "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0e"}
    trial = (b'name="dry_run"', b"true")
    answers = []
    for boundary, parts in ("b", [file(), trial]), ("other-boundary", [trial, file()]):
        body, headers = form(*parts, boundary=boundary)
        answers.append(await drill.client.post("/v1/imports", content=body, headers=headers | key))
    first, again = answers
    assert (first.status_code, again.status_code) == (202, 202), again.text
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json()["id"] == first.json()["id"]
    for other in (
        [file(b"b.xlsx"), trial],
        [file()],
        [(file()[0], BOOK + b"\0"), trial],
        [file(), file(), trial],
    ):
        body, headers = form(*other)
        refused = await drill.client.post("/v1/imports", content=body, headers=headers | key)
        assert refused.json()["type"] == "urn:qingling:problem:idempotency-key-reused"
