"""The kind of record that a member of a household is."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import or_

from services.registry.households.belonging import NarrowingToHousehold
from services.registry.households.members.schemas import Member, MemberContent, NewMember
from services.registry.households.tables import MemberRow
from services.registry.recording.kind import Sentences, ServedKind
from services.registry.scopes import Scope
from shared.values.bilingual import Bilingual
from shared.values.periods import IsoDate


@dataclass(frozen=True)
class MemberFilter(NarrowingToHousehold):
    """Which members a list shows; None does not narrow."""

    active_on: Annotated[
        IsoDate | None, Query(description="在户日期 members on that day: joined and not left")
    ] = None
    contested: Annotated[
        bool | None,
        Query(
            description="与另一登记矛盾 true: the person, or the household's head, was on record "
            "elsewhere at the time, from before the register refused that; false: the others"
        ),
    ] = None

    def condition(self, table: Any, name: str, wanted: Any) -> Any:
        """Return what a row must meet; a member is one from the day of joining to that of leaving."""
        if name != "active_on":
            return super().condition(table, name, wanted)
        day: date = wanted
        return (table.joined_on <= day) & or_(table.left_on.is_(None), table.left_on > day)


MEMBER = ServedKind(
    name="member",
    path="members",
    id_name="member_id",
    title=Bilingual("家庭成员", "household member"),
    label="家庭成员",
    sentences=Sentences(
        create="Record a member; a person belongs to one household at a time, with one head.",
        list="List the members of a division or a household.",
        amend="离开也在此登记。 Amend a member, also when they leave: give ``left_on``.",
    ),
    table=MemberRow,
    content=MemberContent,
    new=NewMember,
    recorded=Member,
    amendment={"left_on": "2020-08-01", "leave_reason": "married_out"},
    narrowing=MemberFilter,
    orders={
        "village_code": [MemberRow.village_code, MemberRow.household_id, MemberRow.id],
        "-created_at": [MemberRow.created_at, MemberRow.id],
        "joined_on": [MemberRow.joined_on, MemberRow.id],
    },
    reader=Scope.HOUSEHOLDS_READ,
    writer=Scope.HOUSEHOLDS_WRITE,
)
