"""``/v1/members`` 家庭成员."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.registry.allowances.domain import FindsExhausted, RevealsExhausted
from services.registry.allowances.usecases import ALLOWANCE_HEADERS, AllowancesInUse
from services.registry.households.members.entering import Entering, PersonCannotBeEntered
from services.registry.households.members.memberships import (
    HeadAlreadyActive,
)
from services.registry.households.members.queries import (
    MemberFilter,
    MemberOrder,
)
from services.registry.households.members.queries import list_members as page_of_members
from services.registry.households.members.records import MEMBER
from services.registry.households.members.schemas import (
    DocumentLookup,
    Member,
    MemberContent,
    NewMember,
    RevealedMember,
    RevealMember,
)
from services.registry.households.members.usecases import amend_member as amend
from services.registry.households.members.usecases import find_members as find
from services.registry.households.members.usecases import put_member as put
from services.registry.households.members.usecases import record_member, void_member
from services.registry.households.members.usecases import reveal_member as reveal
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
from shared.journal.records import history, state_of
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
from shared.web.reading import KnownAt, ReadSession
from shared.web.route import ServiceRoute
from shared.web.work import WorkInHand

router = APIRouter(prefix="/v1/members", route_class=ServiceRoute, tags=["members 家庭成员"])
Reader = Annotated[Caller, requires(Scope.HOUSEHOLDS_READ)]
Writer = Annotated[Caller, requires(Scope.HOUSEHOLDS_WRITE)]
Finder = Annotated[Caller, requires(Scope.MEMBERS_FIND)]
Revealer = Annotated[Caller, requires(Scope.PERSONAL_DATA_REVEAL)]
CONFLICTS = (
    Conflict,
    RecordVoided,
    VoidingProposed,
    PersonCannotBeEntered,
    HeadAlreadyActive,
    FindsExhausted,
)


@router.post("", status_code=201, responses=problems(*CONFLICTS, Forbidden, NotFound))
async def create_member(
    new: NewMember,
    work: WorkInHand,
    caller: Writer,
    sealer: SealerInUse,
    allowances: AllowancesInUse,
    response: Response,
) -> Member:
    """登记家庭成员。 Record a member; a person belongs to one household at a time, with one head."""
    row = await record_member(Entering(work, caller, sealer, allowances), new)
    response.headers.update({"ETag": etag(row.version), "Location": f"/v1/members/{row.id}"})
    return Member.of(row)


@router.put(EXTERNAL_PATH, responses=put_responses(Member, *CONFLICTS))
async def put_member(
    identity: ExternalIdentityAsked,
    new: Annotated[NewMember, AS_SENT],
    work: WorkInHand,
    caller: Writer,
    sealer: SealerInUse,
    allowances: AllowancesInUse,
    expected: IfMatchSent,
    response: Response,
) -> Member:
    """按外部编号登记或更新家庭成员。 Put a member, as a whole, under what another system calls it."""
    entering = Entering(work, caller, sealer, allowances)
    row, created = await put(entering, identity, expected, new)
    answer_put(response, f"/v1/members/{row.id}", row.version, created=created)
    return Member.of(row)


@router.get("", responses=problems(InvalidCursor, UnknownParameter, Forbidden, NotFound))
async def list_members(
    session: ReadSession,
    caller: Reader,
    narrow: Annotated[MemberFilter, Depends()],
    asked: PageAsked,
    sort: Annotated[MemberOrder, Query(description="排序")] = MemberOrder.VILLAGE,
) -> Page[Member]:
    """家庭成员列表。 List the members of a division or a household."""
    return await page_of_members(session, caller, narrow, sort, asked)


@router.post(
    ":find",
    responses=ALLOWANCE_HEADERS
    | problems(InvalidCursor, UnknownParameter, Forbidden, FindsExhausted),
)
async def find_members(
    person: DocumentLookup,
    work: WorkInHand,
    caller: Finder,
    sealer: SealerInUse,
    allowances: AllowancesInUse,
    asked: PageAsked,
) -> Page[Member]:
    """按证件号码查找。 Find a person by the number of a document; past memberships are included.

    Each find, also one that finds nobody, is counted by caller and day, and is kept in the journal
    with its purpose: for itself, and in the history of each member found.
    """
    asked.response.headers.update(NO_STORE)
    return await find(work, caller, sealer, allowances, person, asked)


@router.get("/{member_id}", response_model=Member, responses=problems(Forbidden, NotFound))
async def get_member(
    member_id: UUID, session: ReadSession, caller: Reader, known_at: KnownAt = None
) -> Response:
    """读取家庭成员。 Read a member, as it is or as it was known at a moment."""
    state = await state_of(session, MEMBER, member_id, caller, known_at)
    return representation(state)


@router.patch(
    "/{member_id}",
    responses=problems(
        *CONFLICTS,
        Forbidden,
        NotFound,
        PreconditionFailed,
        PreconditionRequired,
        UnsupportedMediaType,
    ),
    openapi_extra=merge_patch_body(
        MemberContent, {"left_on": "2020-08-01", "leave_reason": "married_out"}
    ),
)
async def amend_member(
    member_id: UUID,
    work: WorkInHand,
    caller: Writer,
    sealer: SealerInUse,
    allowances: AllowancesInUse,
    patch: MergePatch,
    expected: IfMatch,
    response: Response,
) -> Member:
    """修改家庭成员，离开也在此登记。 Amend a member, also when they leave: give ``left_on``."""
    row = await amend(Entering(work, caller, sealer, allowances), member_id, expected, patch)
    response.headers["ETag"] = etag(row.version)
    return Member.of(row)


@router.get("/{member_id}/history", responses=problems(InvalidCursor, Forbidden, NotFound))
async def list_member_history(
    member_id: UUID, session: ReadSession, caller: Reader, asked: PageAsked
) -> Page[HistoryEntry]:
    """家庭成员变更记录。 Who changed, moved or revealed what, when and why, oldest first."""
    return await history(session, MEMBER, member_id, caller, asked)


@router.post(
    "/{member_id}:reveal",
    responses=ALLOWANCE_HEADERS | problems(Forbidden, NotFound, RevealsExhausted),
)
async def reveal_member(
    member_id: UUID,
    asked: RevealMember,
    work: WorkInHand,
    caller: Revealer,
    sealer: SealerInUse,
    allowances: AllowancesInUse,
    response: Response,
) -> RevealedMember:
    """查看证件号码。 Reveal a document's number; who asked and why is kept in the history."""
    number = await reveal(work, caller, sealer, allowances, member_id, asked)
    response.headers.update(NO_STORE)
    return RevealedMember(document_number=number)


add_voiding(
    router,
    MEMBER,
    label="家庭成员",
    id_name="member_id",
    recorded=Member,
    writer=Scope.HOUSEHOLDS_WRITE,
    void=void_member,
)
