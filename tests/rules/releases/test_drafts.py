"""Drafts: their files as a map, an archive, one by one, and as documents."""

import zipfile
from io import BytesIO
from typing import Any

import httpx
import pytest

from services.rules.releases.archive import pack
from services.rules.releases.domain import MAX_FILE_BYTES, MAX_FILES
from services.rules.vocabulary import policy_digest
from tests.rules.releases.conftest import Releases, code, match
from tests.rules.releases.policies import FILES, HOME_PATH, INCOME_PATH, LINES_PATH, RAISED

YAML = {"Content-Type": "application/yaml"}


async def send(
    releases: Releases, draft: dict[str, Any], method: str, part: str, **content: Any
) -> httpx.Response:
    """Edit a draft at the version given."""
    headers = match(draft) | content.pop("headers", {})
    address = f"/v1/releases/{draft['id']}/{part}"
    return await releases.drafter.request(method, address, headers=headers, **content)


def archive(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as written:
        for name, text in members:
            written.writestr(name, text)
    return content.getvalue()


async def test_a_draft_starts_with_the_files_of_the_release_in_force(releases: Releases) -> None:
    draft = await releases.draft()
    assert (await releases.read(draft, "/files"))["files"] == FILES
    assert draft["digest"] == policy_digest(FILES)
    assert (draft["changed_files"], draft["edited_by"]) == ({}, ["drafter"])
    based_on = await releases.draft(based_on=draft["based_on"])
    assert (based_on["number"], based_on["based_on"]) == (3, draft["based_on"])
    taken = await releases.drafter.post("/v1/releases", json={"title": "x", "id": draft["id"]})
    assert (taken.status_code, code(taken.json())) == (409, "conflict")
    assert "已存在" in taken.json()["detail"]
    nowhere = "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"
    missing = await releases.drafter.post("/v1/releases", json={"title": "x", "based_on": nowhere})
    assert missing.status_code == 404


async def test_an_export_imported_again_is_the_same_release(releases: Releases) -> None:
    changed = await releases.raised()
    exported = await releases.drafter.get(f"/v1/releases/{changed['id']}/archive")
    assert exported.headers["content-type"] == "application/zip"
    files = {"file": ("release.zip", exported.content, "application/zip")}
    copy = (await send(releases, await releases.draft(), "PUT", "archive", files=files)).json()
    assert copy["files_digest"] == changed["files_digest"]
    assert copy["digest"] == changed["digest"] == policy_digest(FILES | {LINES_PATH: RAISED})
    again = await releases.drafter.get(f"/v1/releases/{copy['id']}/archive")
    assert again.content == exported.content
    same = await send(releases, copy, "PUT", "archive", files=files)
    assert same.json()["version"] == copy["version"]


async def test_files_come_change_and_go_one_by_one(releases: Releases) -> None:
    draft = await releases.raised()
    address = f"/v1/releases/{draft['id']}/files/{LINES_PATH}"
    answer = await releases.drafter.get(address)
    assert (answer.text, answer.headers["etag"]) == (RAISED, f'"{draft["version"]}"')
    gone = (await send(releases, draft, "DELETE", f"files/{HOME_PATH}")).json()
    assert gone["changed_files"] == {LINES_PATH: "changed", HOME_PATH: "removed"}
    assert (await send(releases, gone, "DELETE", f"files/{HOME_PATH}")).status_code == 404
    assert (
        await releases.drafter.get(f"/v1/releases/{draft['id']}/files/{HOME_PATH}")
    ).status_code == 404
    whole = (await send(releases, gone, "PUT", "files", json={"files": FILES})).json()
    assert whole["changed_files"] == {}
    assert whole["files_digest"] != gone["files_digest"]
    as_json = await send(releases, whole, "PUT", f"files/{HOME_PATH}", json={})
    assert as_json.status_code == 415


@pytest.mark.parametrize(
    ("path", "text", "refusal"),
    [
        ("facts/../x.yaml", b"", "policy-file-path"),
        ("rules/a.yml", b"", "policy-file-path"),
        ("secrets/a.yaml", b"", "policy-file-path"),
        ("rules/A.yaml", b"", "policy-file-path"),
        ("rules/a.yaml", b"\xff", "policy-file-not-utf-8"),
        ("rules/a.yaml", "\ufeffid: a".encode(), "policy-file-characters"),
        ("rules/a.yaml", b"x" * (MAX_FILE_BYTES + 1), "policy-file-too-large"),
    ],
)
async def test_files_that_no_policy_has_are_refused(
    releases: Releases, path: str, text: bytes, refusal: str
) -> None:
    draft = await releases.draft()
    files = {"file": ("a.zip", archive((path, text)), "application/zip")}
    for answer in (
        await send(releases, draft, "PUT", "archive", files=files),
        await send(
            releases,
            draft,
            "PUT",
            f"files/{path.replace('..', '%2e%2e')}",
            content=text,
            headers=YAML,
        ),
    ):
        assert answer.status_code == 422, answer.text
        assert code(answer.json()) == "policy-files-refused"
        assert [error["code"] for error in answer.json()["errors"]] == [refusal]


async def test_half_a_character_is_refused_in_a_file(releases: Releases) -> None:
    draft = await releases.draft()
    body = b'{"files": {"rules/a.yaml": "\\ud800"}}'
    headers = {"Content-Type": "application/json"}
    answer = await send(releases, draft, "PUT", "files", content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert [error["code"] for error in answer.json()["errors"]] == ["string-unicode"]


def _encrypted() -> bytes:
    content = bytearray(archive(("rules/a.yaml", b"id: a")))
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(header) + flags] |= 1
    return bytes(content)


def _damaged() -> bytes:
    content = bytearray(archive(("rules/a.yaml", b"id: a" * 100)))
    content[45] ^= 0xFF
    return bytes(content)


def _twice() -> bytes:
    content = archive(("rules/a.yaml", b"1"), ("rules/b.yaml", b"2"))
    return content.replace(b"rules/b.yaml", b"rules/a.yaml")


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", "policy-archive-unreadable"),
        (b"PK\x03\x04 no archive", "policy-archive-unreadable"),
        (_encrypted(), "policy-archive-unreadable"),
        (_damaged(), "policy-archive-unreadable"),
        (_twice(), "policy-file-repeated"),
        (archive(("/rules/a.yaml", b"")), "policy-file-path"),
        (archive(("rules/a.yaml", b"\x00")), "policy-file-characters"),
        (archive(("rules/a.yaml", b"0" * 50_000_000)), "policy-file-too-large"),
        (
            archive(*((f"rules/a{n}.yaml", b"0" * MAX_FILE_BYTES) for n in range(40))),
            "policy-file-too-large",
        ),
        (
            archive(*((f"rules/a{n}.yaml", b"") for n in range(MAX_FILES + 1))),
            "policy-files-too-many",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "archive",
)
async def test_archives_are_bounded_and_read_or_refused(
    releases: Releases, content: bytes, refusal: str
) -> None:
    files = {"file": ("a.zip", content, "application/zip")}
    answer = await send(releases, await releases.draft(), "PUT", "archive", files=files)
    assert answer.status_code == 422, answer.text
    assert [error["code"] for error in answer.json()["errors"]] == [refusal]


async def test_folders_in_an_archive_are_passed_over(releases: Releases) -> None:
    content = BytesIO(pack(FILES))
    with zipfile.ZipFile(content, "a") as written:
        written.writestr("rules/", b"")
    files = {"file": ("a.zip", content.getvalue(), "application/zip")}
    answer = await send(releases, await releases.raised(), "PUT", "archive", files=files)
    assert answer.json()["changed_files"] == {}


async def test_rules_and_parameters_are_edited_as_documents(releases: Releases) -> None:
    draft = await releases.draft()
    address = f"/v1/releases/{draft['id']}"
    line = (await releases.drafter.get(f"{address}/parameters/line")).json()
    line["values"].append({"value": "9000.00", "from": "2021-01-01"})
    draft = (await send(releases, draft, "PUT", "parameters/line", json=line)).json()
    text = (await releases.drafter.get(f"{address}/files/{LINES_PATH}")).text
    assert text == FILES[LINES_PATH] + "      - {value: '9000.00', from: 2021-01-01}\n"
    rule = (await releases.drafter.get(f"{address}/rules/household.income")).json()
    rule |= {"id": "household.wealth", "title": {"zh": "富裕", "en": "wealth"}}
    new = "rules/household.wealth?family=eligibility"
    draft = (await send(releases, draft, "PUT", new, json=rule)).json()
    assert draft["changed_files"]["rules/eligibility/household/wealth.yaml"] == "added"
    draft = (await send(releases, draft, "DELETE", "rules/household.wealth")).json()
    draft = (await send(releases, draft, "DELETE", "rules/household.income")).json()
    draft = (await send(releases, draft, "DELETE", "parameters/line")).json()
    assert draft["changed_files"] == {
        LINES_PATH: "removed",
        INCOME_PATH: "removed",
        INCOME_PATH.replace(".yaml", ".cases.yaml"): "removed",
    }
    for part in ("rules/household.income", "parameters/line"):
        assert (await send(releases, draft, "GET", part)).status_code == 404
        assert (await send(releases, draft, "DELETE", part)).status_code == 404


@pytest.mark.parametrize(
    ("part", "document", "status", "refusal"),
    [
        ("rules/household.home", {"id": "household.other"}, 422, "name-differs"),
        ("parameters/line", {"name": "other"}, 422, "name-differs"),
        ("rules/household.home", {}, 422, "policy-key-missing"),
        ("rules/home", {"subject": "household"}, 422, "policy-name"),
        ("rules/household.home", {"subject": "household", "value": 1.5}, 422, "policy-document"),
        ("rules/household.home", {"subject": "household", "value": None}, 422, "policy-document"),
        ("parameters/LINE", {}, 422, "policy-name"),
        ("parameters/lines", {"min": 1}, 409, "conflict"),
    ],
)
async def test_documents_that_no_file_can_hold_are_refused(
    releases: Releases, part: str, document: dict[str, Any], status: int, refusal: str
) -> None:
    answer = await send(releases, await releases.draft(), "PUT", part, json=document)
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert refusal in [code(problem), *(error["code"] for error in problem.get("errors", []))]


async def test_a_document_is_refused_as_itself_and_not_as_a_file(releases: Releases) -> None:
    answer = await send(releases, await releases.draft(), "PUT", "rules/household.a", json={})
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("", "policy-key-missing")
    assert "subject" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"subject": "household", "value": NaN}',
        b'{"subject": "household", "value": "\\ud800"}',
        b'{"subject": "household", "value": ' + b"[" * 500 + b"1" + b"]" * 500 + b"}",
        b"[]",
        b"{",
        b'{"subject": "household", "\\ud800": 1}',
        b'{"subject": "household", "value": 123456789012345678901234567890}',
    ],
)
async def test_odd_documents_are_refused_and_never_a_crash(releases: Releases, body: bytes) -> None:
    draft = await releases.draft()
    headers = {"Content-Type": "application/json"}
    for part in ("rules/household.home", "parameters/line", "files"):
        answer = await send(releases, draft, "PUT", part, content=body, headers=headers)
        assert answer.status_code in (400, 422), answer.text


async def test_the_title_and_the_summary_are_amended(releases: Releases) -> None:
    draft = await releases.draft(summary=None)
    headers = {"Content-Type": "application/merge-patch+json"}
    address = f"/v1/releases/{draft['id']}"
    for patch, status in (({"summary": "说明"}, 200), ({"title": " "}, 422), ({"state": "x"}, 422)):
        current = await releases.read(draft)
        answer = await releases.drafter.patch(address, json=patch, headers=headers | match(current))
        assert answer.status_code == status, answer.text
    assert (await releases.read(draft))["summary"] == "说明"
