"""Reads of members."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from sqlalchemy import or_
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.households.belonging import of_division
from services.registry.households.members.domain import person_of
from services.registry.households.members.schemas import Member
from services.registry.households.tables import MemberRow
from services.registry.recording.kind import ExternalIdAsked, ExternalSourceAsked, VoidedAsked
from services.registry.values.sealing import Sealer
from shared.security.access import Caller
from shared.values.divisions import DivisionCode
from shared.values.periods import IsoDate
from shared.web.pages import Page, PageRequest, read_page


class MemberOrder(StrEnum):
    """Orders of the list 排序."""

    VILLAGE = "village_code"
    NEWEST = "-created_at"
    JOINED = "joined_on"


ORDERS = {
    MemberOrder.VILLAGE: [MemberRow.village_code, MemberRow.household_id, MemberRow.id],
    MemberOrder.NEWEST: [MemberRow.created_at, MemberRow.id],
    MemberOrder.JOINED: [MemberRow.joined_on, MemberRow.id],
}


@dataclass(frozen=True)
class MemberFilter:
    """Which members a list shows; None does not narrow."""

    division: Annotated[
        DivisionCode | None, Query(description="区划 a village or anything above it")
    ] = None
    household_id: Annotated[UUID | None, Query(description="农户")] = None
    active_on: Annotated[
        IsoDate | None, Query(description="在户日期 members on that day: joined and not left")
    ] = None
    external_source: ExternalSourceAsked = None
    external_id: ExternalIdAsked = None
    voided: VoidedAsked = False
    contested: Annotated[
        bool | None,
        Query(
            description="与另一登记矛盾 true: the person, or the household's head, was on record "
            "elsewhere at the time, from before the register refused that; false: the others"
        ),
    ] = None


async def list_members(
    session: AsyncSession,
    caller: Caller,
    narrow: MemberFilter,
    order: MemberOrder,
    asked: PageRequest,
) -> Page[Member]:
    """Return a page of the members of the caller's division.

    Raises:
        NotFound: the division asked for lies outside the caller's.

    """
    statement = of_division(MemberRow, caller, narrow.division, voided=narrow.voided)
    if narrow.household_id is not None:
        statement = statement.where(MemberRow.household_id == narrow.household_id)
    if narrow.active_on is not None:
        day: date = narrow.active_on
        statement = statement.where(
            MemberRow.joined_on <= day, or_(MemberRow.left_on.is_(None), MemberRow.left_on > day)
        )
    for name in ("external_source", "external_id"):
        if (wanted := getattr(narrow, name)) is not None:
            statement = statement.where(getattr(MemberRow, name) == wanted)
    if narrow.contested is not None:
        statement = statement.where(MemberRow.contested.is_(narrow.contested))
    descending = order.startswith("-")
    return await read_page(
        session, statement, ORDERS[order], asked, Member.of, descending=descending
    )


async def memberships_of(
    session: AsyncSession, caller: Caller, sealer: Sealer, document_number: str, asked: PageRequest
) -> Page[Any]:
    """Return a page of a person's memberships, past ones too, in the caller's division."""
    digest = sealer.digest(person_of(document_number))
    statement = of_division(MemberRow, caller, None).where(MemberRow.document_digest == digest)
    return await read_page(session, statement, ORDERS[MemberOrder.JOINED], asked, _as_it_is)


def _as_it_is(row: MemberRow) -> MemberRow:
    return row
