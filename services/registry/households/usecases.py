"""What officials do with households: record one, amend one."""

from typing import Any
from uuid import UUID

from services.registry.divisions.queries import require_village
from services.registry.households.happening import require_happened
from services.registry.households.kind import HOUSEHOLD
from services.registry.households.members.entering import Entering, require_told
from services.registry.households.members.memberships import require_only_memberships
from services.registry.households.moving import belonging_to, take_along
from services.registry.households.numbers import require_number_free
from services.registry.households.schemas import (
    HouseholdContent,
    NewHousehold,
)
from services.registry.households.tables import HouseholdRow
from services.registry.recording.domain import ExternalIdentity
from services.registry.recording.external import received
from services.registry.recording.standing import rewrite, standing
from services.registry.recording.voiding import VoidingAsked, void_one
from services.registry.values.masking import mask_phone
from services.registry.values.sealing import Sealer
from shared.ids import new_id
from shared.journal.records import RecordKind, create
from shared.web.etags import ExpectedVersion
from shared.web.merge_patch import patched
from shared.web.work import CallersWork


async def record_household(
    entering: Entering, new: NewHousehold, identity: ExternalIdentity | None = None
) -> HouseholdRow:
    """Record a household; ``identity`` is what another system calls it.

    Raises:
        NotFound: its village lies outside the caller's division.
        InvalidRequest: its village is not a village in force, or a date lies in the future.
        Conflict: its number or id is taken.

    """
    work = entering.work
    work.caller.require_within(new.village_code)
    await require_village(work.session, new.village_code, work.today)
    require_happened(HouseholdContent, vars(new), work.today)
    household_id = new.id or new_id()
    content = household_columns(new, household_id, entering.sealer)
    await require_number_free(work.session, content["county"], new.number, household_id)
    return await create(work, HOUSEHOLD, content | (identity.columns if identity else {}))


async def put_household(
    entering: Entering, identity: ExternalIdentity, expected: ExpectedVersion, body: object
) -> tuple[HouseholdRow, bool]:
    """Record what another system calls so, or replace its content; tell also whether it is new.

    Raises:
        ExternalIdTaken: the id stands for another household.
        RecordVoided: what was sent under the id was voided, and is sent again.
        PreconditionFailed: it is not there as the caller expects.

    What else may be raised is that of recording and of amending.
    """
    work = entering.work

    def key_of(new: NewHousehold) -> dict[str, Any]:
        return {"county": new.village_code[:6], "number": new.number}

    sent = await received(work, HOUSEHOLD, identity, NewHousehold, body, key_of, entering.sealer)
    if sent.record_id is None:
        expected.require_nothing_there()
        return await record_household(entering, sent.new, identity), True
    row = await standing(work, HOUSEHOLD, sent.record_id, expected)
    if not sent.again:
        await _rewrite(entering, row, sent.new, identity)
    return row, False


async def amend_household(
    entering: Entering,
    household_id: UUID,
    expected_version: ExpectedVersion,
    patch: dict[str, Any],
) -> HouseholdRow:
    """Apply a merge patch to a household; what belongs to it moves with it to a new village.

    Raises:
        NotFound: the household, or its new village, lies outside the caller's division.
        RecordVoided: it is voided.
        VoidingProposed: somebody has proposed to void it.
        PreconditionFailed: it has changed since it was read.
        InvalidRequest: the result is not valid.
        Conflict: its new number is taken.
        PersonCannotBeEntered: it ends later than before, and a member has joined another since.
        FindsExhausted: what depends on the register is not told to the caller any more today.

    """
    row = await standing(entering.work, HOUSEHOLD, household_id, expected_version)
    before: HouseholdContent = HOUSEHOLD.content_of(row, entering.sealer)
    after = patched(HouseholdContent, before, patch, entering.work.today)
    await _rewrite(entering, row, after)
    return row


async def void_household(
    work: CallersWork, kind: RecordKind[HouseholdRow], asked: VoidingAsked
) -> HouseholdRow:
    """Void a household as any record is voided, and with it all that belongs to it."""
    return await void_one(work, kind, asked, belonging_to)


async def _rewrite(
    entering: Entering,
    row: HouseholdRow,
    after: HouseholdContent,
    identity: ExternalIdentity | None = None,
) -> None:
    """Let a household hold other content, and bear what another system calls it."""
    work, sealer = entering.work, entering.sealer
    before: HouseholdContent = HOUSEHOLD.content_of(row, sealer)
    if after.village_code != row.village_code:
        work.caller.require_within(after.village_code)
        await require_village(work.session, after.village_code, work.today)
    require_happened(HouseholdContent, vars(after), work.today, row)
    counted = False
    if after.ended_on != row.ended_on:
        counted = await require_only_memberships(entering, row, after.ended_on)
    columns = household_columns(after, row.id, sealer)
    if after.phone == before.phone:
        columns["phone_sealed"] = row.phone_sealed
    if (columns["county"], after.number) != (row.county, row.number):
        await require_number_free(work.session, columns["county"], after.number, row.id)
    village = row.village_code
    await rewrite(work, HOUSEHOLD, row, columns, identity)
    if counted:
        await require_told(entering)
    if row.village_code != village:
        await take_along(work, {row.id: village})


def household_columns(
    content: HouseholdContent, household_id: UUID, sealer: Sealer
) -> dict[str, Any]:
    """Return the columns of a household's content, its telephone sealed."""
    phone = content.phone
    return content.model_dump(exclude={"id", "phone"}) | {
        "id": household_id,
        "county": content.village_code[:6],
        "phone_masked": mask_phone(phone) if phone else None,
        "phone_sealed": sealer.seal(phone, HOUSEHOLD.seal_context(household_id, "phone"))
        if phone
        else None,
    }
