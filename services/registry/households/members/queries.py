"""Reads of members."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.households.members.domain import person_of
from services.registry.households.members.kind import MEMBER
from services.registry.households.tables import MemberRow
from services.registry.recording.kind import stands
from services.registry.values.sealing import Sealer
from shared.db.columns import within
from shared.security.access import Caller
from shared.web.pages import Page, PageRequest, read_page


async def memberships_of(
    session: AsyncSession, caller: Caller, sealer: Sealer, document_number: str, asked: PageRequest
) -> Page[Any]:
    """Return a page of a person's memberships, past ones too, in the caller's division."""
    digest = sealer.digest(person_of(document_number))
    statement = select(MemberRow).where(
        within(MemberRow.village_code, caller.division),
        stands(MemberRow),
        MemberRow.document_digest == digest,
    )
    return await read_page(session, statement, MEMBER.orders["joined_on"], asked, _as_it_is)


def _as_it_is(row: MemberRow) -> MemberRow:
    return row
