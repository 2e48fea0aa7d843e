"""A whole province end to end: PostgreSQL → facts over HTTP → judged in columns → counted."""

import asyncio
import os
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from starlette.datastructures import URL
from starlette.responses import Response

from deploy.child import free_port
from deploy.environment import Installation
from services.rules.boards.queries import list_uncleared, read_board
from services.rules.clients.registry import RegistryClient
from services.rules.engine import Outcome
from services.rules.judging.kept import DivisionJudge, KeptJudgements
from services.rules.vocabulary import load_policy
from shared.db.embedded import EPHEMERAL, embedded_postgres
from shared.db.migrations import upgrade
from shared.web.pages import PageRequest
from tests.bench.province import fill_province
from tests.bench.servers import served, wait_for

PROVINCE = "330000000000"
AS_OF = date(2020, 10, 15)
HOUSEHOLDS = int(os.environ.get("QINGLING_BENCH_HOUSEHOLDS", "350000"))
ROUNDS = 3


def main() -> None:
    """Print how long the province's board takes, and its parts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with embedded_postgres(folder / "postgres", EPHEMERAL) as server:
            installation = Installation(
                folder, {"registry": free_port(), "rules": 0, "monitoring": 0}
            )
            environment = installation.variables(server)["registry"]
            upgrade("registry", environment["QINGLING_DATABASE_URL"])
            began = time.perf_counter()
            fill_province(environment["QINGLING_DATABASE_URL"], HOUSEHOLDS)
            print(
                f"{HOUSEHOLDS:,} households made in {time.perf_counter() - began:.0f} s (not counted)"
            )
            port = installation.ports["registry"]
            with served("services.registry", "serve", "--port", str(port), **environment):
                wait_for(port)
                token = installation.token("bench", PROVINCE, lifetime=timedelta(hours=1))
                asyncio.run(_measure(installation.address("registry"), token))


async def _measure(address: str, token: str) -> None:
    policy = load_policy()
    registry = RegistryClient("registry", address, lambda: token)
    for number in range(1, ROUNDS + 1):
        began = time.perf_counter()
        facts = await registry.facts_of_division("household", PROVINCE, AS_OF)
        read = time.perf_counter()
        policy.judge_columns("household", facts, AS_OF, "village_code")
        judged = time.perf_counter()
        judging = DivisionJudge(policy, registry, KeptJudgements())
        board = await read_board(judging, PROVINCE, AS_OF)
        whole = time.perf_counter()
        print(
            f"round {number}: facts over HTTP {read - began:.2f} s, judged in columns "
            f"{judged - read:.2f} s; the whole board, villages and children included, "
            f"{whole - judged:.2f} s (aim 10 s) for {board.households:,} households"
        )
        print(f"round {number}: {await _pages(judging)}")
    await registry.close()


async def _pages(judging: DivisionJudge) -> str:
    """Read three pages of those who are not cleared, each with reasons."""
    took, cursor = [], None
    for _ in range(3):
        asked = PageRequest(200, cursor, False, b"bench", URL("http://rules/"), Response())
        began = time.perf_counter()
        page = await list_uncleared(
            judging, PROVINCE, AS_OF, "household", None, [Outcome.NOT_MET], asked
        )
        took.append(time.perf_counter() - began)
        cursor = page.next
    first, *others = took
    following = ", ".join(f"{each:.2f} s" for each in others)
    return f"first page of 200 {first:.2f} s, those that follow {following}"


if __name__ == "__main__":
    main()
