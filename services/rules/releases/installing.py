"""The policy that the service ships with, as a release of its database."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from services.rules.releases.domain import DATED, ReleaseState
from services.rules.releases.storing import add_release, lock_releases
from services.rules.releases.tables import ReleaseRow
from services.rules.vocabulary import policy_digest
from shared.clock import Clock
from shared.db.database import Database
from shared.web.work import Work

INSTALLER = "qingling"
FIRST = ("内置政策", "随系统安装的首个版本。")
UPDATED = ("随系统更新的政策", "系统升级带来的政策修改，须经批准方可施行。")


async def install(database: Database, files: Mapping[str, str], clock: Clock) -> None:
    """Make the shipped policy the first release of an empty database, in force from the beginning.

    A database that has releases decides for itself what is in force: a shipped policy that it does
    not know becomes a draft.
    """
    async with database.session() as session:
        await lock_releases(session)
        known = select(ReleaseRow.id).where(ReleaseRow.digest == policy_digest(files)).limit(1)
        if await session.scalar(known) is not None:
            return
        latest = await session.scalar(
            select(ReleaseRow)
            .where(ReleaseRow.state.in_(DATED))
            .order_by(ReleaseRow.in_force_from.desc().nulls_last(), ReleaseRow.number)
            .limit(1)
        )
        work = Work(session, INSTALLER, clock.now(), "installation")
        title, summary = FIRST if latest is None else UPDATED
        content: dict[str, Any] = {"summary": summary}
        if latest is None:
            content |= {"state": ReleaseState.IN_FORCE.value, "activated_at": work.now}
        await add_release(work, title, latest, files, content)
