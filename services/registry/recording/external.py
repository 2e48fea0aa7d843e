"""Records of other systems: each is put under the id that it has there, again and again the same one."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.recording.domain import ExternalIdentity
from services.registry.recording.kind import is_voided
from services.registry.recording.tables import RegisteredColumns
from shared.journal.records import RecordKind
from shared.problems import Conflict
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.values.divisions import contains

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
) -> UUID | None:
    """Return the id of the record that another system calls so, None if there is none yet.

    ``chosen`` is the id that the caller gives the record: a record that no system has sent takes on what
    this one calls it.

    Raises:
        ExternalIdTaken: it stands for a record that is not the chosen one, or not the caller's; or
            another system's id stands for the chosen one.

    """
    table = kind.table
    one = f"{kind.name} {identity.source} {identity.id}"
    await session.execute(_ONE_BY_ONE, {"called": one})
    row = await session.scalar(
        select(table).filter_by(**identity.columns).where(is_voided(table, False))
    )
    if row is None:
        row = None if chosen is None else await session.get(table, chosen)
        if row is None or not contains(caller.division, kind.division_of(row)):
            return None
        if row.external_id is None:
            return row.id
    elif row.id == (chosen or row.id) and contains(caller.division, kind.division_of(row)):
        return row.id
    raise ExternalIdTaken(
        Bilingual(
            f"该外部编号已用于另一{kind.title.zh}，或该记录已有外部编号；请核对来源系统与编号。",
            f"This external id stands for another {kind.title.en}, or the record has an external id "
            "already; check the system and the id.",
        )
    )
