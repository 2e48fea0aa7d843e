"""What the routes of rules work with beside the releases: a client of the registry."""

from typing import Annotated

from fastapi import Depends, Request

from services.rules.clients.divisions import KnownDivisions
from services.rules.clients.registry import RegistryClient
from shared.security.access import authenticate
from shared.values.divisions import parse_division_code
from shared.values.periods import parse_date
from shared.values.refusal import InvalidValue


async def _divisions(request: Request) -> KnownDivisions:
    divisions: KnownDivisions = request.app.state.divisions
    return divisions


Divisions = Annotated[KnownDivisions, Depends(_divisions)]
"""The divisions that there are."""
NAMING_DIVISIONS = ("division", "county")


async def _known_divisions(request: Request, divisions: Divisions) -> None:
    """Refuse divisions in the address that do not exist, whichever route is asked.

    What is no code at all, or no date, is left to the route, which says what it should be.
    """
    asked = {**request.query_params, **request.path_params}
    try:
        codes = [parse_division_code(asked[name]) for name in NAMING_DIVISIONS if name in asked]
        as_of = parse_date(asked["as_of"]) if "as_of" in asked else None
    except InvalidValue:
        return
    if codes:
        caller = authenticate(request)
        for code in codes:
            await divisions.require(caller, code, as_of)


KNOWN_DIVISIONS = Depends(_known_divisions)
"""Goes before every route with a division in its address."""


async def _registry(request: Request) -> RegistryClient:
    client: RegistryClient = request.app.state.registry
    return client


Registry = Annotated[RegistryClient, Depends(_registry)]
"""A client of the registry, speaking for rules."""
