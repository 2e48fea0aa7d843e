"""What officials do with circumstances: record them, amend them."""

from typing import Any
from uuid import UUID

from services.registry.circumstances.records import CIRCUMSTANCES
from services.registry.circumstances.schemas import (
    Circumstances,
    CircumstancesContent,
    NewCircumstances,
    circumstances_columns,
)
from services.registry.circumstances.tables import KEY, CircumstancesRow
from services.registry.households.belonging import other_of_key, placed_in
from services.registry.households.checking import CheckAlreadyRecorded, require_made
from services.registry.households.records import HOUSEHOLD
from shared.ids import new_id
from shared.journal.records import amend, create, find
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.web.etags import ExpectedVersion, require_version
from shared.web.merge_patch import patched
from shared.web.validation import refusing_at
from shared.web.work import Work


async def record_circumstances(
    work: Work, caller: Caller, new: NewCircumstances
) -> CircumstancesRow:
    """Record what a check found of a household's circumstances.

    Raises:
        NotFound: the household lies outside the caller's division.
        InvalidRequest: the check lies in the future.
        CheckAlreadyRecorded: the household's circumstances were checked on this day already.
        Conflict: the id is taken.

    """
    household = await find(work.session, HOUSEHOLD, new.household_id, caller, for_update=True)
    columns = circumstances_columns(new) | placed_in(household) | {"id": new.id or new_id()}
    await _require_possible(work, new, columns)
    return await create(work, CIRCUMSTANCES, columns)


async def amend_circumstances(
    work: Work,
    caller: Caller,
    circumstances_id: UUID,
    expected_version: ExpectedVersion,
    patch: dict[str, Any],
) -> CircumstancesRow:
    """Apply a merge patch to circumstances.

    Raises:
        NotFound: they do not exist for the caller.
        PreconditionFailed: they have changed since they were read.
        InvalidRequest: the result is not valid.
        CheckAlreadyRecorded: the household's circumstances were checked on this day already.

    """
    row = await find(work.session, CIRCUMSTANCES, circumstances_id, caller, for_update=True)
    current = Circumstances.of(row)
    require_version(expected_version, row.version, current.model_dump(mode="json"))
    after = patched(CircumstancesContent, current, patch)
    columns = circumstances_columns(after)
    await _require_possible(work, after, columns | {"id": row.id, "household_id": row.household_id})
    await amend(work, CIRCUMSTANCES, row, columns)
    return row


async def _require_possible(
    work: Work, content: CircumstancesContent, columns: dict[str, Any]
) -> None:
    with refusing_at("/checked_on"):
        require_made(content.checked_on, work.today)
    other = await other_of_key(work.session, CircumstancesRow, KEY, columns)
    if other is not None:
        raise CheckAlreadyRecorded(
            Bilingual(
                f"该户当日的家庭状况核对已登记（{other}）；请修改该记录。",
                f"The household's circumstances were checked on that day already ({other}); amend "
                "that record.",
            ),
            circumstances_id=str(other),
        )
