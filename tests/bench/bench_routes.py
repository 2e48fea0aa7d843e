"""The registry's hot routes against bare FastAPI and asyncpg, in one run."""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

import psycopg

from deploy.child import free_port
from deploy.environment import Installation
from shared.db.embedded import EPHEMERAL, embedded_postgres
from shared.db.migrations import upgrade
from tests.bench.load import measure
from tests.bench.servers import served, wait_for

HOUSEHOLDS = 20_000
SECONDS = 4.0
CONNECTIONS = 8
ROUNDS = 3
FILL = """
INSERT INTO households (id, village_code, number, county, category, main_cause, other_causes,
    epidemic_impact, address, phone_masked, registered_on, version, recorded_by, created_at,
    updated_at)
SELECT gen_random_uuid(), v.code, 'B-' || lpad(n::text, 8, '0'), left(v.code, 6), 'dibao',
    'illness', ARRAY['labour'], false, '（虚构样本）', '138******00', date '2019-10-01', 1, 'bench',
    now(), now()
FROM generate_series(1, %s) n
JOIN (SELECT code, row_number() OVER (ORDER BY code) AS place, count(*) OVER () AS villages
      FROM divisions WHERE level = 'village') v ON v.place = n %% v.villages + 1
"""


def main() -> None:
    """Print requests a second by id and for a list of 50, of the registry and of the yardstick."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with embedded_postgres(folder / "postgres", EPHEMERAL) as server:
            ports = {"registry": free_port(), "rules": 0, "monitoring": 0}
            installation = Installation(folder, ports)
            environment = installation.variables(server)["registry"]
            address = environment["QINGLING_DATABASE_URL"]
            upgrade("registry", address)
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(FILL, [HOUSEHOLDS])
                connection.execute("VACUUM ANALYZE households")
                row = connection.execute("SELECT id FROM households LIMIT 1").fetchone()
                assert row is not None
            token = installation.token("bench", "330000000000", lifetime=timedelta(hours=1))
            bare = free_port()
            with (
                served(
                    "services.registry", "serve", "--port", str(ports["registry"]), **environment
                ),
                served(
                    "uvicorn",
                    "tests.bench.bare:app",
                    "--port",
                    str(bare),
                    "--no-access-log",
                    **environment,
                ),
            ):
                wait_for(ports["registry"], bare)
                asyncio.run(_compare(ports["registry"], bare, token, str(row[0])))


async def _compare(registry: int, bare: int, token: str, household: str) -> None:
    for what, path in (
        ("household by id", f"/v1/households/{household}"),
        ("list of 50", "/v1/households?limit=50"),
    ):
        best = {registry: 0.0, bare: 0.0}
        for _ in range(ROUNDS):
            for port in best:
                load = await measure(port, path, token, seconds=SECONDS, connections=CONNECTIONS)
                best[port] = max(best[port], load.per_second)
        print(
            f"{what:<16} registry {best[registry]:>6.0f}/s   bare {best[bare]:>6.0f}/s   "
            f"ratio {best[registry] / best[bare]:.2f} (aim 0.5)"
        )


if __name__ == "__main__":
    main()
