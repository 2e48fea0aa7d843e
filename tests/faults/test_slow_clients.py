"""Clients that do not read, do not write, or do not end: the others are served all the same."""

import time

import httpx
import psutil
import pytest

from deploy.child import ChildRun
from tests.faults.conftest import Size
from tests.faults.load import COUNTY, reader
from tests.faults.patience import wait_for
from tests.faults.slow import KINDS, MEGABYTE, connected, sent_by
from tests.registry.samples import household

# More than all of the abuse may add to a process: what one import of full size takes.
MOST_ADDED = 256 * MEGABYTE


def memory(run: ChildRun) -> int:
    return int(psutil.Process(run.pids()["registry"]).memory_info().rss)


def assert_served(run: ChildRun) -> None:
    """Somebody else reads and writes."""
    with reader(run, "registry") as client:
        for path in ("/v1/households", "/v1/imports", f"/v1/divisions/{COUNTY}"):
            assert client.get(path).status_code == 200
        number = f"S-{time.monotonic_ns()}"
        answer = client.post("/v1/households", json=household(number=number))
        assert answer.status_code == 201, answer.text
        found = answer.json()["id"]
        facts = client.get(f"/v1/facts/households/{found}", params={"as_of": "2020-10-15"})
        assert facts.status_code == 200, facts.text


@pytest.mark.parametrize("kind", KINDS)
def test_the_others_are_served(system: ChildRun, size: Size, kind: str) -> None:
    assert_served(system)
    before = memory(system)
    count = size.uploads if "upload" in kind else size.slow_clients
    with connected(system, count, sent_by(kind, system)):
        assert_served(system)
        assert memory(system) - before < MOST_ADDED
    wait_for("served again", lambda: _is_served(system))


def _is_served(run: ChildRun) -> bool:
    try:
        assert_served(run)
    except (AssertionError, httpx.TransportError):
        return False
    return True
