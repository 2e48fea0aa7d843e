"""Which addresses the service names, and to whom it shows its counters."""

import httpx
import pytest

from shared.db.database import Database
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker
from tests.shared import notes
from tests.shared.conftest import AppMaker

FORGED = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "ftp"}


@pytest.mark.parametrize(
    ("public", "start"),
    [
        (None, "/v1/"),
        ("https://qingling.example/registry/", "https://qingling.example/registry/v1/"),
    ],
)
async def test_addresses_begin_with_the_public_one_or_nothing(
    database: Database, make_app: AppMaker, token: TokenMaker, public: str | None, start: str
) -> None:
    await notes.make_tables(database)
    app = make_app(notes.router, notes.events, public_url=public)
    async with client_of(app, token(*notes.Scope)) as client:
        for place in range(2):
            made = await client.post("/v1/notes", json={"text": f"{place}"}, headers=FORGED)
            assert made.headers["location"].startswith(f"{start}notes/")
        for path in "/v1/notes?limit=1", "/v1/events?limit=1":
            link = (await client.get(path, headers=FORGED)).headers["link"]
            assert link.startswith(f"<{start}")
            following = httpx.URL(link[1 : link.index(">")])
            query = following.query.decode()
            again = await client.get(f"{path.partition('?')[0]}?{query}", headers=FORGED)
            assert again.status_code == 200


async def test_counters_are_for_this_machine_or_for_a_token(make_app: AppMaker) -> None:
    async with client_of(make_app()) as local:
        assert (await local.get("/metrics")).status_code == 200
        for name in "X-Forwarded-For", "Forwarded", "X-Real-IP":
            assert (await local.get("/metrics", headers={name: "127.0.0.1"})).status_code == 403
    guarded = make_app(metrics_token="令牌 of the metrics")
    async with client_of(guarded) as nobody:
        assert (await nobody.get("/metrics")).status_code == 401
    async with client_of(make_app(metrics_token="metrics-only")) as prometheus:
        for given, status in ("metrics-only", 200), ("metrics", 401), ("", 401):
            answer = await prometheus.get("/metrics", headers={"Authorization": f"Bearer {given}"})
            assert answer.status_code == status
    elsewhere = httpx.ASGITransport(make_app(), client=("10.0.0.1", 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://service") as other:
        assert (await other.get("/metrics")).status_code == 403
