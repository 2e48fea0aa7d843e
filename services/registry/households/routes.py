"""``/v1/households`` 农户."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from services.registry.allowances.domain import FindsExhausted
from services.registry.households.kind import HOUSEHOLD, HouseholdFilter, HouseholdOrder
from services.registry.households.members.entering import Entering, PersonCannotBeEntered
from services.registry.households.queries import list_households as page_of_households
from services.registry.households.queries import read_household
from services.registry.households.schemas import Household, RevealedHousehold, RevealHousehold
from services.registry.households.usecases import (
    amend_household,
    put_household,
    record_household,
    void_household,
)
from services.registry.recording.revealing import add_revealing
from services.registry.recording.routes import Verbs, add_writing, router_of
from services.registry.recording.voiding import VoidingOutdated
from services.registry.scopes import Scope
from shared.journal.records import known_state
from shared.security.access import Caller, requires
from shared.web.etags import etag, representation
from shared.web.pages import Page, PageAsked
from shared.web.reading import DatabaseInUse, KnownAt
from shared.web.row_pages import as_json

router = router_of(HOUSEHOLD)
Reader = Annotated[Caller, requires(Scope.HOUSEHOLDS_READ)]


@router.get("", response_model=Page[Household])
async def list_households(
    database: DatabaseInUse,
    caller: Reader,
    narrow: Annotated[HouseholdFilter, Depends()],
    asked: PageAsked,
    sort: Annotated[HouseholdOrder, Query(description="排序")] = HouseholdOrder.VILLAGE,
) -> Response:
    """农户列表。 List the households of a division."""
    async with database.driver() as driver:
        page = await page_of_households(driver, caller, narrow, sort, asked)
    return asked.answer(page)


@router.get("/{household_id}", response_model=Household)
async def get_household(
    household_id: UUID, database: DatabaseInUse, caller: Reader, known_at: KnownAt = None
) -> Response:
    """读取农户。 Read a household, as it is or as it was known at a moment."""
    if known_at is not None:
        async with database.session() as session:
            state = await known_state(session, HOUSEHOLD, household_id, caller, known_at)
        return representation(state)
    async with database.driver() as driver:
        row = await read_household(driver, household_id, caller)
    return Response(
        as_json(row),
        media_type="application/json",
        headers={"ETag": etag(row["version"])},
    )


add_revealing(
    router,
    HOUSEHOLD,
    RevealHousehold,
    RevealedHousehold,
    "查看农户联系电话。 Reveal a household's telephone; who asked and why is kept in its history.",
)
add_writing(
    router,
    HOUSEHOLD,
    Verbs(
        record_household,
        put_household,
        amend_household,
        recording=[],
        changing=[PersonCannotBeEntered, FindsExhausted],
        voiding=[VoidingOutdated],
        hand=Entering,
        void=void_household,
    ),
)
