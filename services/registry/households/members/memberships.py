"""Who belongs where and when: nobody to two households at once, and one head to a household."""

from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.households.members.domain import HEAD, Stay
from services.registry.households.tables import HouseholdRow, MemberRow
from shared.problems import Conflict
from shared.security.access import Caller
from shared.values.bilingual import Bilingual


class PersonAlreadyActive(Conflict):
    code = "person-already-active"
    title = Bilingual("此人同期已是一户的成员", "The person belongs to a household at that time")


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
    relation_to_head: str
    stay: Stay

    @classmethod
    def of(cls, member: MemberRow, ended_on: date | None) -> Self:
        """Return a member's membership of a household that ended, or not, on a day."""
        return cls(
            member_id=member.id,
            household_id=member.household_id,
            person=member.document_digest,
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
    session: AsyncSession, caller: Caller, new: Membership, recorded: Membership | None = None
) -> None:
    """Make sure that a person may be entered: a member of no other household at the time, and alive.

    Whoever records or amends a member, or ends a household or opens it again, comes by here; the
    database holds to the same rule, whatever writes. ``recorded`` is the membership as it is on
    record. Others who ask the same of this person wait until the transaction ends. A household that
    the caller may not see is not named.

    Raises:
        PersonAlreadyActive: they may not; carries ``household_id`` if the caller may see it.

    """
    if not new.takes_more_than(recorded):
        return
    lock = int.from_bytes(new.person[:8], signed=True)
    await session.execute(text("SELECT pg_advisory_xact_lock(:person)"), {"person": lock})
    rows = await session.execute(
        select(MemberRow, HouseholdRow.ended_on)
        .join(HouseholdRow, HouseholdRow.id == MemberRow.household_id)
        .where(MemberRow.document_digest == new.person, MemberRow.id != new.member_id)
        .order_by(MemberRow.joined_on, MemberRow.id)
    )
    others = ((row, Membership.of(row, ended_on).stay) for row, ended_on in rows)
    found = next(((row, stay) for row, stay in others if stay.excludes(new.stay)), None)
    if found is None:
        return
    other, stay = found
    if caller.covers(other.village_code) and stay.by_death:
        raise PersonAlreadyActive(
            Bilingual(
                f"此人已登记为死亡（农户 {other.household_id} 的成员）；请核对证件号码；若死亡登记有误，"
                "请先更正该成员的离开日期和原因。",
                f"The person is on record as dead, as a member of household {other.household_id}; "
                "check the document's number, or first correct that member's left_on and "
                "leave_reason.",
            ),
            household_id=str(other.household_id),
            member_id=str(other.id),
        )
    if caller.covers(other.village_code):
        raise PersonAlreadyActive(
            Bilingual(
                f"此人同期已是农户 {other.household_id} 的成员；请先登记其离开该户的日期（left_on）。",
                f"The person belongs to household {other.household_id} at that time; record the "
                "day on which they left it (left_on) first.",
            ),
            household_id=str(other.household_id),
            member_id=str(other.id),
        )
    raise PersonAlreadyActive(
        Bilingual(
            "此人同期已是您区划范围以外一户的成员；请核对证件号码，或请上级协调登记其离开日期。",
            "The person belongs to a household outside your division at that time; check the "
            "document's number, or ask the level above to have their leaving recorded.",
        )
    )


async def require_only_memberships(
    session: AsyncSession, caller: Caller, household: HouseholdRow, ended_on: date | None
) -> None:
    """Make sure of the same for every member of a household that is to end on another day.

    Raises:
        PersonAlreadyActive: one of them has joined another household since.

    """
    members = await session.scalars(
        select(MemberRow)
        .where(MemberRow.household_id == household.id)
        .order_by(MemberRow.document_digest)
    )
    for member in members.all():
        recorded = Membership.of(member, household.ended_on)
        new = Membership.of(member, ended_on)
        await require_only_membership(session, caller, new, recorded)


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
            MemberRow.household_id == member.household_id, MemberRow.id != member.id
        )
    )
    return [Stay(joined, left) for joined, left in rows]
