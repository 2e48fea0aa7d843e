"""Who belongs where and when: nobody to two households at once, and one head to a household."""

from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.households.members.domain import Stay
from services.registry.households.tables import HouseholdRow, MemberRow
from shared.problems import Conflict
from shared.security.access import Caller
from shared.values.bilingual import Bilingual

HEAD = "head"


class PersonAlreadyActive(Conflict):
    code = "person-already-active"
    title = Bilingual("此人同期已是一户的成员", "The person belongs to a household at that time")


class HeadAlreadyActive(Conflict):
    code = "head-already-active"
    title = Bilingual("该户同期已有户主", "The household has a head at that time")


@dataclass(frozen=True, slots=True)
class Membership:
    """A person in a household from a day on, until (exclusive) they leave or it ends."""

    member_id: UUID
    household_id: UUID
    person: bytes
    """The digest that stands for the person."""
    relation_to_head: str
    start: date
    end: date | None

    @classmethod
    def of(cls, member: MemberRow, ended_on: date | None) -> Self:
        """Return a member's membership of a household that ended, or not, on a day."""
        ends = [day for day in (member.left_on, ended_on) if day is not None]
        return cls(
            member_id=member.id,
            household_id=member.household_id,
            person=member.document_digest,
            relation_to_head=member.relation_to_head,
            start=member.joined_on,
            end=min(ends, default=None),
        )


async def require_only_membership(session: AsyncSession, caller: Caller, new: Membership) -> None:
    """Make sure that a person belongs to no household of the whole registry at the same time.

    Others who ask the same of this person wait until the transaction ends. A household that the
    caller may not see is not named.

    Raises:
        PersonAlreadyActive: they do; carries ``household_id`` if the caller may see it.

    """
    lock = int.from_bytes(new.person[:8], signed=True)
    await session.execute(text("SELECT pg_advisory_xact_lock(:person)"), {"person": lock})
    found = await session.scalars(
        _at_the_same_time(new).where(MemberRow.document_digest == new.person).limit(1)
    )
    other = found.first()
    if other is None:
        return
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
    session: AsyncSession, caller: Caller, household_id: UUID, ended_on: date | None
) -> None:
    """Make sure of the same for every member of a household that is to end on another day.

    Raises:
        PersonAlreadyActive: one of them has joined another household since.

    """
    members = await session.scalars(
        select(MemberRow)
        .where(MemberRow.household_id == household_id)
        .order_by(MemberRow.document_digest)
    )
    for member in members.all():
        await require_only_membership(session, caller, Membership.of(member, ended_on))


async def require_only_head(session: AsyncSession, new: Membership) -> None:
    """Make sure that a household, locked by the caller, gets no second head.

    Raises:
        HeadAlreadyActive: it has one at the same time; carries ``member_id``.

    """
    if new.relation_to_head != HEAD:
        return
    found = await session.scalars(
        _at_the_same_time(new)
        .where(MemberRow.household_id == new.household_id, MemberRow.relation_to_head == HEAD)
        .limit(1)
    )
    other = found.first()
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
    return [(joined, left) for joined, left in rows]


def _at_the_same_time(new: Membership) -> Select[MemberRow]:
    """Return the memberships, other than ``new`` itself, that share a day with it."""
    # LEAST passes over nulls: whoever has not left an ended household left with it.
    end = func.least(MemberRow.left_on, HouseholdRow.ended_on)
    statement = (
        select(MemberRow)
        .join(HouseholdRow, HouseholdRow.id == MemberRow.household_id)
        .where(MemberRow.id != new.member_id, or_(end.is_(None), end > new.start))
    )
    return statement if new.end is None else statement.where(MemberRow.joined_on < new.end)
