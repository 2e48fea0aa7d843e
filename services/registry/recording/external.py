"""Records of other systems: each is put under the id that it has there, again and again the same one."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.recording.domain import ExternalIdentity
from services.registry.recording.standing import sent_before
from services.registry.recording.tables import RegisteredColumns
from shared.db.columns import within
from shared.journal.records import RecordKind
from shared.problems import Conflict
from shared.security.access import Caller
from shared.values.bilingual import Bilingual

Row = TypeVar("Row", bound=RegisteredColumns)
# Whoever puts the same waits, and then finds it there.
_ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:called, 0))")


class ExternalIdTaken(Conflict):
    code = "external-id-taken"
    title = Bilingual("外部编号已用于另一记录", "The external id stands for another record")


async def called(
    session: AsyncSession,
    kind: RecordKind[Row],
    caller: Caller,
    identity: ExternalIdentity,
    chosen: UUID | None,
    same: Callable[[Row], bool],
) -> UUID | None:
    """Return the id of the record that another system calls so, None if there is none yet.

    ``chosen`` is the id that the caller gives the record: a record that no system has sent takes on what
    this one calls it. ``same`` tells whether a voided record held what is sent now. Only the caller's
    division is looked at: nobody is told what other counties' systems have sent.

    Raises:
        ExternalIdTaken: it stands for a record that is not the chosen one, or for several that have
            come from other counties, none of them chosen; or another system's id stands for the
            chosen one.
        RecordVoided: there is none, but one with the same content was voided.

    """
    table = kind.table
    one = f"{kind.name} {identity.source} {identity.id}"
    await session.execute(_ONE_BY_ONE, {"called": one})
    own = within(getattr(table, kind.division), caller.division)
    rows = list(await session.scalars(select(table).filter_by(**identity.columns).where(own)))
    standing = [row for row in rows if row.voided_at is None]
    meant = standing if chosen is None else [row for row in standing if row.id == chosen]
    if len(meant) == 1:
        return meant[0].id
    if standing:
        raise _taken(kind)
    for row in rows:
        if row.voiding is not None and same(row):
            raise sent_before(kind, row, row.voiding)
    if chosen is None:
        return None
    unsent = await session.scalar(select(table).where(table.id == chosen, own))
    if unsent is not None and unsent.external_id is not None:
        raise _taken(kind)
    return None if unsent is None else unsent.id


def _taken(kind: RecordKind[Any]) -> ExternalIdTaken:
    return ExternalIdTaken(
        Bilingual(
            f"该外部编号已用于另一{kind.title.zh}，或该记录已有外部编号；请核对来源系统与编号。",
            f"This external id stands for another {kind.title.en}, or the record has an external id "
            "already; check the system and the id.",
        )
    )
