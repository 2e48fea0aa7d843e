"""Reads of determinations."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.rules.determinations.records import DETERMINATION
from services.rules.determinations.schemas import (
    Determination,
    DeterminationExplained,
    determination,
    explained,
)
from services.rules.determinations.tables import DeterminationRow
from services.rules.evaluations.usecases import explain
from services.rules.releases.shelf import Shelf
from services.rules.subjects import SubjectKind
from shared.db.columns import within
from shared.journal.records import find
from shared.security.access import Caller
from shared.values.bilingual import Language
from shared.values.divisions import DivisionCode
from shared.values.text import Identifier
from shared.web.pages import Page, PageRequest, read_page


@dataclass(frozen=True)
class DeterminationFilter:
    """Which determinations a list shows; None does not narrow."""

    division: Annotated[DivisionCode | None, Query(description="区划")] = None
    subject_kind: Annotated[SubjectKind | None, Query(description="农户或村")] = None
    subject_id: Annotated[
        Annotated[str, Identifier(40)] | None, Query(description="农户编号或村代码")
    ] = None


async def list_kept(
    session: AsyncSession, caller: Caller, narrow: DeterminationFilter, asked: PageRequest
) -> Page[Determination]:
    """Return a page of the caller's determinations, newest first.

    Raises:
        NotFound: the division asked for lies outside the caller's.

    """
    statement = select(DeterminationRow).where(
        within(DeterminationRow.division, caller.reach(narrow.division))
    )
    if narrow.subject_kind is not None:
        statement = statement.where(DeterminationRow.subject_kind == narrow.subject_kind)
    if narrow.subject_id is not None:
        statement = statement.where(DeterminationRow.subject_id == narrow.subject_id)
    order = [DeterminationRow.created_at, DeterminationRow.id]
    return await read_page(session, statement, order, asked, determination, descending=True)


async def read_determination(
    session: AsyncSession, shelf: Shelf, caller: Caller, determination_id: UUID, language: Language
) -> DeterminationExplained:
    """Return a determination of the caller's division with its reasons, built anew.

    Raises:
        NotFound: it does not exist, or lies outside the caller's division.

    """
    row = await find(session, DETERMINATION, determination_id, caller)
    policy = (await shelf.get(row.release_id)).policy
    explanation = explain(policy, row.subject_kind, row.judged_in, row.facts, row.parameters_on)
    rules = [explanation.render_rule(rule, language) for rule in explanation.outcomes]
    return explained(row, rules)
