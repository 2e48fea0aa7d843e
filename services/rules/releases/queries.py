"""Reads of releases and of their impact."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.rules.releases.domain import ReleaseState
from services.rules.releases.records import RELEASE
from services.rules.releases.schemas import (
    CountyFlips,
    CountyImpact,
    NoEffectOfRelease,
    ReleaseImpact,
    ReleaseRecord,
    RuleFlips,
    release_state,
)
from services.rules.releases.tables import FlipCountRow, ImpactRow, ReleaseRow
from shared.db.columns import within
from shared.jobs.tables import JobRow
from shared.journal.entries import shown
from shared.journal.history import HistoryEntry, read_history, state_known_at
from shared.problems import NotFound
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.web.pages import Page, PageRequest, read_page


async def find_release(session: AsyncSession, release_id: UUID) -> ReleaseRow:
    """Return a release; whoever may read the policy may read it, whatever the division.

    Raises:
        NotFound: there is none with this id.

    """
    row = await session.get(ReleaseRow, release_id)
    if row is None:
        raise RELEASE.not_found(release_id)
    return row


async def read_release(
    session: AsyncSession, release_id: UUID, known_at: datetime | None
) -> dict[str, Any]:
    """Return a release's JSON state, as it is or as it was known at a moment.

    Raises:
        NotFound: there is none, or was none then.

    """
    if known_at is None:
        return release_state(await find_release(session, release_id))
    return shown((await state_known_at(session, RELEASE.name, str(release_id), known_at)).state)


async def list_releases(
    session: AsyncSession, state: ReleaseState | None, asked: PageRequest
) -> Page[ReleaseRecord]:
    """Return a page of the releases, the newest first."""
    statement = select(ReleaseRow)
    if state is not None:
        statement = statement.where(ReleaseRow.state == state)
    return await read_page(
        session,
        statement,
        [ReleaseRow.number],
        asked,
        ReleaseRecord.model_validate,
        descending=True,
    )


async def release_history(
    session: AsyncSession, release_id: UUID, asked: PageRequest
) -> Page[HistoryEntry]:
    """Return a page of a release's journal, oldest first.

    Raises:
        NotFound: there is none with this id.

    """
    await find_release(session, release_id)
    return await read_history(session, RELEASE.name, str(release_id), asked)


async def read_impact(session: AsyncSession, release_id: UUID, caller: Caller) -> ReleaseImpact:
    """Return what a release would change: by county of the caller's, and by rule over the province.

    Raises:
        NotFound: there is no such release, or its impact was never asked for.

    """
    await find_release(session, release_id)
    row = await _impact(session, release_id)
    count = FlipCountRow
    flips = await session.execute(
        select(count.rule, count.before, count.after, func.sum(count.subjects).label("subjects"))
        .where(count.release_id == release_id)
        .group_by(count.rule, count.before, count.after)
        .order_by(count.rule, count.before, count.after)
    )
    return ReleaseImpact(
        job_id=row.job_id,
        job_state=(await session.get_one(JobRow, row.job_id)).state,
        against=row.against,
        judged_on=row.judged_on,
        files_digest=row.files_digest,
        computed_at=row.computed_at,
        rules_added=row.rules_added,
        rules_removed=row.rules_removed,
        without_effect=[NoEffectOfRelease.of(one) for one in row.without_effect],
        counties=[
            CountyImpact.model_validate(county)
            for county in row.counties
            if caller.covers(county["county"])
        ],
        flips=[RuleFlips.model_validate(flip) for flip in flips],
    )


async def list_flips(
    session: AsyncSession,
    release_id: UUID,
    division: str,
    rule: str | None,
    asked: PageRequest,
) -> Page[CountyFlips]:
    """Return a page of how many subjects flip, by county of a division, rule and outcomes.

    Raises:
        NotFound: there is no such release, or its impact was never asked for.

    """
    await find_release(session, release_id)
    await _impact(session, release_id)
    row = FlipCountRow
    statement = select(row).where(row.release_id == release_id, within(row.county, division))
    if rule is not None:
        statement = statement.where(row.rule == rule)
    order = [row.county, row.rule, row.before, row.after]
    return await read_page(session, statement, order, asked, CountyFlips.model_validate)


async def _impact(session: AsyncSession, release_id: UUID) -> ImpactRow:
    row = await session.get(ImpactRow, release_id)
    if row is None:
        raise NotFound(
            Bilingual(
                "该政策版本尚未测算影响；提请批准时自动测算。",
                "The impact of this release was never asked for; proposing it does so.",
            )
        )
    return row
