"""``/v1/villages`` 行政村."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.registry.scopes import Scope
from services.registry.villages.queries import VillageFilter, read_village
from services.registry.villages.queries import list_villages as page_of_villages
from services.registry.villages.schemas import Village, VillageSummary
from shared.security.access import Caller, requires
from shared.values.divisions import DivisionCode
from shared.web.pages import Page, PageAsked
from shared.web.reading import DatabaseInUse, ReadSession
from shared.web.route import ServiceRoute

router = APIRouter(prefix="/v1/villages", route_class=ServiceRoute, tags=["villages 行政村"])
Reader = Annotated[Caller, requires(Scope.VILLAGES_READ)]


@router.get("", response_model=Page[VillageSummary])
async def list_villages(
    database: DatabaseInUse,
    caller: Reader,
    narrow: Annotated[VillageFilter, Depends()],
    asked: PageAsked,
) -> Response:
    """行政村列表。 List the villages of a division by code, each with its latest account."""
    async with database.driver() as driver:
        page = await page_of_villages(driver, caller, narrow, asked)
    return asked.answer(page)


@router.get("/{code}")
async def get_village(code: DivisionCode, session: ReadSession, caller: Reader) -> Village:
    """读取行政村。 Read a village with its accounts, newest year first."""
    return await read_village(session, caller, code)
