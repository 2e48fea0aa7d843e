"""What officials do with members: record one, amend one, reveal a document's number."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from services.registry.allowances.domain import Allowances, Use
from services.registry.allowances.usecases import show_left, spend
from services.registry.households.belonging import placed_in, require_same_household
from services.registry.households.happening import require_happened
from services.registry.households.kind import HOUSEHOLD
from services.registry.households.members.documents import document_columns, document_number
from services.registry.households.members.domain import (
    person_of,
    require_born,
    require_room,
    require_standing,
)
from services.registry.households.members.entering import Entering, count_entered, require_told
from services.registry.households.members.kind import MEMBER
from services.registry.households.members.memberships import (
    Membership,
    require_only_head,
    require_only_membership,
    stays_of_others,
)
from services.registry.households.members.queries import memberships_of
from services.registry.households.members.schemas import (
    NUMBER,
    DocumentLookup,
    Member,
    MemberContent,
    NewMember,
)
from services.registry.households.tables import HouseholdRow, MemberRow
from services.registry.personal_data import record_read
from services.registry.recording.domain import ExternalIdentity
from services.registry.recording.external import received
from services.registry.recording.standing import require_expected, require_not_voided, rewrite
from services.registry.recording.voiding import VoidingAsked, void_one
from services.registry.values.sealing import Sealer
from shared.ids import new_id
from shared.journal.entries import JournalSubject, record
from shared.journal.records import RecordKind, create, find
from shared.web.etags import ExpectedVersion
from shared.web.merge_patch import patched
from shared.web.pages import Page, PageRequest
from shared.web.validation import refusing_at
from shared.web.work import CallersWork


async def record_member(
    entering: Entering, new: NewMember, identity: ExternalIdentity | None = None
) -> MemberRow:
    """Record a member of a household; ``identity`` is what another system calls it.

    Raises:
        NotFound: the household lies outside the caller's division.
        RecordVoided: the household is voided.
        InvalidRequest: the member is not born yet, or the household has ended or is full.
        PersonCannotBeEntered: the person belongs to a household at the same time, or is dead.
        FindsExhausted: what depends on the register is not told to the caller any more today.
        HeadAlreadyActive: the household has another head at the same time.
        Conflict: the id is taken.

    """
    work = entering.work
    household = await find(work.session, HOUSEHOLD, new.household_id, work.caller, for_update=True)
    require_not_voided(HOUSEHOLD, household)
    columns = member_columns(new, new.id or new_id(), entering.sealer)
    await _require_possible(entering, household, columns, None, new.document_number)
    columns |= placed_in(household) | (identity.columns if identity else {})
    row = await create(work, MEMBER, columns)
    await require_told(entering)
    return row


async def put_member(
    entering: Entering, identity: ExternalIdentity, expected: ExpectedVersion, body: object
) -> tuple[MemberRow, bool]:
    """Record what another system calls so, or replace its content; tell also whether it is new.

    Raises:
        ExternalIdTaken: the id stands for another member.
        RecordVoided: what was sent under the id was voided, and is sent again.
        OfAnotherHousehold: it stands for a member of another household.
        PreconditionFailed: it is not there as the caller expects.

    What else may be raised is that of recording and of amending.
    """
    work = entering.work

    def key_of(new: NewMember) -> dict[str, Any]:
        person = entering.sealer.digest(person_of(new.document_number))
        return {"household_id": new.household_id, "document_digest": person}

    sent = await received(work, MEMBER, identity, NewMember, body, key_of, entering.sealer)
    if sent.record_id is None:
        expected.require_nothing_there()
        return await record_member(entering, sent.new, identity), True
    household, row = await _standing(work, sent.record_id, expected)
    if not sent.again:
        require_same_household(row, sent.new)
        await _rewrite(entering, household, row, sent.new, sent.new.document_number, identity)
    return row, False


async def amend_member(
    entering: Entering,
    member_id: UUID,
    expected_version: ExpectedVersion,
    patch: dict[str, Any],
) -> MemberRow:
    """Apply a merge patch to a member; a member leaves by being given ``left_on``.

    Raises:
        NotFound: the member does not exist for the caller.
        RecordVoided: the member is voided.
        VoidingProposed: somebody has proposed to void it.
        PreconditionFailed: it has changed since it was read.
        InvalidRequest: the result is not valid, or the household has ended or is full.
        PersonCannotBeEntered: the person belongs to a household at the same time, or is dead.
        FindsExhausted: what depends on the register is not told to the caller any more today.
        HeadAlreadyActive: the household has another head at the same time.

    """
    work = entering.work
    household, row = await _standing(work, member_id, expected_version)
    before: MemberContent = MEMBER.content_of(row, entering.sealer)
    after = patched(MemberContent, before, patch, work.today)
    entered = after.document_number if NUMBER in patch else None
    await _rewrite(entering, household, row, after, entered)
    return row


async def void_member(
    work: CallersWork, kind: RecordKind[MemberRow], asked: VoidingAsked
) -> MemberRow:
    """Void a membership as any record is voided; see :func:`void_one`."""
    await _locked(work, asked.record_id)
    return await void_one(work, kind, asked)


async def find_members(
    work: CallersWork,
    sealer: Sealer,
    allowances: Allowances,
    asked: DocumentLookup,
    page: PageRequest,
) -> Page[Member]:
    """Return a page of a person's memberships; journal who looked for whom and why, found or not.

    Raises:
        FindsExhausted: none is left to the caller for today.

    """
    left = await spend(work, allowances, Use.FIND)
    show_left(page.response, allowances, Use.FIND, left)
    found = await memberships_of(work.session, work.caller, sealer, asked.document_number, page)
    find_id = new_id()
    record(
        replace(work, reason=asked.purpose),
        "qingling.registry.member_find.made",
        JournalSubject("member_find", str(find_id), work.caller.division),
        version=1,
        before=None,
        after={
            "members": [str(row.id) for row in found.items],
            "document_sealed": sealer.seal(
                asked.document_number, f"member_find:{find_id}:document"
            ).hex(),
        },
    )
    for row in found.items:
        record_read(work, MEMBER, row, asked.purpose, "found")
    return Page(items=[Member.of(row) for row in found.items], next=found.next, total=found.total)


def member_columns(content: MemberContent, member_id: UUID, sealer: Sealer) -> dict[str, Any]:
    """Return the columns of a member's content, the document's number sealed."""
    number = content.document_number
    flat = content.model_dump(include=set(MemberContent.model_fields) - {NUMBER})
    return flat | {"id": member_id} | document_columns(number, member_id, sealer)


async def _standing(
    work: CallersWork, member_id: UUID, expected: ExpectedVersion
) -> tuple[HouseholdRow, MemberRow]:
    """Return a member to be changed and their household, locked, as the caller expects them."""
    household, row = await _locked(work, member_id)
    require_expected(MEMBER, row, expected)
    return household, row


async def _rewrite(
    entering: Entering,
    household: HouseholdRow,
    row: MemberRow,
    after: MemberContent,
    entered: str | None,
    identity: ExternalIdentity | None = None,
) -> None:
    """Let a member hold other content, and bear what another system calls it.

    ``entered`` is the document's number if the caller has entered one.
    """
    columns = member_columns(after, row.id, entering.sealer)
    if after.document_number == document_number(row, entering.sealer):
        columns["document_sealed"] = row.document_sealed
    counted = await _require_possible(entering, household, columns, row, entered)
    await rewrite(entering.work, MEMBER, row, columns, identity)
    if counted:
        await require_told(entering)


async def _locked(work: CallersWork, member_id: UUID) -> tuple[HouseholdRow, MemberRow]:
    """Return a member and their household, both locked.

    Always the household before its members, as when it moves: otherwise two writers could each hold
    what the other waits for.

    Raises:
        NotFound: the member does not exist for the caller.

    """
    row = await find(work.session, MEMBER, member_id, work.caller)
    household = await find(work.session, HOUSEHOLD, row.household_id, work.caller, for_update=True)
    await work.session.refresh(row, with_for_update=True)
    return household, row


async def _require_possible(
    entering: Entering,
    household: HouseholdRow,
    columns: dict[str, Any],
    recorded: MemberRow | None,
    number: str | None,
) -> bool:
    """Hold a member to what must be true now; what stands on record stays as it was found then.

    ``number`` is the one that the caller entered, None if they entered none. Returns whether the
    register was asked about the person, which is counted.
    """
    work = entering.work
    if recorded is None or columns["birth_date"] != recorded.birth_date:
        with refusing_at("/birth_date"):
            require_born(columns["birth_date"], work.today)
    require_happened(MemberContent, columns, work.today, recorded)
    if recorded is None or columns["joined_on"] != recorded.joined_on:
        with refusing_at("/joined_on"):
            require_standing(columns["joined_on"], household.ended_on)
    member = MemberRow(**columns, household_id=household.id)
    new = Membership.of(member, household.ended_on)
    old = None if recorded is None else Membership.of(recorded, household.ended_on)
    counts = number is not None or new.takes_more_than(old)
    if counts:
        await count_entered(entering, [number or document_number(member, entering.sealer)])
    if old is None or new.stay.grows_from(old.stay):
        with refusing_at("/joined_on"):
            require_room(new.stay, await stays_of_others(work.session, member))
    await require_only_membership(entering, household.village_code, new, old)
    await require_only_head(work.session, new, old)
    return counts
