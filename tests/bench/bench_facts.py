"""The facts of a province: the statement alone, to Arrow, over HTTP; and those of one household."""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import httpx
import psycopg
import pyarrow as pa
from adbc_driver_postgresql import dbapi
from pyarrow import ipc

from deploy.child import free_port
from deploy.environment import Installation
from services.registry.facts.statement import statement_for_all
from services.registry.facts.stream import MEDIA_TYPE
from services.rules.vocabulary import load_policy
from shared.db.embedded import EPHEMERAL, embedded_postgres
from shared.db.migrations import upgrade
from shared.values.divisions import span
from tests.bench.load import measure
from tests.bench.province import fill_province
from tests.bench.servers import served, wait_for

PROVINCE = "330000000000"
AS_OF = date(2020, 10, 15)
HOUSEHOLDS = int(os.environ.get("QINGLING_BENCH_HOUSEHOLDS", "350000"))
ROUNDS = 3
SECONDS = 4.0
CONNECTIONS = 8


def main() -> None:
    """Print the seconds of each way to a province's facts, and requests a second for one."""
    needed = load_policy().plan("household").narrowed(["household.zero_out"]).facts
    of_zero_outs = [fact.name for fact in needed]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with embedded_postgres(folder / "postgres", EPHEMERAL) as server:
            installation = Installation(
                folder, {"registry": free_port(), "rules": 0, "monitoring": 0}
            )
            environment = installation.variables(server)["registry"]
            database, port = environment["QINGLING_DATABASE_URL"], installation.ports["registry"]
            upgrade("registry", database)
            fill_province(database, HOUSEHOLDS)
            token = installation.token("bench", PROVINCE, lifetime=timedelta(hours=1))
            with served("services.registry", "serve", "--port", str(port), **environment):
                wait_for(port)
                _time("statement, nothing fetched", lambda: _execute(database))
                _time("statement to Arrow, one connection", lambda: _to_arrow(database))
                _time("over HTTP to an Arrow table, all facts", lambda: _over_http(port, token, []))
                _time(
                    "over HTTP, those of the zero-outs (aim 5 s)",
                    lambda: _over_http(port, token, of_zero_outs),
                )
                asyncio.run(_by_id(database, port, token))


def _time(what: str, fetch: Callable[[], int]) -> None:
    best, rows = float("inf"), 0
    for _ in range(ROUNDS):
        began = time.perf_counter()
        rows = fetch()
        best = min(best, time.perf_counter() - began)
    print(f"{what:<43} {best:>6.2f} s for {rows:,} households", flush=True)


def _execute(database: str) -> int:
    statement = statement_for_all("household", span(PROVINCE), AS_OF)
    with psycopg.connect(database) as connection:
        analysed = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}"
        row = connection.execute(analysed.encode()).fetchone()
        assert row is not None
        return int(row[0][0]["Plan"]["Actual Rows"])


def _to_arrow(database: str) -> int:
    with dbapi.connect(database) as connection:
        with connection.cursor() as cursor:
            cursor.execute(statement_for_all("household", span(PROVINCE), AS_OF))
            rows: int = cursor.fetch_arrow_table().num_rows
        connection.rollback()
        return rows


def _over_http(port: int, token: str, only: list[str]) -> int:
    address = f"http://127.0.0.1:{port}/v1/facts/households"
    params = {"as_of": str(AS_OF), "fact": only}
    headers = {"Authorization": f"Bearer {token}", "Accept": MEDIA_TYPE}
    content = pa.BufferOutputStream()
    with httpx.stream("GET", address, params=params, headers=headers, timeout=120) as answer:
        for chunk in answer.raise_for_status().iter_raw():
            content.write(chunk)
    with ipc.open_stream(content.getvalue()) as stream:
        rows: int = stream.read_all().num_rows
    return rows


async def _by_id(database: str, port: int, token: str) -> None:
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT id FROM households LIMIT 1000").fetchall()
    ids = [str(row[0]) for row in rows]
    path = f"/v1/facts/households/{ids[0]}?as_of={AS_OF}"
    load = await measure(port, path, token, seconds=SECONDS, connections=CONNECTIONS)
    print(f"{'one household with provenance':<43} {load.per_second:>6.0f} requests/s")
    address = f"http://127.0.0.1:{port}/v1/facts/households:lookup"
    body, headers = {"ids": ids, "as_of": str(AS_OF)}, {"Authorization": f"Bearer {token}"}

    def look_up() -> int:
        answer = httpx.post(address, json=body, headers=headers, timeout=120)
        return len(answer.raise_for_status().json()["items"])

    _time("looked up by id with provenance", look_up)


if __name__ == "__main__":
    main()
