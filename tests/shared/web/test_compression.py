"""Answers in gzip: for whom, of what, and under which tag."""

import zlib
from collections.abc import AsyncGenerator, AsyncIterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from shared.security.issuer import LocalIssuer
from shared.settings import ServiceSettings
from shared.testing.clients import client_of
from shared.testing.plugin import settings_for
from shared.web.app import create_app
from shared.web.compression import LEAST_BYTES, takes_gzip
from shared.web.streams import StreamedAnswer

TEXT = "清零" * 2000
long = APIRouter()


@long.get("/long")
async def read_long(request: Request, size: int = 6000, kind: str = "application/json") -> Response:
    """Answer a text under a tag, or that it has not changed."""
    headers = {"ETag": '"3"'}
    if request.headers.get("if-none-match") == '"3"':
        return Response(status_code=304, headers=headers)
    return Response("x" * size, media_type=kind, headers=headers)


@long.get("/stream")
async def read_stream() -> Response:
    """Answer part by part."""

    async def parts() -> AsyncGenerator[bytes, None]:
        for _ in range(50):
            yield TEXT.encode()

    return await StreamedAnswer.of(parts(), media_type="application/vnd.apache.arrow.stream")


@pytest.fixture
async def client(issuer: LocalIssuer) -> AsyncIterator[httpx.AsyncClient]:
    settings = settings_for(ServiceSettings, "postgresql://none/none", issuer.public_keys)
    app: FastAPI = create_app("rules", settings, [long], title="Test", description="Long")
    async with client_of(app) as client:
        client.headers["Accept-Encoding"] = "gzip"
        yield client


async def test_a_long_text_is_packed_and_tagged(client: httpx.AsyncClient) -> None:
    packed = await client.get("/long")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert packed.text == "x" * 6000
    assert int(packed.headers["content-length"]) < 200
    plain = await client.get("/long", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "Accept-Encoding"
    assert (packed.headers["etag"], plain.headers["etag"]) == ('"3-gzip"', '"3"')


@pytest.mark.parametrize("tag", ['"3"', '"3-gzip"'])
async def test_either_tag_stands_for_the_version(client: httpx.AsyncClient, tag: str) -> None:
    answer = await client.get("/long", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.headers["etag"]) == (304, tag)
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("query", "method"),
    [
        (f"size={LEAST_BYTES - 1}", "GET"),
        ("kind=application/zip", "GET"),
        ("kind=application/vnd.apache.parquet", "GET"),
        (
            "kind=application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "GET",
        ),
        ("kind=image/png", "GET"),
    ],
)
async def test_what_gains_nothing_stays_as_it_is(
    client: httpx.AsyncClient, query: str, method: str
) -> None:
    answer = await client.request(method, f"/long?{query}")
    assert "content-encoding" not in answer.headers
    assert answer.headers["etag"] == '"3"'


async def test_a_stream_is_packed_part_by_part(client: httpx.AsyncClient) -> None:
    async with client.stream("GET", "/stream") as answer:
        assert "content-length" not in answer.headers
        packed = b"".join([part async for part in answer.aiter_raw()])
    unpacked = zlib.decompress(packed, 16 + zlib.MAX_WBITS)
    assert unpacked.decode() == TEXT * 50
    assert len(packed) < len(unpacked) / 50


async def test_files_and_pages_are_packed_too(client: httpx.AsyncClient) -> None:
    for path in "/docs", "/openapi.json", "/static-offline-docs/swagger-ui.css":
        assert (await client.get(path)).status_code == 200
    script = await client.get("/static-offline-docs/swagger-ui-bundle.js")
    assert script.headers["content-encoding"] == "gzip"
    assert script.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("accepted", "wanted"),
    [
        ("gzip", True),
        ("GZIP;q=0.5, br", True),
        ("*", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("identity", False),
        ("identity;q=1, gzip;q=0.5", False),
        ("identity;q=0.5, gzip", True),
        ("gzip;q=nonsense", False),
    ],
)
def test_the_client_says_what_it_takes(accepted: str, wanted: bool) -> None:
    assert takes_gzip(accepted) is wanted
