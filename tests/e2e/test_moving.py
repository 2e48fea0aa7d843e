"""A household moves to another county: how it was judged goes with it, by every way to read it."""

from typing import Any

import httpx
import pytest

from services.registry.scopes import Scope as RegistryScope
from services.rules.determinations.places import Mover
from shared.journal.follower import Follower
from shared.problems import DependencyUnavailable
from tests.e2e.conftest import COUNTY, System
from tests.registry.samples import MERGE, VILLAGE

FARAWAY, OTHER_COUNTY, PROVINCE = "330324001001", "330324000000", "330000000000"


def follower_of(system: System) -> Follower:
    state = system.rules.state
    return Follower(
        state.database, "registry", state.registry, Mover(state.clock).plan, state.clock
    )


async def move(system: System, household_id: str, village: str) -> None:
    """Move a household in the registry, as the province may."""
    token = system.token(*RegistryScope, division=PROVINCE, subject="province-clerk")
    async with httpx.AsyncClient(
        transport=system.way_to_registry,
        base_url="http://r",
        headers={"Authorization": f"Bearer {token}"},
    ) as province:
        address = f"/v1/households/{household_id}"
        version = (await province.get(address)).headers["etag"]
        answer = await province.patch(
            address, json={"village_code": village}, headers={**MERGE, "If-Match": version}
        )
        assert answer.status_code == 200, answer.text


async def determined(system: System, household_id: str, division: str = COUNTY) -> httpx.Response:
    asked = {
        "subject": {"kind": "household", "id": household_id},
        "as_of": "2020-10-15",
        "purpose": "年度清零认定",
    }
    async with system.judge_of(division) as judge:
        return await judge.post(
            "/v1/determinations", json=asked, headers={"Idempotency-Key": "once"}
        )


async def reads(system: System, division: str, made: dict[str, Any]) -> dict[str, Any]:
    """Return what a county reads of a determination, by every way there is."""
    address, subject = f"/v1/determinations/{made['id']}", made["subject_id"]
    async with system.judge_of(division) as judge:
        listed = [
            (await judge.get(path)).json()["items"]
            for path in (
                "/v1/determinations",
                f"/v1/determinations?subject_id={subject}&subject_kind=household",
                f"/v1/outcomes?kind=household&id={subject}",
            )
        ]
        events = (await judge.get("/v1/events")).json()
        return {
            "by_id": (await judge.get(address)).status_code,
            "replayed": (await judge.post(f"{address}:replay")).status_code,
            "lists": [len(items) for items in listed],
            "told": [
                (each["type"].rpartition(".")[2], bool(each["data"]["state"]))
                for each in events
                if each["subject"] == f"determination/{made['id']}"
            ],
        }


ALL = {"by_id": 200, "replayed": 200, "lists": [1, 1, 1]}
NONE = {"by_id": 404, "replayed": 404, "lists": [0, 0, 0]}


async def test_how_it_was_judged_travels_with_a_household(
    system: System, household_id: str
) -> None:
    made = (await determined(system, household_id)).json()
    assert await reads(system, COUNTY, made) == ALL | {"told": [("created", True)]}
    assert await reads(system, OTHER_COUNTY, made) == NONE | {"told": []}
    follower = follower_of(system)
    await move(system, household_id, FARAWAY)
    while await follower.advance():
        pass
    assert await reads(system, COUNTY, made) == NONE | {"told": [("left", False)]}
    assert await reads(system, OTHER_COUNTY, made) == ALL | {"told": [("moved", True)]}
    async with system.judge_of(OTHER_COUNTY) as judge:
        address = f"/v1/determinations/{made['id']}"
        read = (await judge.get(address)).json()
        assert (read["division"], read["judged_in"]) == (FARAWAY, VILLAGE)
        assert read["determined_by"] == made["determined_by"]
        assert (await judge.post(f"{address}:replay")).json()["agrees"]
    again = await determined(system, household_id)
    assert again.status_code == 404, "an answer that was kept is not given to whom it left"


async def test_while_the_registry_is_away_nothing_is_taken_along(
    system: System, household_id: str
) -> None:
    made = (await determined(system, household_id)).json()
    follower = follower_of(system)
    await move(system, household_id, FARAWAY)
    system.way_to_registry.broken = True
    with pytest.raises(DependencyUnavailable):
        await follower.advance()
    system.way_to_registry.broken = False
    await follower.advance()
    assert (await reads(system, OTHER_COUNTY, made))["by_id"] == 200


async def test_what_was_asked_before_a_move_is_not_kept_after_it(
    system: System, household_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The move is told between the registry's answer and the writing of the determination."""
    registry, follower = system.rules.state.registry, follower_of(system)
    stated = await registry.facts_of(
        "household", household_id, system.rules.state.clock.now().date()
    )
    await move(system, household_id, FARAWAY)
    await follower.advance()

    async def as_before(*_: object) -> object:
        return stated

    with monkeypatch.context() as patched:
        patched.setattr(registry, "facts_of", as_before)
        refused = await determined(system, household_id)
    assert refused.status_code == 503
    assert refused.json()["type"].endswith("household-moving")
    assert refused.headers["Retry-After"]
    assert (await determined(system, household_id)).status_code == 404
    made = await determined(system, household_id, OTHER_COUNTY)
    assert made.json()["division"] == FARAWAY
