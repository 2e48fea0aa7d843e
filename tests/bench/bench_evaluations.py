"""Explained evaluations over HTTP: one with its facts, one by id, and 5,000 in a request while others ask."""

import asyncio
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import httpx
import orjson
import psycopg

from deploy.child import free_port
from deploy.environment import PROVINCE, Installation
from services.rules.engine import FactValue
from services.rules.engine.wording import wire_of
from shared.db.embedded import EPHEMERAL, embedded_postgres
from shared.db.migrations import upgrade
from tests.bench.bench_engine import CHECKED_ON, HOUSEHOLD, POLICY
from tests.bench.load import Load, measure
from tests.bench.province import fill_province
from tests.bench.servers import served, wait_for

AS_OF = date(2020, 10, 15)
HOUSEHOLDS = 20_000
BATCH = 5_000
SECONDS = 4.0
ROUNDS = 3
VILLAGE = "330127100219"
ONE_RULE = "household.income_line"
ONE, MANY = "/v1/evaluations", "/v1/evaluations:batch"


def main() -> None:
    """Print evaluations a second of one worker, p50 and p99, and the seconds of a batch."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with embedded_postgres(folder / "postgres", EPHEMERAL) as server:
            ports = {"registry": free_port(), "rules": free_port(), "monitoring": 0}
            installation = Installation(folder, ports)
            variables = installation.variables(server)
            for service in ("registry", "rules"):
                upgrade(service, variables[service]["QINGLING_DATABASE_URL"])
            registry = variables["registry"]["QINGLING_DATABASE_URL"]
            fill_province(registry, HOUSEHOLDS)
            token = installation.token("bench", PROVINCE, lifetime=timedelta(hours=1))
            with psycopg.connect(registry) as connection:
                rows = connection.execute("SELECT id FROM households LIMIT %s", [BATCH]).fetchall()
            with (
                served(
                    "services.registry",
                    *("serve", "--port", str(ports["registry"])),
                    **variables["registry"],
                ),
                served(
                    "services.rules",
                    *("serve", "--port", str(ports["rules"])),
                    **variables["rules"],
                ),
            ):
                wait_for(ports["registry"], ports["rules"])
                asyncio.run(_measure(ports["rules"], token, [str(row[0]) for row in rows]))


async def _measure(port: int, token: str, ids: list[str]) -> None:
    for connections in (1, 4):
        given = await _best(port, token, _given(), connections)
        _print(f"facts given, {connections} connections", given)
        alone = await _best(port, token, _given(ONE_RULE), connections)
        _print(f"the income line alone, {connections} connections", alone)
    for connections in (1, 4):
        _print(
            f"by id, {connections} connections", await _best(port, token, _by_id(ids), connections)
        )
    await _batch(port, token, ids)


async def _best(port: int, token: str, body: bytes, connections: int) -> Load:
    loads = [
        await measure(port, ONE, token, seconds=SECONDS, connections=connections, body=body)
        for _ in range(ROUNDS)
    ]
    return max(loads, key=lambda load: load.per_second)


def _print(what: str, load: Load) -> None:
    print(
        f"one household's zero-out explained, {what:<37} {load.per_second:>6.0f}/s   "
        f"p50 {load.p50_ms:5.2f} ms   p99 {load.p99_ms:5.2f} ms",
        flush=True,
    )


def _given(rule: str | None = None) -> bytes:
    facts = {}
    for name, value in HOUSEHOLD.items():
        fact = FactValue(value, CHECKED_ON)
        wire = wire_of(POLICY.facts["household"][name].type)(fact.value)
        facts[name] = {"value": wire, "date": CHECKED_ON.isoformat(), "recorded_by": "tester"}
    return orjson.dumps(
        {"as_of": AS_OF, "subject_kind": "household", "division": VILLAGE, "facts": facts}
        | ({} if rule is None else {"rules": [rule]})
    )


def _by_id(ids: list[str]) -> bytes:
    return orjson.dumps({"as_of": AS_OF, "subject": {"kind": "household", "id": ids[0]}})


async def _batch(port: int, token: str, ids: list[str]) -> None:
    subjects = [{"kind": "household", "id": one} for one in ids]
    body = orjson.dumps({"as_of": AS_OF, "subjects": subjects})
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(timeout=120, headers=headers) as client:
        for attempt in ("alone", "while others ask"):
            began = time.perf_counter()
            asking = client.post(f"http://127.0.0.1:{port}{MANY}", content=body)
            sent = asyncio.create_task(asking)
            load = None
            if attempt != "alone":
                load = await measure(port, ONE, token, seconds=1.0, connections=1, body=_given())
            answer = (await sent).raise_for_status()
            seconds = time.perf_counter() - began
            evaluated = sum(item["status"] == "evaluated" for item in answer.json()["items"])
            size = len(answer.content) / 1e6
            print(
                f"batch of {len(ids):,} explained in both languages, {attempt:<17} {seconds:6.2f} s, "
                f"{evaluated:,} evaluated, {size:.1f} MB"
            )
            if load is not None:
                _print("during the batch", load)


if __name__ == "__main__":
    main()
