"""Merge patches and conditional writes."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.problems import InvalidRequest, MalformedRequest
from shared.web.merge_patch import MEDIA_TYPE, merge, patched
from tests.shared.notes import NoteContent
from tests.shared.web.test_requests import code

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3))
names = st.sampled_from(["a", "b", "c"])
documents = st.recursive(scalars, lambda inner: st.dictionaries(names, inner), max_leaves=8)


def holds_null(document: Any) -> bool:
    if isinstance(document, dict):
        return any(map(holds_null, document.values()))
    return document is None


# RFC 7396, appendix A: target, patch, result.
@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merging_is_the_standards(target: Any, patch: Any, result: Any) -> None:
    assert merge(target, patch) == result


@given(documents, documents)
def test_a_patch_applied_twice_changes_no_more(target: Any, patch: Any) -> None:
    once = merge(target, patch)
    assert merge(once, patch) == once


@given(documents)
def test_an_object_without_null_is_reached_from_nothing(document: Any) -> None:
    if isinstance(document, dict) and not holds_null(document):
        assert merge({}, document) == document


def test_what_is_patched_is_validated_as_a_whole() -> None:
    current = NoteContent(text="a", place=3)
    assert patched(NoteContent, current, {"place": None}) == NoteContent(text="a", place=0)
    with pytest.raises(InvalidRequest) as refused:
        patched(NoteContent, current, {"text": None, "colour": "red"})
    found = {(pointer, kind) for pointer, kind, _ in refused.value.errors}
    assert found == {("/text", "missing"), ("/colour", "extra-forbidden")}


@pytest.mark.parametrize("patch", [{"phon": None}, {"": None}, {"Text": None}, {"id": None}])
def test_a_patch_that_removes_what_there_is_not_is_refused(patch: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        patched(NoteContent, NoteContent(text="a"), patch)
    found = {(pointer, kind) for pointer, kind, _ in refused.value.errors}
    assert found == {(f"/{next(iter(patch))}", "extra-forbidden")}


def test_a_bottomless_patch_is_refused() -> None:
    bottomless: dict[str, Any] = {}
    for _ in range(5000):
        bottomless = {"text": bottomless}
    with pytest.raises(MalformedRequest):
        patched(NoteContent, NoteContent(text="a"), bottomless)


async def patch(
    clerk: httpx.AsyncClient, location: str, content: Any, **headers: str
) -> httpx.Response:
    sent = {"Content-Type": MEDIA_TYPE} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return await clerk.request("PATCH", location, json=content, headers=sent)


async def test_updates_name_the_version_that_they_change(clerk: httpx.AsyncClient) -> None:
    created = await clerk.post("/v1/notes", json={"text": "a"})
    location, tag = created.headers["location"], created.headers["etag"]
    missing = await patch(clerk, location, {"text": "b"})
    assert (missing.status_code, code(missing)) == (428, "precondition-required")
    changed = await patch(clerk, location, {"text": "b"}, If_Match=tag)
    assert (changed.status_code, changed.json()["text"]) == (200, "b")
    assert changed.headers["etag"] != tag
    now = changed.headers["etag"]
    for old in tag, '"99"', "nonsense", '"999999999999999999999999"', f"W/{now}", f'{tag}, "7"':
        refused = await patch(clerk, location, {"text": "c"}, If_Match=old)
        assert (refused.status_code, code(refused)) == (412, "precondition-failed")
        assert refused.headers["etag"] == changed.headers["etag"]
        assert refused.json()["current"] == changed.json()
    for good in f"{tag}, {now}", "*":
        later = await patch(clerk, location, {"text": good[:20]}, If_Match=good)
        assert (later.status_code, later.json()["text"]) == (200, good[:20])
    assert (await clerk.get(location)).headers["etag"] == later.headers["etag"]


async def test_a_patch_that_changes_nothing_keeps_the_version(clerk: httpx.AsyncClient) -> None:
    created = await clerk.post("/v1/notes", json={"text": "a"})
    location, tag = created.headers["location"], created.headers["etag"]
    assert (await patch(clerk, location, {}, If_Match=tag)).headers["etag"] == tag
    assert len((await clerk.get(f"{location}/history")).json()["items"]) == 1


async def test_a_patch_is_an_object_in_its_own_media_type(clerk: httpx.AsyncClient) -> None:
    created = await clerk.post("/v1/notes", json={"text": "a"})
    location, tag = created.headers["location"], created.headers["etag"]
    plain = await clerk.patch(location, json={"text": "b"}, headers={"If-Match": tag})
    assert (plain.status_code, code(plain)) == (415, "unsupported-media-type")
    listed = await patch(clerk, location, [1], If_Match=tag)
    assert (listed.status_code, code(listed)) == (422, "invalid-request")
