"""Reads of zero-out items."""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Query
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.zero_outs.domain import ItemState, Outcome
from services.monitoring.zero_outs.schemas import (
    Counted,
    DivisionCounts,
    SubjectKind,
    ZeroOutCounts,
    ZeroOutItem,
)
from services.monitoring.zero_outs.tables import ZeroOutItemRow
from shared.db.columns import within
from shared.db.lists import any_of
from shared.security.access import Caller
from shared.values.divisions import DivisionCode, digits_below
from shared.values.text import Identifier
from shared.web.pages import Page, PageRequest, read_page


class ItemOrder(StrEnum):
    """Orders of the list 排序."""

    NEWEST = "-opened_at"
    VILLAGE = "village_code"


ORDERS = {
    ItemOrder.NEWEST: ([ZeroOutItemRow.opened_at, ZeroOutItemRow.id], True),
    ItemOrder.VILLAGE: ([ZeroOutItemRow.village_code, ZeroOutItemRow.id], False),
}


@dataclass(frozen=True)
class ItemFilter:
    """Which items a list shows; None does not narrow."""

    division: Annotated[DivisionCode | None, Query(description="区划")] = None
    subject_kind: Annotated[SubjectKind | None, Query()] = None
    subject_id: Annotated[
        Annotated[str, Identifier(40)] | None, Query(description="农户编号或村代码")
    ] = None
    criterion: Annotated[Annotated[str, Identifier(80)] | None, Query(description="标准")] = None
    state: Annotated[list[ItemState] | None, Query(description="状态 any of these")] = None
    outcome: Annotated[Outcome | None, Query(description="最近判定")] = None
    needs_check: Annotated[bool | None, Query(description="已销号但现在无法判定")] = None


async def list_items(
    session: AsyncSession,
    caller: Caller,
    narrow: ItemFilter,
    order: ItemOrder,
    asked: PageRequest,
) -> Page[ZeroOutItem]:
    """Return a page of the caller's items.

    Raises:
        NotFound: the division asked for lies outside the caller's.

    """
    statement = select(ZeroOutItemRow).where(
        within(ZeroOutItemRow.village_code, caller.reach(narrow.division))
    )
    for column in ("subject_kind", "subject_id", "criterion", "outcome", "needs_check"):
        wanted = getattr(narrow, column)
        if wanted is not None:
            statement = statement.where(getattr(ZeroOutItemRow, column) == wanted)
    if narrow.state:
        statement = statement.where(any_of(ZeroOutItemRow.state, narrow.state))
    columns, descending = ORDERS[order]
    return await read_page(
        session, statement, columns, asked, ZeroOutItem.of, descending=descending
    )


async def count_items(session: AsyncSession, division: str) -> ZeroOutCounts:
    """Count a division's items by criterion and state, for it and each division below it."""
    own = func.left(ZeroOutItemRow.village_code, digits_below(division))
    child = func.rpad(own, 12, "0").label("child")
    rows = await session.execute(
        select(child, ZeroOutItemRow.criterion, ZeroOutItemRow.state, func.count())
        .where(within(ZeroOutItemRow.village_code, division))
        .group_by(child, ZeroOutItemRow.criterion, ZeroOutItemRow.state)
        .order_by(child, ZeroOutItemRow.criterion, ZeroOutItemRow.state)
    )
    children: dict[str, list[Counted]] = defaultdict(list)
    whole: dict[tuple[str, str], int] = defaultdict(int)
    for code, criterion, state, items in rows:
        children[code].append(Counted(criterion=criterion, state=state, items=items))
        whole[criterion, state] += items
    return ZeroOutCounts(
        division=division,
        counts=[
            Counted(criterion=criterion, state=ItemState(state), items=items)
            for (criterion, state), items in sorted(whole.items())
        ],
        children=[
            DivisionCounts(division=code, counts=found)
            for code, found in children.items()
            if code != division
        ],
    )
