"""The divisions that the registry has named are known for a while, also while it is away."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from shared.clock import DemonstrationClock
from shared.divisions import DivisionName, DivisionsClient, KnownDivisions
from shared.problems import DependencyUnavailable, NotFound
from shared.security.access import Caller
from shared.testing.clock import FrozenClock
from shared.values.bilingual import Bilingual

COUNTY, VILLAGE, NOWHERE = "330127000000", "330127100219", "330127999999"
CLERK = Caller("clerk", "clerk", COUNTY, frozenset())


class Registry(DivisionsClient):
    """A registry of two divisions that stood from 2015 to 2020; it can go away."""

    def __init__(self) -> None:
        super().__init__("registry", "http://registry", lambda: "none")
        self.away = False
        self.asked = 0

    async def division(self, code: str) -> DivisionName | None:
        self.asked += 1
        if self.away:
            raise DependencyUnavailable(Bilingual("", ""))
        if code not in {COUNTY, VILLAGE}:
            return None
        return DivisionName(
            code=code, name="", level="county", valid_from="2015-01-01", valid_to="2021-01-01"
        )


@pytest.fixture
def registry() -> Registry:
    return Registry()


async def test_a_division_stands_from_its_first_day_to_the_day_before_its_last(
    clock: FrozenClock, registry: Registry
) -> None:
    known = KnownDivisions(registry, clock, timedelta(minutes=10))
    for day, stands in (
        (date(2014, 12, 31), False),
        (date(2015, 1, 1), True),
        (date(2020, 12, 31), True),
        (date(2021, 1, 1), False),
    ):
        if stands:
            await known.require(CLERK, COUNTY, day)
        else:
            with pytest.raises(NotFound):
                await known.require(CLERK, COUNTY, day)
    await known.require(CLERK, COUNTY)


@pytest.mark.parametrize("unless_away", [False, True])
async def test_what_the_registry_named_is_known_while_it_is_away(
    clock: FrozenClock, registry: Registry, unless_away: bool
) -> None:
    known = KnownDivisions(registry, clock, timedelta(0), unless_away=unless_away)
    await known.require(CLERK, COUNTY)
    registry.away = True
    await known.require(CLERK, COUNTY)
    with pytest.raises(NotFound):
        await known.require(CLERK, "340100000000")
    if unless_away:
        await known.require(CLERK, NOWHERE)
    else:
        with pytest.raises(DependencyUnavailable):
            await known.require(CLERK, VILLAGE)
    registry.away = False
    with pytest.raises(NotFound):
        await known.require(CLERK, NOWHERE)


async def test_how_long_a_division_is_known_is_the_machines_time(
    clock: FrozenClock, registry: Registry, tmp_path: Path
) -> None:
    shown = DemonstrationClock.begun(tmp_path / "clock.json", clock.now())
    known = KnownDivisions(registry, shown, timedelta(minutes=10))
    await known.require(CLERK, COUNTY)
    shown.advance(timedelta(days=5))
    await known.require(CLERK, COUNTY)
    assert registry.asked == 1
