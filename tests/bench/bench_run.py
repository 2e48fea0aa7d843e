"""A run over a whole province: asked for over HTTP, carried out by the worker, published."""

import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from deploy.child import free_port
from deploy.environment import Installation
from shared.db.embedded import EPHEMERAL, embedded_postgres
from shared.db.migrations import upgrade
from tests.bench.province import fill_province
from tests.bench.servers import served, wait_for

PROVINCE = "330000000000"
DAYS = ("2020-10-15", "2020-10-25")
HOUSEHOLDS = int(os.environ.get("QINGLING_BENCH_HOUSEHOLDS", "350000"))


def main() -> None:
    """Print how long a first run takes and one that is compared with it, and the worker's memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with embedded_postgres(folder / "postgres", EPHEMERAL) as server:
            ports = {"registry": free_port(), "rules": free_port(), "monitoring": 0}
            installation = Installation(folder, ports)
            of_service = installation.variables(server)
            for service in ("registry", "rules"):
                upgrade(service, of_service[service]["QINGLING_DATABASE_URL"])
            fill_province(of_service["registry"]["QINGLING_DATABASE_URL"], HOUSEHOLDS)
            token = installation.token("bench", PROVINCE, lifetime=timedelta(hours=1))
            with (
                served(
                    *("services.registry", "serve", "--port", str(ports["registry"])),
                    **of_service["registry"],
                ),
                served(
                    *("services.rules", "serve", "--port", str(ports["rules"])),
                    **of_service["rules"],
                ),
                served("services.rules", "worker", **of_service["rules"]) as worker,
                httpx.Client(
                    base_url=installation.address("rules"),
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=60,
                ) as client,
            ):
                wait_for(ports["registry"], ports["rules"])
                for day in DAYS:
                    _measure(client, day)
                print(f"the worker's memory at its peak: {_peak_megabytes(worker):,} MB")


def _measure(client: httpx.Client, day: str) -> None:
    began = time.perf_counter()
    answer = client.post("/v1/runs", json={"division": PROVINCE, "as_of": day})
    answer.raise_for_status()
    job: dict[str, Any] = {}
    while job.get("state") in (None, "queued", "running"):
        time.sleep(0.2)
        job = client.get(answer.headers["location"]).json()
    took = time.perf_counter() - began
    if job["state"] != "succeeded":
        raise RuntimeError(job)
    run = client.get(job["results"]["run"]).json()
    compared = "compared with the one before" if run["compared_with"] else "the first"
    print(
        f"run as of {day}, {compared}: {took:.2f} s (aim 10 s) from the request until published, "
        f"{run['counts']['households']:,} households and {run['counts']['villages']:,} villages "
        f"by {len(run['results']['totals'])} rules, stored by COPY with their facts"
    )


def _peak_megabytes(process_id: int) -> int:
    """Return the most memory that a process ever had (Linux)."""
    status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) // 1024


if __name__ == "__main__":
    main()
