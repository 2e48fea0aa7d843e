"""``/v1/households`` 农户."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.registry.allowances.domain import FindsExhausted, RevealsExhausted
from services.registry.allowances.usecases import ALLOWANCE_HEADERS, AllowancesInUse
from services.registry.households.members.entering import Entering, PersonCannotBeEntered
from services.registry.households.queries import (
    HouseholdFilter,
    HouseholdOrder,
    read_household,
)
from services.registry.households.queries import (
    list_households as page_of_households,
)
from services.registry.households.records import HOUSEHOLD
from services.registry.households.schemas import (
    Household,
    HouseholdContent,
    NewHousehold,
    RevealedHousehold,
    RevealHousehold,
)
from services.registry.households.usecases import amend_household as amend
from services.registry.households.usecases import put_household as put
from services.registry.households.usecases import record_household, void_household
from services.registry.households.usecases import reveal_household as reveal
from services.registry.personal_data import NO_STORE, SealerInUse
from services.registry.recording.putting import (
    AS_SENT,
    EXTERNAL_PATH,
    ExternalIdentityAsked,
    answer_put,
    put_responses,
)
from services.registry.recording.routes import add_voiding
from services.registry.recording.standing import RecordVoided, VoidingProposed
from services.registry.scopes import Scope
from shared.journal.history import HistoryEntry
from shared.journal.records import history, known_state
from shared.problems import (
    Conflict,
    Forbidden,
    InvalidCursor,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    UnknownParameter,
    UnsupportedMediaType,
    problems,
)
from shared.security.access import Caller, requires
from shared.web.etags import IfMatch, IfMatchSent, etag, representation
from shared.web.merge_patch import MergePatch, merge_patch_body
from shared.web.pages import Page, PageAsked
from shared.web.reading import DatabaseInUse, KnownAt, ReadSession
from shared.web.route import ServiceRoute
from shared.web.row_pages import as_json
from shared.web.work import WorkInHand

router = APIRouter(prefix="/v1/households", route_class=ServiceRoute, tags=["households 农户"])
Reader = Annotated[Caller, requires(Scope.HOUSEHOLDS_READ)]
Writer = Annotated[Caller, requires(Scope.HOUSEHOLDS_WRITE)]
Revealer = Annotated[Caller, requires(Scope.PERSONAL_DATA_REVEAL)]


@router.post("", status_code=201, responses=problems(Conflict, Forbidden, NotFound))
async def create_household(
    new: NewHousehold, work: WorkInHand, caller: Writer, sealer: SealerInUse, response: Response
) -> Household:
    """登记农户。 Record a household; send an ``Idempotency-Key`` to retry safely."""
    row = await record_household(work, caller, sealer, new)
    response.headers.update({"ETag": etag(row.version), "Location": f"/v1/households/{row.id}"})
    return Household.of(row)


@router.put(
    EXTERNAL_PATH,
    responses=put_responses(Household, PersonCannotBeEntered, FindsExhausted),
)
async def put_household(
    identity: ExternalIdentityAsked,
    new: Annotated[NewHousehold, AS_SENT],
    work: WorkInHand,
    caller: Writer,
    sealer: SealerInUse,
    allowances: AllowancesInUse,
    expected: IfMatchSent,
    response: Response,
) -> Household:
    """按外部编号登记或更新农户。 Put a household, as a whole, under what another system calls it."""
    entering = Entering(work, caller, sealer, allowances)
    row, created = await put(entering, identity, expected, new)
    answer_put(response, f"/v1/households/{row.id}", row.version, created=created)
    return Household.of(row)


@router.get(
    "",
    response_model=Page[Household],
    responses=problems(InvalidCursor, UnknownParameter, Forbidden, NotFound),
)
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


@router.get("/{household_id}", response_model=Household, responses=problems(Forbidden, NotFound))
async def get_household(
    household_id: UUID,
    database: DatabaseInUse,
    caller: Reader,
    known_at: KnownAt = None,
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


@router.patch(
    "/{household_id}",
    responses=problems(
        Conflict,
        RecordVoided,
        VoidingProposed,
        PersonCannotBeEntered,
        FindsExhausted,
        Forbidden,
        NotFound,
        PreconditionFailed,
        PreconditionRequired,
        UnsupportedMediaType,
    ),
    openapi_extra=merge_patch_body(HouseholdContent, {"category": "dibao_margin"}),
)
async def amend_household(
    household_id: UUID,
    work: WorkInHand,
    caller: Writer,
    sealer: SealerInUse,
    allowances: AllowancesInUse,
    patch: MergePatch,
    expected: IfMatch,
    response: Response,
) -> Household:
    """修改农户。 Amend a household with a JSON merge patch; null makes a member unknown."""
    row = await amend(Entering(work, caller, sealer, allowances), household_id, expected, patch)
    response.headers["ETag"] = etag(row.version)
    return Household.of(row)


@router.get("/{household_id}/history", responses=problems(InvalidCursor, Forbidden, NotFound))
async def list_household_history(
    household_id: UUID, session: ReadSession, caller: Reader, asked: PageAsked
) -> Page[HistoryEntry]:
    """农户变更记录。 Who changed what, when and why, oldest first."""
    return await history(session, HOUSEHOLD, household_id, caller, asked)


@router.post(
    "/{household_id}:reveal",
    responses=ALLOWANCE_HEADERS | problems(Forbidden, NotFound, RevealsExhausted),
)
async def reveal_household(
    household_id: UUID,
    asked: RevealHousehold,
    work: WorkInHand,
    caller: Revealer,
    sealer: SealerInUse,
    allowances: AllowancesInUse,
    response: Response,
) -> RevealedHousehold:
    """查看农户联系电话。 Reveal a household's telephone; who asked and why is kept in its history."""
    phone = await reveal(work, caller, sealer, allowances, household_id, asked)
    response.headers.update(NO_STORE)
    return RevealedHousehold(phone=phone)


add_voiding(
    router,
    HOUSEHOLD,
    label="农户（连同其名下全部记录）",
    id_name="household_id",
    recorded=Household,
    writer=Scope.HOUSEHOLDS_WRITE,
    void=void_household,
)
