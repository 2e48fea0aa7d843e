"""Who is let in: bearer tokens of one issuer, their scopes, and their division."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time

import httpx
import orjson
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from shared.db.database import Database
from shared.problems import Unauthenticated
from shared.security.access import TokenVerifier
from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker
from tests.shared import notes
from tests.shared.conftest import AppMaker

COUNTY, OTHER_COUNTY = "330127000000", "330122000000"
ADDRESS = "/v1/notes"


@pytest.fixture
async def app(database: Database, make_app: AppMaker) -> FastAPI:
    await notes.make_tables(database)
    return make_app(notes.router)


@pytest.fixture
async def nobody(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as client:
        yield client


@pytest.fixture(scope="module")
def verifier(issuer: LocalIssuer) -> TokenVerifier:
    return TokenVerifier(issuer.public_keys, "qingling", "notes")


def issued(issuer: LocalIssuer, lifetime: timedelta = timedelta(hours=1)) -> str:
    return issuer.issue("tester", COUNTY, notes.Scope, now=datetime.now(UTC), lifetime=lifetime)


def refused(answer: httpx.Response) -> bool:
    assert "www-authenticate" in answer.headers
    body = answer.json()
    return (answer.status_code, body["type"]) == (401, "urn:qingling:problem:unauthenticated")


async def test_callers_without_a_token_are_refused(nobody: httpx.AsyncClient) -> None:
    for header in "", "Bearer", "Bearer ", "Basic dTpw", "Bearer a.b.c", "Bearer é":
        headers = [(b"Authorization", header.encode())] if header else []
        answer = await nobody.get(ADDRESS, headers=headers)
        assert refused(answer), header
    assert refused(await nobody.post(ADDRESS, json={"text": "a"}))
    assert refused(await nobody.post(ADDRESS, content=b"not even JSON"))


async def test_the_scheme_is_written_in_any_case(
    nobody: httpx.AsyncClient, issuer: LocalIssuer
) -> None:
    for scheme in "Bearer", "bearer", "BEARER":
        headers = {"Authorization": f"{scheme} {issued(issuer)}"}
        assert (await nobody.get(ADDRESS, headers=headers)).status_code == 200


async def test_tokens_of_other_issuers_are_refused(
    nobody: httpx.AsyncClient, issuer: LocalIssuer, tmp_path: Path
) -> None:
    own_key = orjson.loads((issuer.public_keys.parent / "signing.jwk").read_bytes())
    strangers = [
        issued(LocalIssuer(tmp_path)),
        LocalIssuer(issuer.public_keys.parent, "somebody").issue(
            "tester", COUNTY, notes.Scope, now=datetime.now(UTC), lifetime=timedelta(hours=1)
        ),
        issued(issuer)[:-6] + "AAAAAA",
        # Signed with a key that everybody knows: the public one, taken for a shared secret.
        jwt.encode(
            {"alg": "HS256", "kid": own_key["kid"]},
            claims(),
            OctKey.import_key(own_key["x"]),
            algorithms=["HS256"],
        ),
    ]
    for token in strangers:
        answer = await nobody.get(ADDRESS, headers={"Authorization": f"Bearer {token}"})
        assert refused(answer)


def claims(**changed: object) -> dict[str, object]:
    whole: dict[str, object] = {
        "iss": "qingling",
        "sub": "tester",
        "division": COUNTY,
        "scope": "notes:read",
        "exp": int(time()) + 60,
    }
    return {name: value for name, value in (whole | changed).items() if value is not None}


def sign(issuer: LocalIssuer, content: dict[str, object]) -> str:
    key = OKPKey.import_key(orjson.loads((issuer.public_keys.parent / "signing.jwk").read_bytes()))
    return jwt.encode({"alg": "Ed25519", "kid": key.kid}, content, key, algorithms=["Ed25519"])


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": 1},
        {"exp": None},
        {"exp": "never"},
        {"sub": None},
        {"sub": ""},
        {"sub": "clerk "},
        {"sub": "ｃlerk"},
        {"division": None},
        {"division": "33"},
        {"division": 330127000000},
        {"iss": None},
        {"iss": "somebody"},
        {"nbf": int(time()) + 3600},
    ],
)
async def test_tokens_with_faulty_claims_are_refused(
    nobody: httpx.AsyncClient, issuer: LocalIssuer, changed: dict[str, object]
) -> None:
    token = sign(issuer, claims(**changed))
    assert refused(await nobody.get(ADDRESS, headers={"Authorization": f"Bearer {token}"}))


def test_a_remembered_token_expires_all_the_same(
    issuer: LocalIssuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issued(issuer)
    assert verifier.verify(token) is verifier.verify(token)
    later = time() + 3700
    monkeypatch.setattr("time.time", lambda: later)
    monkeypatch.setattr("shared.security.access.time", lambda: later)
    with pytest.raises(Unauthenticated):
        verifier.verify(token)


def test_the_memory_of_tokens_is_bounded(
    issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.security.access.REMEMBERED_TOKENS", 3)
    verifier = TokenVerifier(issuer.public_keys, "qingling", "notes")
    for number in range(5):
        assert verifier.verify(sign(issuer, claims(sub=f"caller-{number}"))).subject
        assert len(verifier._checked) <= 3


@given(text=st.text(max_size=200))
def test_no_other_text_is_a_token(verifier: TokenVerifier, text: str) -> None:
    with pytest.raises(Unauthenticated):
        verifier.verify(text)


async def test_a_missing_scope_is_named(
    app: FastAPI, nobody: httpx.AsyncClient, token: TokenMaker
) -> None:
    async with client_of(app, token(notes.Scope.READ)) as reader:
        assert (await reader.get(ADDRESS)).status_code == 200
        answer = await reader.post(ADDRESS, json={"text": "a"})
        assert (answer.status_code, answer.json()["type"]) == (
            403,
            "urn:qingling:problem:forbidden",
        )
        assert "notes:write" in answer.json()["detail"]
        assert "insufficient_scope" in answer.headers["www-authenticate"]
    async with client_of(app, token("notes:writer", "xnotes:write")) as almost:
        assert (await almost.post(ADDRESS, json={"text": "a"})).status_code == 403


async def test_other_divisions_do_not_exist(app: FastAPI, token: TokenMaker) -> None:
    async with client_of(app, token(*notes.Scope, division=COUNTY)) as clerk:
        address = (await clerk.post(ADDRESS, json={"text": "a"})).headers["location"]
    for division, status in {
        "330000000000": 200,
        "330100000000": 200,
        COUNTY: 200,
        "330127100000": 200,
        notes.VILLAGE: 200,
        "330127100220": 404,
        "330127101000": 404,
        OTHER_COUNTY: 404,
        "340000000000": 404,
    }.items():
        async with client_of(app, token(*notes.Scope, division=division)) as caller:
            assert (await caller.get(address)).status_code == status, division
            created = await caller.post(ADDRESS, json={"text": "b"})
            assert created.status_code == (201 if status == 200 else 404), division


def test_every_route_names_its_scope(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    assert paths[ADDRESS]["get"]["security"] == [{"bearer": ["notes:read"]}]
    assert paths[ADDRESS]["post"]["security"] == [{"bearer": ["notes:write"]}]
