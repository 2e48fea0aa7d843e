"""What officials do with checks of the guarantees: record one, amend one."""

from typing import Any
from uuid import UUID

from services.registry.guarantees.records import GUARANTEE_CHECK
from services.registry.guarantees.schemas import (
    GuaranteeCheck,
    GuaranteeCheckContent,
    NewGuaranteeCheck,
    guarantee_check_columns,
)
from services.registry.guarantees.tables import KEY, GuaranteeCheckRow
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


async def record_guarantee_check(
    work: Work, caller: Caller, new: NewGuaranteeCheck
) -> GuaranteeCheckRow:
    """Record a check of one guarantee of a household.

    Raises:
        NotFound: the household lies outside the caller's division.
        InvalidRequest: the check lies in the future.
        CheckAlreadyRecorded: the household has a check of this guarantee on this day.
        Conflict: the id is taken.

    """
    household = await find(work.session, HOUSEHOLD, new.household_id, caller, for_update=True)
    columns = guarantee_check_columns(new) | placed_in(household) | {"id": new.id or new_id()}
    await _require_possible(work, new, columns)
    return await create(work, GUARANTEE_CHECK, columns)


async def amend_guarantee_check(
    work: Work,
    caller: Caller,
    check_id: UUID,
    expected_version: ExpectedVersion,
    patch: dict[str, Any],
) -> GuaranteeCheckRow:
    """Apply a merge patch to a check; its evidence merges too.

    Raises:
        NotFound: the check does not exist for the caller.
        PreconditionFailed: it has changed since it was read.
        InvalidRequest: the result is not valid.
        CheckAlreadyRecorded: the household has another check of this guarantee on this day.

    """
    row = await find(work.session, GUARANTEE_CHECK, check_id, caller, for_update=True)
    current = GuaranteeCheck.of(row)
    require_version(expected_version, row.version, current.model_dump(mode="json"))
    after = patched(GuaranteeCheckContent, current, patch)
    columns = guarantee_check_columns(after)
    await _require_possible(work, after, columns | {"id": row.id, "household_id": row.household_id})
    await amend(work, GUARANTEE_CHECK, row, columns)
    return row


async def _require_possible(
    work: Work, content: GuaranteeCheckContent, columns: dict[str, Any]
) -> None:
    with refusing_at("/checked_on"):
        require_made(content.checked_on, work.today)
    other = await other_of_key(work.session, GuaranteeCheckRow, KEY, columns)
    if other is not None:
        raise CheckAlreadyRecorded(
            Bilingual(
                f"该户当日的此项核查已登记（{other}）；请修改该记录。",
                f"The household has a check of this guarantee on that day ({other}); amend it.",
            ),
            guarantee_check_id=str(other),
        )
