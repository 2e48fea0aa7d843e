"""What no route has to care about: unreadable requests, limits, failures, languages, ids."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request

from shared.db.database import Database
from shared.problems import Problem, problem_response
from shared.testing.clients import client_of
from shared.values.bilingual import Bilingual
from tests.shared.conftest import AppMaker
from tests.shared.notes import NoteRow


def code(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["request_id"] == answer.headers["x-request-id"]
    kind: str = body["type"]
    return kind.removeprefix("urn:qingling:problem:")


async def stored(database: Database) -> int:
    async with database.driver() as driver:
        count: int = await driver.fetchval("SELECT count(*) FROM notes")
    return count


async def test_unknown_query_parameters_are_named(clerk: httpx.AsyncClient) -> None:
    answer = await clerk.get("/v1/notes", params={"offset": "5", "limit": "2"})
    assert (answer.status_code, code(answer)) == (400, "unknown-parameter")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["offset"]
    assert (await clerk.post("/v1/notes?dry=1", json={"text": "a"})).status_code == 400


@pytest.mark.parametrize(
    ("method", "address", "body"),
    [
        ("GET", "/v1/notes/named/a%00b", None),
        ("GET", "/v1/notes?cursor=%00", None),
        ("POST", "/v1/notes", b'{"text": "a\\u0000b"}'),
        ("POST", "/v1/notes", b'{"text": "a\x00b"}'),
        ("PATCH", "/v1/notes/0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d", b'{"text": "\\u0000"}'),
    ],
)
async def test_nul_is_refused_wherever_it_stands(
    clerk: httpx.AsyncClient, method: str, address: str, body: bytes | None
) -> None:
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    answer = await clerk.request(method, address, content=body, headers={"Content-Type": kind})
    assert (answer.status_code, code(answer)) == (400, "malformed-request")


async def test_an_escaped_backslash_before_u0000_is_no_nul(clerk: httpx.AsyncClient) -> None:
    answer = await clerk.post("/v1/notes", json={"text": "\\u0000"})
    assert (answer.status_code, answer.json().get("text")) == (201, "\\u0000")


async def test_a_body_over_the_limit_is_refused(
    clerk: httpx.AsyncClient, database: Database
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b" " * 100

    headers = {"Content-Type": "application/json"}
    for body in b" " * 2001, chunks():
        answer = await clerk.post("/v1/notes", content=body, headers=headers)
        assert (answer.status_code, code(answer)) == (413, "payload-too-large")
    assert await stored(database) == 0
    just = b'{"text": "a"}'.ljust(2000)
    assert (await clerk.post("/v1/notes", content=just, headers=headers)).status_code == 201


async def test_a_senseless_content_length_is_no_crash(clerk: httpx.AsyncClient) -> None:
    answer = await clerk.post("/v1/notes", json={"text": "a"}, headers={"Content-Length": "many"})
    assert answer.status_code < 500


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 1900, b'{"text": "a"} x', b"1" * 1900, b'{"text": NaN}']
)
@pytest.mark.parametrize(
    ("method", "address", "kind"),
    [
        ("POST", "/v1/notes", "application/json"),
        (
            "PATCH",
            "/v1/notes/0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d",
            "application/merge-patch+json",
        ),
    ],
)
async def test_broken_json_is_the_callers_fault(
    clerk: httpx.AsyncClient, method: str, address: str, kind: str, body: bytes
) -> None:
    headers = {"Content-Type": kind, "If-Match": '"1"'}
    answer = await clerk.request(method, address, content=body, headers=headers)
    assert answer.status_code in {400, 404, 422}, answer.text
    code(answer)


async def test_half_a_surrogate_pair_is_refused(clerk: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    for body in b'{"text": "\\ud800"}', b'{"text": "a", "\\ud800": 1}':
        answer = await clerk.post("/v1/notes", content=body, headers=headers)
        assert answer.status_code in {400, 422}, answer.text
        code(answer)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", ""])
async def test_a_body_that_is_not_sent_as_json_is_told_how(
    clerk: httpx.AsyncClient, kind: str
) -> None:
    body, headers = b'{"text": "a"}', {"Content-Type": kind, "Accept-Language": "en"}
    answer = await clerk.post("/v1/notes", content=body, headers=headers)
    assert (answer.status_code, code(answer)) == (415, "unsupported-media-type")
    assert "Content-Type: application/json" in answer.json()["detail"]


async def test_faulty_fields_are_pointed_to(clerk: httpx.AsyncClient) -> None:
    content: dict[str, Any] = {"village_code": "33", "extra/~": 1, "place": 1.5}
    answer = await clerk.post("/v1/notes", json=content)
    assert (answer.status_code, code(answer)) == (422, "invalid-request")
    found = {error["pointer"]: error["code"] for error in answer.json()["errors"]}
    assert found == {
        "/village_code": "division-not-twelve-digits",
        "/text": "missing",
        "/place": "int-type",
        "/extra~1~0": "extra-forbidden",
    }


async def test_unknown_addresses_and_methods_are_problems(clerk: httpx.AsyncClient) -> None:
    assert code(await clerk.get("/v1/nothing")) == "not-found"
    assert code(await clerk.get("/v1/notes/")) == "not-found"
    answer = await clerk.put("/v1/notes")
    assert (answer.status_code, code(answer)) == (405, "method-not-allowed")
    assert answer.headers["allow"]


async def test_a_crash_tells_nothing_and_keeps_nothing(
    clerk: httpx.AsyncClient, database: Database
) -> None:
    answer = await clerk.post("/v1/notes", json={"text": "crash"})
    assert (answer.status_code, code(answer)) == (500, "internal-error")
    assert "secret" not in answer.text
    assert "RuntimeError" not in answer.text
    assert await stored(database) == 0


async def test_a_crash_is_logged_by_its_route_and_not_by_its_address(
    make_app: AppMaker, caplog: pytest.LogCaptureFixture
) -> None:
    broken = APIRouter()

    @broken.get("/v1/people/{number}")
    async def get_person(number: str) -> None:
        raise RuntimeError

    async with client_of(make_app(broken)) as client:
        assert (await client.get("/v1/people/330127196305120011")).status_code == 500
    assert "/v1/people/{number}" in caplog.text
    assert "330127196305120011" not in caplog.text


async def test_request_ids_are_echoed_if_they_are_ids(clerk: httpx.AsyncClient) -> None:
    for good in "a", "A.b_c-9", "x" * 64:
        answer = await clerk.get("/v1/nothing", headers={"X-Request-Id": good})
        assert answer.headers["x-request-id"] == answer.json()["request_id"] == good
    for bad in "", "a b", "a;b", "x" * 65, "<script>":
        answer = await clerk.get("/v1/nothing", headers={"X-Request-Id": bad})
        assert answer.headers["x-request-id"] not in {"", bad}


async def test_problems_speak_chinese_unless_english_comes_first(clerk: httpx.AsyncClient) -> None:
    titles = {
        "": "找不到",
        "zh-CN,en;q=0.8": "找不到",
        "fr": "找不到",
        "en": "Not found",
        "EN-gb, zh;q=0.5": "Not found",
    }
    for asked, title in titles.items():
        answer = await clerk.get("/v1/nothing", headers={"Accept-Language": asked})
        assert answer.json()["title"] == title, asked


async def test_a_change_carries_its_reason(clerk: httpx.AsyncClient) -> None:
    headers = {"X-Change-Reason": "%E5%B9%B4%E5%BA%A6%E6%A0%B8%E6%9F%A5", "X-Request-Id": "r-1"}
    location = (await clerk.post("/v1/notes", json={"text": "a"}, headers=headers)).headers
    entries = (await clerk.get(f"{location['location']}/history")).json()["items"]
    assert [(entry["reason"], entry["request_id"]) for entry in entries] == [("年度核查", "r-1")]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("年度核查".encode(), "年度核查"),
        (b"%E5%B9%B4%E5%BA%A6", "年度"),
        ("年度%20核查".encode(), "年度 核查"),
        (b"100%25 checked, first%0Asecond", "100% checked, first\nsecond"),
        ("\U00020bb7·‑é".encode(), "\U00020bb7·‑é"),
        ("年".encode() * 2000, "年" * 2000),
        (b"", None),
    ],
)
async def test_a_reason_is_kept_exactly(
    clerk: httpx.AsyncClient, sent: bytes, kept: str | None
) -> None:
    headers = {b"X-Change-Reason": sent}
    made = await clerk.post("/v1/notes", json={"text": "a"}, headers=headers)
    entries = (await clerk.get(f"{made.headers['location']}/history")).json()["items"]
    assert [entry["reason"] for entry in entries] == [kept]


@pytest.mark.parametrize(
    "sent",
    [
        "年度核查".encode("gbk"),
        b"50% done",
        b"%E5%B9",
        b"%ED%A0%80",
        b"a%00b",
        b"a\x00b",
        b"%1B",
        "年".encode() * 2001,
    ],
)
async def test_a_reason_that_cannot_be_kept_exactly_is_refused(
    clerk: httpx.AsyncClient, database: Database, sent: bytes
) -> None:
    headers = {b"X-Change-Reason": sent}
    answer = await clerk.post("/v1/notes", json={"text": "a"}, headers=headers)
    assert (answer.status_code, code(answer)) in {
        (400, "malformed-request"),
        (422, "invalid-request"),
    }
    assert answer.json()["errors"][0]["pointer"] == "X-Change-Reason"
    assert await stored(database) == 0


async def test_operators_get_their_answers(app: FastAPI) -> None:
    async with client_of(app) as operator:
        assert (await operator.get("/healthz")).json() == {"status": "alive"}
        assert (await operator.get("/readyz")).status_code == 200
        await operator.get("/v1/notes")
        metrics = (await operator.get("/metrics")).text
        assert 'http_requests_total{method="GET",route="/v1/notes",status="401"} 1.0' in metrics
        assert "invalid-cursor" in (await operator.get("/docs/problems")).text
        assert (await operator.get("/docs")).status_code == 200


async def test_a_collision_in_the_database_is_a_conflict(
    clerk: httpx.AsyncClient, database: Database
) -> None:
    async with database.driver() as driver:
        await driver.execute("CREATE UNIQUE INDEX one_text ON notes (text)")
    first, second = [await clerk.post("/v1/notes", json={"text": "same"}) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 409)
    assert code(second) == "conflict"
    assert NoteRow.__tablename__ not in second.json()["detail"]


def _below(kind: type[Problem]) -> list[type[Problem]]:
    return [kind, *(each for below in kind.__subclasses__() for each in _below(below))]


@pytest.mark.parametrize(
    "kind",
    [kind for kind in _below(Problem) if getattr(kind, "status", None) == 503],
    ids=lambda kind: kind.code,
)
def test_whatever_is_away_says_when_to_come_again(kind: type[Problem]) -> None:
    request = Request({"type": "http", "headers": [], "state": {"request_id": "1"}})
    words = Bilingual("（虚构）", "made up")
    assert int(problem_response(request, kind(words)).headers["retry-after"]) > 0
    later = problem_response(request, kind(words, headers={"Retry-After": "30"}))
    assert later.headers["retry-after"] == "30"
