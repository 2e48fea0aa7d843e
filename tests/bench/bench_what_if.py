"""A reform over the sample county: 600 households, impact by township, over HTTP end to end."""

import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from deploy.child import free_port
from deploy.environment import SAMPLE_MOMENT, Installation
from deploy.sample.load import load_sample_county
from shared.db.embedded import EPHEMERAL, embedded_postgres
from shared.db.migrations import upgrade
from tests.bench.servers import served, wait_for

COUNTY = "330127000000"
LINES = ("9000.00", "10000.00", "11000.00")
REFORM = """title: 收入线提高到 {line} 元，B 级住房不再算安全
parameters:
  income_line:
    values:
      - {{value: "{line}", from: 2020-01-01}}
rules:
  household.housing:
    all_of:
      - title: {{zh: 唯一住房为 A 级, en: the only home is grade A}}
        value: NOT (housing_grade IN ('B', 'C', 'D') AND only_home)
"""


def main() -> None:
    """Print the time of a reform never seen before, and of the same one asked for again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with embedded_postgres(folder / "postgres", EPHEMERAL) as server:
            ports = {"registry": free_port(), "rules": free_port(), "monitoring": 0}
            installation = Installation(folder, ports)
            variables = installation.variables(server)
            for service in ("registry", "rules"):
                upgrade(service, variables[service]["QINGLING_DATABASE_URL"])
            registry, rules = variables["registry"], variables["rules"]
            with (
                served("services.registry", "serve", "--port", str(ports["registry"]), **registry),
                served("services.registry", "worker", **registry),
                served("services.rules", "serve", "--port", str(ports["rules"]), **rules),
            ):
                wait_for(ports["registry"], ports["rules"])
                token = installation.token("bench", COUNTY, lifetime=timedelta(hours=1))
                load_sample_county(installation.address("registry"), token, COUNTY)
                _measure(installation.address("rules"), token)


def _measure(address: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=address, headers=headers, timeout=60) as client:
        _suppose(client, None)  # connects, and compiles the release in force
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for line in LINES:
            reform = REFORM.format(line=line)
            new, found = _suppose(client, reform)
            again, _ = _suppose(client, reform)
            touched = sum(1 for child in found["children"] if child["flipped"])
            print(
                f"line {line}: a new reform {new:.2f} s (aim 1 s), asked for again {again:.2f} s; "
                f"{found['flipped']} of {found['subjects']} households flip, in {touched} of "
                f"{len(found['children'])} townships; {len(found['rules'])} rules"
            )


def _suppose(client: httpx.Client, reform: str | None) -> tuple[float, dict[str, Any]]:
    body = {
        "as_of": SAMPLE_MOMENT.date().isoformat(),
        "division": COUNTY,
        "subject_kind": "household",
        "changes": {} if reform is None else {"reform": reform},
    }
    began = time.perf_counter()
    answer = client.post("/v1/what-ifs", json=body).raise_for_status()
    found: dict[str, Any] = answer.json()
    return time.perf_counter() - began, found


if __name__ == "__main__":
    main()
