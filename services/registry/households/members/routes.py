"""``/v1/members`` 家庭成员."""

from typing import Annotated

from services.registry.allowances.domain import FindsExhausted
from services.registry.allowances.usecases import ALLOWANCE_HEADERS, AllowancesInUse
from services.registry.households.members.entering import Entering, PersonCannotBeEntered
from services.registry.households.members.kind import MEMBER
from services.registry.households.members.memberships import HeadAlreadyActive
from services.registry.households.members.schemas import (
    DocumentLookup,
    Member,
    RevealedMember,
    RevealMember,
)
from services.registry.households.members.usecases import (
    amend_member,
    put_member,
    record_member,
    void_member,
)
from services.registry.households.members.usecases import find_members as find
from services.registry.personal_data import NO_STORE, SealerInUse
from services.registry.recording.revealing import add_revealing
from services.registry.recording.routes import Verbs, add_reading, add_writing, router_of
from services.registry.recording.standing import RecordVoided
from services.registry.scopes import Scope
from shared.problems import problems
from shared.web.pages import Page, PageAsked
from shared.web.work import CallersWork, writing

router = router_of(MEMBER)
Finding = Annotated[CallersWork, writing(Scope.MEMBERS_FIND)]
CONFLICTS = (PersonCannotBeEntered, HeadAlreadyActive, FindsExhausted)


@router.post(":find", responses=ALLOWANCE_HEADERS | problems(FindsExhausted))
async def find_members(
    person: DocumentLookup,
    work: Finding,
    sealer: SealerInUse,
    allowances: AllowancesInUse,
    asked: PageAsked,
) -> Page[Member]:
    """按证件号码查找。 Find a person by the number of a document; past memberships are included.

    Each find, also one that finds nobody, is counted by caller and day, and is kept in the journal
    with its purpose: for itself, and in the history of each member found.
    """
    asked.response.headers.update(NO_STORE)
    return await find(work, sealer, allowances, person, asked)


add_revealing(
    router,
    MEMBER,
    RevealMember,
    RevealedMember,
    "查看证件号码。 Reveal a document's number; who asked and why is kept in the history.",
)
add_reading(router, MEMBER)
add_writing(
    router,
    MEMBER,
    Verbs(
        record_member,
        put_member,
        amend_member,
        recording=[RecordVoided, *CONFLICTS],
        changing=CONFLICTS,
        hand=Entering,
        void=void_member,
    ),
)
