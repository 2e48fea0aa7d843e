"""Noting that a scheduled release has taken force; judging goes by its date and does not wait."""

from sqlalchemy import select

from services.rules.releases.domain import ReleaseState
from services.rules.releases.installing import INSTALLER
from services.rules.releases.records import RELEASE
from services.rules.releases.tables import ReleaseRow
from shared.clock import Clock
from shared.db.database import Database
from shared.db.locking import locked
from shared.journal.records import amend
from shared.web.work import Work


async def activate_due(database: Database, clock: Clock) -> None:
    """Note every release whose day has come, in the order of their days.

    Each supersedes the one in force before it, with a journal entry for both.
    """
    row = ReleaseRow
    async with database.session() as session:
        work = Work(session, INSTALLER, clock.now(), "activation")
        due = await session.scalars(
            locked(
                select(row)
                .where(row.state == ReleaseState.SCHEDULED, row.in_force_from <= work.today)
                .order_by(row.in_force_from)
            )
        )
        current = await session.scalar(
            locked(select(row).where(row.state == ReleaseState.IN_FORCE))
        )
        for release in due:
            if current is not None:
                over = {"state": ReleaseState.SUPERSEDED.value, "superseded_at": work.now}
                await amend(work, RELEASE, current, over, "superseded")
            begun = {"state": ReleaseState.IN_FORCE.value, "activated_at": work.now}
            await amend(work, RELEASE, release, begun, "in_force")
            current = release
