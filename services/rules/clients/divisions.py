"""Which divisions there are: asked of the registry once in a while, and kept.

Nothing is judged by the figures of a division that does not exist, and none outside the caller's own
is told from one that does not.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from services.rules.clients.registry import DivisionName, RegistryClient
from shared.clock import Clock
from shared.problems import DependencyUnavailable, NotFound
from shared.security.access import Caller
from shared.values.bilingual import Bilingual


class _Kept(NamedTuple):
    division: DivisionName
    asked_at: datetime


class KnownDivisions:
    """The divisions that the registry has named; those that it does not know are not kept."""

    def __init__(self, registry: RegistryClient, clock: Clock, kept_for: timedelta) -> None:
        self._registry = registry
        self._clock = clock
        self._kept_for = kept_for
        self._kept: dict[str, _Kept] = {}

    async def require(self, caller: Caller, code: str, as_of: date | None = None) -> None:
        """Refuse a division outside the caller's own, and one that does not stand on a day.

        Without a day it must have stood on some.

        Raises:
            NotFound: it is outside, unknown, or does not stand on that day.
            DependencyUnavailable: the registry is away, and has never named it.

        """
        caller.require_within(code)
        division = await self._named(code)
        if division is None or not (as_of is None or _stands(division, as_of)):
            raise NotFound(no_division(code, as_of))

    async def _named(self, code: str) -> DivisionName | None:
        now, kept = self._clock.now(), self._kept.get(code)
        if kept is not None and now - kept.asked_at < self._kept_for:
            return kept.division
        try:
            division = await self._registry.division(code)
        except DependencyUnavailable:
            # Divisions change by the year: what the registry named before it went away will do.
            if kept is None:
                raise
            return kept.division
        if division is not None:
            self._kept[code] = _Kept(division, now)
        return division


def _stands(division: DivisionName, day: date) -> bool:
    """Tell whether a division stands on a day; one without dates always does."""
    first, past_last = division.get("valid_from"), division.get("valid_to")
    begun = first is None or date.fromisoformat(first) <= day
    return begun and (past_last is None or day < date.fromisoformat(past_last))


def no_division(code: str, as_of: date | None = None) -> Bilingual:
    """Return the words for a division that does not exist."""
    if as_of is None:
        return Bilingual(
            f"没有区划 {code}；请在 registry 的 /v1/divisions 中查询。",
            f"There is no division {code}; look it up in the registry's /v1/divisions.",
        )
    return Bilingual(
        f"{as_of} 没有区划 {code}；请在 registry 的 /v1/divisions 中查询。",
        f"There is no division {code} on {as_of}; look it up in the registry's /v1/divisions.",
    )
