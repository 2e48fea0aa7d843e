"""Loading a synthetic county through the public interface, as a county would."""

import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

import httpx

from deploy.sample.accounts import division_figures, village_accounts
from deploy.sample.households import county_households
from deploy.sample.workbook import write_workbook

HOUSEHOLDS = 600
AT_ONCE = 500
PATIENCE_SECONDS = 180
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENDED = ("succeeded", "failed", "cancelled")


class SampleNotLoaded(RuntimeError):
    """The registry refused the sample; the message holds its answer."""


def load_sample_county(registry: str, token: str, county: str) -> str:
    """Record a county's figures, village accounts and households; return a summary line.

    Safe to run twice: what is recorded already is left as it is.
    """
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=registry, headers=headers, timeout=120) as client:
        _post_batch(client, "/v1/division-figures:batch", division_figures(county))
        accounts = iter(village_accounts(county))
        recorded = 0
        while chunk := list(islice(accounts, AT_ONCE)):
            _post_batch(client, "/v1/village-accounts:batch", chunk)
            recorded += len(chunk)
        with tempfile.TemporaryDirectory() as folder:
            workbook = Path(folder) / "sample.xlsx"
            write_workbook(workbook, county_households(county, HOUSEHOLDS))
            counts = import_workbook(client, workbook)
    return f"{recorded} village accounts, and from the workbook {counts}"


def import_workbook(client: httpx.Client, workbook: Path, **form: str) -> dict[str, Any]:
    """Import a workbook and wait for the outcome; return its counts.

    Raises:
        SampleNotLoaded: the import did not succeed.

    """
    with workbook.open("rb") as content:
        files = {"files": (workbook.name, content, XLSX)}
        answer = _answered(client.post("/v1/imports", files=files, data=form))
    address = answer.headers["Location"]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        summary = _answered(client.get(address)).json()
        if summary["state"] in ENDED:
            wanted = form.get("dry_run") != "true"
            if summary["state"] != "succeeded" or summary["written"] is not wanted:
                raise SampleNotLoaded(str(summary))
            counts: dict[str, Any] = summary["counts"]
            return counts
        time.sleep(0.2)
    raise SampleNotLoaded(f"{address} did not end in {PATIENCE_SECONDS} s")


def _post_batch(client: httpx.Client, path: str, items: list[dict[str, Any]]) -> None:
    _answered(client.post(path, json={"mode": "each", "items": items}))


def _answered(response: httpx.Response) -> httpx.Response:
    if response.is_error:
        raise SampleNotLoaded(f"{response.status_code} {response.text[:2000]}")
    return response
