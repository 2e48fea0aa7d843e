"""What is voided is judged no more: its item goes back, or is withdrawn with its household."""

from typing import Any

from tests.e2e.conftest import System
from tests.e2e.test_following import grade, housing

WHY = {"reason": "（虚构）登记到了另一户名下"}


async def void(system: System, address: str) -> dict[str, Any]:
    """Void a record of today."""
    version = (await system.clerk.get(address)).headers["etag"]
    voided = await system.clerk.post(f"{address}:void", json=WHY, headers={"If-Match": version})
    assert voided.status_code == 200, voided.text
    shown: dict[str, Any] = voided.json()
    assert shown["voiding"]["voided_at"] is not None
    await system.catch_up()
    return shown


async def test_an_item_is_judged_by_the_check_before_one_that_is_voided(
    system: System, household_id: str
) -> None:
    await grade(system, household_id, "C", "2020-06-10")
    await grade(system, household_id, "A", "2020-09-20")
    assert (await housing(system, household_id))["state"] == "ready"
    asked = {"household_id": household_id, "sort": "-checked_on"}
    checks = (await system.clerk.get("/v1/guarantee-checks", params=asked)).json()["items"]
    await void(system, f"/v1/guarantee-checks/{checks[0]['id']}")
    found = await housing(system, household_id)
    assert (found["state"], found["evidence"][0]["value"]) == ("open", "C")
    await void(system, f"/v1/guarantee-checks/{checks[1]['id']}")
    assert (await housing(system, household_id))["outcome"] == "undetermined"


async def test_items_of_a_household_that_is_voided_are_withdrawn(
    system: System, household_id: str
) -> None:
    await grade(system, household_id, "C", "2020-06-10")
    assert (await housing(system, household_id))["state"] == "open"
    await void(system, f"/v1/households/{household_id}")
    assert (await housing(system, household_id))["state"] == "withdrawn"
