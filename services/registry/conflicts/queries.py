"""Reads of conflicts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.conflicts.domain import ConflictState
from services.registry.conflicts.schemas import Conflict
from services.registry.conflicts.tables import ConflictRow
from shared.db.columns import within
from shared.db.lists import any_of
from shared.security.access import Caller
from shared.values.divisions import DivisionCode
from shared.web.pages import Page, PageRequest, read_page


@dataclass(frozen=True)
class ConflictFilter:
    """Which conflicts a list shows; None does not narrow."""

    division: Annotated[
        DivisionCode | None, Query(description="区划 whose offices settle it, and those below")
    ] = None
    state: Annotated[ConflictState | None, Query(description="状态")] = None


async def list_conflicts(
    session: AsyncSession, caller: Caller, narrow: ConflictFilter, asked: PageRequest
) -> Page[Conflict]:
    """Return a page of the conflicts between places of the caller's division, newest first.

    Raises:
        NotFound: the division asked for lies outside the caller's.

    """
    division = caller.reach(narrow.division)
    statement = select(ConflictRow).where(within(ConflictRow.division, division))
    if narrow.state is not None:
        statement = statement.where(ConflictRow.state == narrow.state)
    order = [ConflictRow.created_at, ConflictRow.id]
    return await read_page(session, statement, order, asked, Conflict.of, descending=True)


async def persons_in_conflict(
    session: AsyncSession, persons: Iterable[bytes], division: str
) -> frozenset[bytes]:
    """Return those persons of whom a division has been told already that they cannot be entered."""
    found = await session.scalars(
        select(ConflictRow.person).where(
            any_of(ConflictRow.person, persons),
            within(ConflictRow.asking_village, division),
            ConflictRow.state == ConflictState.OPEN,
        )
    )
    return frozenset(found)
