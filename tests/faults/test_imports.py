"""Whole counties, a file each: imported, and followed by monitoring to the last item."""

from pathlib import Path

import httpx

from deploy.child import ChildRun
from deploy.sample.households import county_households
from deploy.sample.load import import_workbook
from deploy.sample.workbook import write_workbook
from services.monitoring.zero_outs.criteria import criteria
from tests.faults.conftest import Size
from tests.faults.load import reader
from tests.faults.patience import wait_for

COUNTIES = ("330327000000", "330802000000", "331121000000", "330825000000", "331024000000")
AS_OF = "2020-10-15"


def test_counties_are_imported_and_followed_to_the_last_item(
    system: ChildRun, size: Size, tmp_path: Path
) -> None:
    counties = COUNTIES[: size.counties]
    for county in counties:
        workbook = tmp_path / f"{county}.xlsx"
        write_workbook(workbook, county_households(county, size.households))
        headers = {"Authorization": f"Bearer {system.token(county, 'county-clerk')}"}
        address = system.address("registry")
        with httpx.Client(base_url=address, headers=headers, timeout=120) as clerk:
            assert import_workbook(clerk, workbook)["农户"] == {"created": size.households}
    for county in counties:
        expected = not_met(system, county)
        assert sum(expected.values()) > size.households / 20
        wait_for(f"items of {county}", lambda: opened(system, county) == expected)  # noqa: B023 - asked at once


def not_met(run: ChildRun, county: str) -> dict[str, int]:
    """Return how many households do not meet each criterion, as rules judges them now."""
    with reader(run, "rules", county) as rules:
        board = rules.get(f"/v1/boards/{county}", params={"as_of": AS_OF}).json()
    return {
        total["rule"]: total["counts"]["not_met"]
        for total in board["criteria"]
        if total["rule"] in criteria() and total["rule"].startswith("household.")
    }


def opened(run: ChildRun, county: str) -> dict[str, int]:
    """Return how many items monitoring has opened for each criterion."""
    with reader(run, "monitoring", county) as monitoring:
        counts = monitoring.get("/v1/zero-out-counts").json()["counts"]
    return {
        each["criterion"]: each["items"]
        for each in counts
        if each["state"] == "open" and each["criterion"].startswith("household.")
    }
