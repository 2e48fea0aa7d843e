"""Who may read a release, who may change it, and for whom it does not exist."""

from typing import Any

import httpx
import pytest

from tests.rules.conftest import COUNTY, CallerMaker
from tests.rules.releases.conftest import Releases, match

DOCUMENT = {"subject": "household"}
READS = (
    "",
    "/history",
    "/files",
    "/archive",
    "/files/facts/household.yaml",
    "/rules/household.home",
    "/parameters/line",
)
IMPACT = ("/impact", "/impact/flips")
PATCH = {"Content-Type": "application/merge-patch+json"}
YAML = {"Content-Type": "application/yaml"}
EDITS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("PATCH", "", {"json": {"summary": "x"}, "headers": PATCH}),
    ("PUT", "/files", {"json": {"files": {}}}),
    ("PUT", "/archive", {"files": {"file": ("a.zip", b"", "application/zip")}}),
    ("PUT", "/files/rules/a.yaml", {"content": b"id: a", "headers": YAML}),
    ("DELETE", "/files/facts/household.yaml", {}),
    ("PUT", "/rules/household.home", {"json": DOCUMENT}),
    ("DELETE", "/rules/household.home", {}),
    ("PUT", "/parameters/line", {"json": DOCUMENT}),
    ("DELETE", "/parameters/line", {}),
    ("POST", ":propose", {"json": {}}),
    ("POST", ":assess", {"json": {}}),
    ("POST", ":withdraw", {"json": {"reason": "x"}}),
)
DECISIONS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("POST", ":approve", {}),
    ("POST", ":reject", {"json": {"reason": "x"}}),
    ("POST", ":schedule", {"json": {"in_force_from": "2020-11-01"}}),
)
WRITES = EDITS + DECISIONS


async def ask(
    client: httpx.AsyncClient, release: dict[str, Any], method: str, part: str, **content: Any
) -> int:
    """The status of what a client is answered."""
    read = {} if method == "GET" else match(release)
    headers = read | content.pop("headers", {})
    address = f"/v1/releases/{release['id']}{part}"
    return (await client.request(method, address, headers=headers, **content)).status_code


async def test_strangers_are_turned_away(
    releases: Releases, nobody: httpx.AsyncClient, caller: CallerMaker
) -> None:
    draft = await releases.draft()
    unscoped = caller("boards:read")
    for method, part, content in (*(("GET", part, {}) for part in READS + IMPACT), *WRITES):
        assert await ask(nobody, draft, method, part, **content) == 401, part
        assert await ask(unscoped, draft, method, part, **content) == 403, part
    for client, status in ((nobody, 401), (unscoped, 403)):
        assert (await client.get("/v1/releases")).status_code == status
        assert (await client.post("/v1/releases", json={"title": "x"})).status_code == status
        assert await ask(client, draft, "POST", ":check") == status


async def test_each_scope_opens_its_own_routes(releases: Releases, caller: CallerMaker) -> None:
    draft = await releases.draft()
    reader, drafter = caller("policy:read"), caller("releases:draft")
    approver = caller("releases:approve")
    for method, part, content in EDITS:
        assert await ask(reader, draft, method, part, **content) == 403, part
        assert await ask(approver, draft, method, part, **content) == 403, part
    for method, part, content in DECISIONS:
        assert await ask(drafter, draft, method, part, **content) == 403, part


async def test_a_county_reads_releases_and_changes_none(
    releases: Releases, caller: CallerMaker
) -> None:
    draft = await releases.draft()
    county = caller(division=COUNTY)
    for part in READS:
        assert await ask(county, draft, "GET", part) == 200, part
    assert await ask(county, draft, "POST", ":check") == 200
    listed = (await county.get("/v1/releases?count=true")).json()
    assert [release["number"] for release in listed["items"]] == [2, 1]
    assert (await county.post("/v1/releases", json={"title": "x"})).status_code == 404
    for method, part, content in WRITES:
        assert await ask(county, draft, method, part, **content) == 404, part


async def test_what_does_not_exist_is_not_found(releases: Releases) -> None:
    nowhere = {"id": "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d", "version": 1}
    for method, part, content in (*(("GET", part, {}) for part in READS + IMPACT), *WRITES):
        assert await ask(releases.drafter, nowhere, method, part, **content) == 404, part
    draft = await releases.draft()
    for part in IMPACT:
        assert await ask(releases.drafter, draft, "GET", part) == 404


@pytest.mark.parametrize(
    ("method", "part", "body"),
    [
        ("POST", ":schedule", {"in_force_from": "2020-13-01"}),
        ("POST", ":schedule", {"in_force_from": 20201101}),
        ("POST", ":schedule", {"in_force_from": "9999-12-31"}),
        ("POST", ":reject", {"reason": " "}),
        ("POST", ":withdraw", {}),
        ("POST", ":propose", {"judged_on": "yesterday"}),
        ("PUT", "/files", {"files": {"rules/a.yaml": 5}}),
    ],
)
async def test_bodies_that_make_no_sense_are_refused(
    releases: Releases, method: str, part: str, body: Any
) -> None:
    assert await ask(releases.approver, await releases.draft(), method, part, json=body) == 422


async def test_a_release_is_read_as_it_was_known(releases: Releases) -> None:
    draft = await releases.raised()
    address = f"/v1/releases/{draft['id']}?known_at="
    known = await releases.drafter.get(address + "2020-10-02T00:00:00%2B08:00")
    assert (known.json()["state"], known.headers["etag"]) == ("draft", f'"{draft["version"]}"')
    assert (await releases.drafter.get(address + "2019-10-02T00:00:00Z")).status_code == 404
