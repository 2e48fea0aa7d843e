"""Who belongs where and when: nobody to two households at once, and one head to a household."""

from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.conflicts.usecases import Contested
from services.registry.households.members.documents import document_number
from services.registry.households.members.domain import HEAD, Stay
from services.registry.households.members.entering import Entering, count_entered, refuse
from services.registry.households.tables import HouseholdRow, MemberRow
from services.registry.recording.kind import stands
from shared.problems import Conflict
from shared.values.bilingual import Bilingual


class HeadAlreadyActive(Conflict):
    code = "head-already-active"
    title = Bilingual("该户同期已有户主", "The household has a head at that time")


@dataclass(frozen=True, slots=True)
class Membership:
    """A person in a household for a time."""

    member_id: UUID
    household_id: UUID
    person: bytes
    """The digest that stands for the person."""
    document_masked: str
    relation_to_head: str
    stay: Stay

    @classmethod
    def of(cls, member: MemberRow, ended_on: date | None) -> Self:
        """Return a member's membership of a household that ended, or not, on a day."""
        return cls(
            member_id=member.id,
            household_id=member.household_id,
            person=member.document_digest,
            document_masked=member.document_masked,
            relation_to_head=member.relation_to_head,
            stay=Stay.of(member.joined_on, member.left_on, member.leave_reason, ended_on),
        )

    def takes_more_than(self, recorded: "Membership | None") -> bool:
        """Tell whether it takes the person as the membership on record, if any, did not."""
        return (
            recorded is None
            or recorded.person != self.person
            or self.stay.grows_from(recorded.stay)
        )


async def require_only_membership(
    entering: Entering, village: str, new: Membership, recorded: Membership | None = None
) -> None:
    """Make sure that a person may be entered: a member of no other household at the time, and alive.

    Whoever records or amends a member, or ends a household or opens it again, comes by here, having
    counted whom they enter; the database holds to the same rule, whatever writes. ``village`` is that
    of the household, ``recorded`` the membership as it is on record. Others who ask the same of this
    person wait until the transaction ends.

    Raises:
        PersonCannotBeEntered: they may not.
        FindsExhausted: none of these may be told to the caller any more today.

    """
    if not new.takes_more_than(recorded):
        return
    session = entering.work.session
    lock = int.from_bytes(new.person[:8], signed=True)
    await session.execute(text("SELECT pg_advisory_xact_lock(:person)"), {"person": lock})
    rows = await session.execute(
        select(MemberRow, HouseholdRow.ended_on)
        .join(HouseholdRow, HouseholdRow.id == MemberRow.household_id)
        .where(
            MemberRow.document_digest == new.person,
            MemberRow.id != new.member_id,
            stands(MemberRow),
        )
        .order_by(MemberRow.joined_on, MemberRow.id)
    )
    others = ((row, Membership.of(row, ended_on).stay) for row, ended_on in rows)
    other = next((row for row, stay in others if stay.excludes(new.stay)), None)
    if other is not None:
        await refuse(
            entering,
            Contested(
                person=new.person,
                document_masked=new.document_masked,
                asking_village=village,
                asking_household=new.household_id,
                registered_village=other.village_code,
                registered_household=other.household_id,
                registered_member=other.id,
            ),
        )


async def require_only_memberships(
    entering: Entering, household: HouseholdRow, ended_on: date | None
) -> bool:
    """Make sure of the same for every member of a household that is to end on another day.

    Returns whether the register was asked about one of them, which is counted.

    Raises:
        PersonCannotBeEntered: one of them has joined another household since.
        FindsExhausted: none of these may be told to the caller any more today.

    """
    members = await entering.work.session.scalars(
        select(MemberRow)
        .where(MemberRow.household_id == household.id, stands(MemberRow))
        .order_by(MemberRow.document_digest)
    )
    kept = [
        (member, Membership.of(member, ended_on), Membership.of(member, household.ended_on))
        for member in members
    ]
    taking = [(member, new, old) for member, new, old in kept if new.takes_more_than(old)]
    if not taking:
        return False
    numbers = [document_number(member, entering.sealer) for member, _, _ in taking]
    await count_entered(entering, numbers)
    for _, new, old in taking:
        await require_only_membership(entering, household.village_code, new, old)
    return True


async def require_only_head(
    session: AsyncSession, new: Membership, recorded: Membership | None = None
) -> None:
    """Make sure that a household, locked by the caller, gets no second head.

    ``recorded`` is the membership as it is on record.

    Raises:
        HeadAlreadyActive: it has one at the same time; carries ``member_id``.

    """
    if new.relation_to_head != HEAD:
        return
    if recorded and recorded.relation_to_head == HEAD and not new.stay.grows_from(recorded.stay):
        return
    heads = await session.scalars(
        select(MemberRow)
        .where(
            MemberRow.household_id == new.household_id,
            MemberRow.relation_to_head == HEAD,
            MemberRow.id != new.member_id,
            stands(MemberRow),
        )
        .order_by(MemberRow.joined_on, MemberRow.id)
    )
    # The household's end is the same for both, and ends neither before the other.
    stays = ((head, Membership.of(head, None).stay) for head in heads)
    other = next((head for head, stay in stays if stay.overlaps(new.stay)), None)
    if other is not None:
        raise HeadAlreadyActive(
            Bilingual(
                f"该户同期已有户主（成员 {other.id}）；请先修改其与户主关系，或登记其离开日期。",
                f"The household has a head at that time (member {other.id}); change that member's "
                "relation, or record their leaving, first.",
            ),
            member_id=str(other.id),
        )


async def stays_of_others(session: AsyncSession, member: MemberRow) -> list[Stay]:
    """Return when the other members of a member's household, locked by the caller, are its."""
    rows = await session.execute(
        select(MemberRow.joined_on, MemberRow.left_on).where(
            MemberRow.household_id == member.household_id,
            MemberRow.id != member.id,
            stands(MemberRow),
        )
    )
    return [Stay(joined, left) for joined, left in rows]
