"""Which divisions there are, in whatever names one in an address or a body.

Nothing is answered of a division that does not exist: no figures of the one above it, no list or
count in which nobody is found. None outside the caller's own is told from one that does not exist.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Annotated, NamedTuple, NotRequired, Protocol, TypedDict

from fastapi import Depends, Request

from shared.clock import Clock, machine_time
from shared.http import ServiceClient
from shared.problems import DependencyUnavailable, NotFound
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.values.divisions import parse_division_code
from shared.values.periods import parse_date
from shared.values.refusal import InvalidValue

NAMING = frozenset({"division", "county"})
"""What a division is called in an address."""


class Divisions(Protocol):
    """Knows which divisions there are; each service has one as ``app.state.divisions``."""

    async def require(self, caller: Caller, code: str, as_of: date | None = None) -> None:
        """Refuse a division outside the caller's own, and one that does not stand on a day.

        Without a day it must have stood on some.

        Raises:
            NotFound: it is outside, unknown, or does not stand on that day.

        """
        ...


async def _divisions(request: Request) -> Divisions:
    divisions: Divisions = request.app.state.divisions
    return divisions


DivisionsInUse = Annotated[Divisions, Depends(_divisions)]
"""The divisions that there are, for routes whose body names one."""


async def require_named(request: Request, caller: Caller, names: Iterable[str]) -> None:
    """Refuse the divisions that a request's address names where they do not exist.

    What is no code at all, or no date, is left to the route, which says what it should be.

    Raises:
        NotFound: one is unknown, outside the caller's own, or does not stand on the day asked for.

    """
    asked = {**request.query_params, **request.path_params}
    try:
        codes = [parse_division_code(asked[name]) for name in names if name in asked]
        as_of = parse_date(asked["as_of"]) if "as_of" in asked else None
    except InvalidValue:
        return
    divisions: Divisions = request.app.state.divisions
    for code in codes:
        await divisions.require(caller, code, as_of)


class DivisionName(TypedDict):
    """A division as a list shows it, and from which day on until which it stands."""

    code: str
    name: str
    level: str
    valid_from: NotRequired[str]
    valid_to: NotRequired[str | None]


class DivisionsClient(ServiceClient):
    """What every service asks the registry."""

    async def division(self, code: str) -> DivisionName | None:
        """Return a division; None if there is none with that code.

        Raises:
            DependencyUnavailable: the registry cannot be asked now.

        """
        response = await self.get(f"/v1/divisions/{code}", expected={404})
        if response.status_code == 404:
            return None
        named: DivisionName = response.json()
        return named


class _Kept(NamedTuple):
    division: DivisionName
    asked_at: datetime


class KnownDivisions:
    """The divisions that the registry has named; those that it does not know are not kept.

    With ``unless_away`` a division that it never named passes while it is away.
    """

    def __init__(
        self,
        registry: DivisionsClient,
        clock: Clock,
        kept_for: timedelta,
        *,
        unless_away: bool = False,
    ) -> None:
        self._registry = registry
        self._clock = machine_time(clock)
        self._kept_for = kept_for
        self._unless_away = unless_away
        self._kept: dict[str, _Kept] = {}

    async def require(self, caller: Caller, code: str, as_of: date | None = None) -> None:
        """Refuse a division; see :class:`Divisions`.

        Raises:
            NotFound: it is outside, unknown, or does not stand on that day.
            DependencyUnavailable: the registry is away, and has never named it.

        """
        caller.require_within(code)
        try:
            division = await self._named(code)
        except DependencyUnavailable:
            if self._unless_away:
                return
            raise
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
