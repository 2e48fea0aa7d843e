"""``/v1/facts`` 事实."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from services.registry.facts.queries import look_up_facts, read_division_facts, read_facts
from services.registry.facts.schemas import (
    FactOf,
    FactsStatement,
    HouseholdLookup,
    LookupAnswer,
    VillageLookup,
)
from services.registry.facts.stream import MEDIA_TYPE, stream_facts
from services.registry.scopes import Scope
from shared.problems import problems
from shared.security.access import Caller, requires
from shared.values.divisions import DivisionCode
from shared.values.periods import IsoDate
from shared.web.negotiation import NotAcceptable, chosen_format
from shared.web.reading import DatabaseInUse, SettingsInUse
from shared.web.route import ServiceRoute
from shared.web.row_pages import as_json
from shared.web.streams import StreamedAnswer, StreamPlaces

router = APIRouter(prefix="/v1/facts", route_class=ServiceRoute, tags=["facts 事实"])
Reader = Annotated[Caller, requires(Scope.FACTS_READ)]
AsOf = Annotated[IsoDate, Query(description="截至日期 what held on this day")]
Whole = Annotated[DivisionCode | None, Query(description="区划 the caller's own unless given")]
ONLY = Query(alias="fact", description="只要这些事实（可重复） only these facts, all unless given")
Recorders = Annotated[bool, Query(description="含记录人 with the columns of who recorded them")]


STREAMED = {
    200: {
        "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        "description": "Arrow 流，每个对象一行 an Arrow IPC stream, one row a subject; "
        "money in fen as int64, null is not known",
    },
    **problems(NotAcceptable),
}


@router.get("/households", response_class=StreamingResponse, responses=STREAMED)
async def stream_household_facts(
    request: Request,
    database: DatabaseInUse,
    settings: SettingsInUse,
    places: StreamPlaces,
    caller: Reader,
    as_of: AsOf,
    division: Whole = None,
    only: Annotated[list[Annotated[str, FactOf("household")]] | None, ONLY] = None,
    recorders: Recorders = False,
) -> Response:
    """全区划农户事实（Arrow 流）。 The facts of every household of a division, as an Arrow stream."""
    chosen_format(request, MEDIA_TYPE)
    whole = caller.reach(division)
    content = stream_facts(
        database, "household", whole, as_of, only, recorders=recorders, settings=settings
    )
    return await StreamedAnswer.of(places.held(caller.subject, content), media_type=MEDIA_TYPE)


@router.get("/villages", response_class=StreamingResponse, responses=STREAMED)
async def stream_village_facts(
    request: Request,
    database: DatabaseInUse,
    settings: SettingsInUse,
    places: StreamPlaces,
    caller: Reader,
    as_of: AsOf,
    division: Whole = None,
    only: Annotated[list[Annotated[str, FactOf("village")]] | None, ONLY] = None,
    recorders: Recorders = False,
) -> Response:
    """全区划村事实（Arrow 流）。 The facts of every village of a division, as an Arrow stream."""
    chosen_format(request, MEDIA_TYPE)
    whole = caller.reach(division)
    content = stream_facts(
        database, "village", whole, as_of, only, recorders=recorders, settings=settings
    )
    return await StreamedAnswer.of(places.held(caller.subject, content), media_type=MEDIA_TYPE)


@router.get("/households/{household_id}", response_model=FactsStatement)
async def get_household_facts(
    household_id: UUID, database: DatabaseInUse, caller: Reader, as_of: AsOf
) -> Response:
    """一户的事实及出处。 The facts of one household, each with its date and who recorded it."""
    async with database.driver() as driver:
        statement = await read_facts(driver, "household", household_id, caller, as_of)
    return _json(statement)


@router.get("/villages/{village_code}", response_model=FactsStatement)
async def get_village_facts(
    village_code: DivisionCode, database: DatabaseInUse, caller: Reader, as_of: AsOf
) -> Response:
    """一村的事实及出处。 The facts of one village, each with its date and who recorded it."""
    async with database.driver() as driver:
        statement = await read_facts(driver, "village", village_code, caller, as_of)
    return _json(statement)


@router.post("/households:lookup", response_model=LookupAnswer)
async def find_household_facts(
    asked: HouseholdLookup, database: DatabaseInUse, caller: Reader
) -> Response:
    """多户的事实。 The facts of many households."""
    async with database.driver() as driver:
        found = await look_up_facts(driver, "household", asked.ids, caller, asked.as_of)
    return _json(found)


@router.post("/villages:lookup", response_model=LookupAnswer)
async def find_village_facts(
    asked: VillageLookup, database: DatabaseInUse, caller: Reader
) -> Response:
    """多村的事实。 The facts of many villages."""
    async with database.driver() as driver:
        found = await look_up_facts(driver, "village", asked.ids, caller, asked.as_of)
    return _json(found)


@router.get("/divisions/{code}", response_model=FactsStatement)
async def get_division_facts(
    code: DivisionCode, database: DatabaseInUse, caller: Reader, as_of: AsOf
) -> Response:
    """区划整体的事实。 The facts recorded of a division as a whole."""
    caller.require_within(code)
    async with database.driver() as driver:
        statement = await read_division_facts(driver, code, as_of)
    return _json(statement)


def _json(document: dict[str, object]) -> Response:
    return Response(as_json(document), media_type="application/json")
