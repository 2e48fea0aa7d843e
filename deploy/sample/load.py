"""Loading a synthetic county through the registry's public interface, as a county would."""

import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import httpx

from deploy.sample.accounts import division_figures, village_accounts
from deploy.sample.households import county_households
from deploy.sample.workbook import write_workbook

HOUSEHOLDS = 600
ACCOUNTS_AT_ONCE = 500
PATIENCE_SECONDS = 180.0
POLL_SECONDS = 0.2
SHOWN_ROWS = 5
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENDED = frozenset({"succeeded", "failed", "cancelled"})
OUTSIDE = "not-found"
"""Code of what lies outside the caller's division."""


class SampleNotLoaded(RuntimeError):
    """The registry did not take the sample."""

    code = "sample-not-loaded"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"样本未载入：{why}。已登记的内容不受影响，排除原因后可重新载入。"
            f"The sample was not loaded: {why}. What is recorded stays as it is; remove the cause "
            "and load it again."
        )


def load_sample_county(registry_url: str, token: str, county: str) -> str:
    """Record a county's figures, village accounts and 600 households; return a summary line.

    Safe to do twice: what is recorded already is left as it is. The province's figures are left
    out where the caller is not of the province. Raises CountyUnknown or SampleNotLoaded.
    """
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=registry_url, headers=headers, timeout=120) as client:
        return load_county(client, county)


def load_county(client: httpx.Client, county: str) -> str:
    """Do what ``load_sample_county`` does with a client of the registry."""
    figures = _post_batch(client, "/v1/division-figures:batch", division_figures(county), OUTSIDE)
    accounts: Counter[str] = Counter()
    for bodies in _chunks(village_accounts(county)):
        accounts += _post_batch(client, "/v1/village-accounts:batch", bodies)
    with tempfile.TemporaryDirectory() as folder:
        workbook = Path(folder) / f"{county}.xlsx"
        write_workbook(workbook, county_households(county, HOUSEHOLDS))
        rows = import_workbook(client, workbook)
    return "; ".join(
        f"{title}: " + ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
        for title, counts in {"figures": figures, "village accounts": accounts, **rows}.items()
    )


def import_workbook(client: httpx.Client, workbook: Path) -> dict[str, dict[str, int]]:
    """Import a workbook, all of it or nothing, and wait; return its rows by sheet and outcome.

    Raises SampleNotLoaded.
    """
    files = {"files": (workbook.name, workbook.read_bytes(), XLSX)}
    sent = client.post("/v1/imports", files=files, data={"mode": "all_or_nothing"})
    address = _answered(sent).headers["Location"]
    done = _ended(client, address)
    if done["state"] != "succeeded":
        raise SampleNotLoaded(_why_not(client, address, done))
    counts: dict[str, dict[str, int]] = done["counts"]
    return counts


def _ended(client: httpx.Client, address: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        summary: dict[str, Any] = _answered(client.get(address)).json()
        if summary["state"] in ENDED:
            return summary
        time.sleep(POLL_SECONDS)
    raise SampleNotLoaded(f"{address} did not end within {PATIENCE_SECONDS:.0f} s")


def _why_not(client: httpx.Client, address: str, done: dict[str, Any]) -> str:
    params = {"outcome": "failed", "limit": str(SHOWN_ROWS)}
    rows = _answered(client.get(f"{address}/rows", params=params)).json()["items"]
    said = [problem["detail"]["en"] for problem in done["problems"]]
    said += [
        f"{row['sheet']} row {row['row']}: {problem['column']}: {problem['detail']['en']}"
        for row in rows
        for problem in row["problems"]
    ]
    return f"{address} {done['state']}: " + " ".join(said)


def _post_batch(
    client: httpx.Client, path: str, bodies: list[dict[str, Any]], skipped: str | None = None
) -> Counter[str]:
    """Return how many had which outcome; failures of the code ``skipped`` are left out."""
    answer = _answered(client.post(path, json={"mode": "each", "items": bodies})).json()
    outcomes: Counter[str] = Counter()
    for item in answer["items"]:
        if item["outcome"] != "failed":
            outcomes[item["outcome"]] += 1
        elif item["code"] != skipped:
            raise SampleNotLoaded(f"{path} item {item['index']}: {item['detail']['en']}")
    return outcomes


def _chunks(bodies: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    rest = iter(bodies)
    while chunk := list(islice(rest, ACCOUNTS_AT_ONCE)):
        yield chunk


def _answered(response: httpx.Response) -> httpx.Response:
    if response.is_error:
        path = response.request.url.path
        raise SampleNotLoaded(f"{path} answered {response.status_code} {response.text[:1000]}")
    return response
