"""What officials do with income entries: record one, amend one."""

from typing import Any
from uuid import UUID

from services.registry.households.belonging import other_of_key, placed_in
from services.registry.households.records import HOUSEHOLD
from services.registry.income.domain import require_earned
from services.registry.income.records import INCOME_ENTRY
from services.registry.income.schemas import (
    IncomeEntry,
    IncomeEntryContent,
    NewIncomeEntry,
    income_entry_columns,
)
from services.registry.income.tables import KEY, IncomeEntryRow
from shared.ids import new_id
from shared.journal.records import amend, create, find
from shared.problems import Conflict
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.web.etags import ExpectedVersion, require_version
from shared.web.merge_patch import patched
from shared.web.validation import refusing_at
from shared.web.work import Work


class IncomeAlreadyRecorded(Conflict):
    code = "income-already-recorded"
    title = Bilingual("该项收入已登记", "This income is recorded already")


async def record_income_entry(work: Work, caller: Caller, new: NewIncomeEntry) -> IncomeEntryRow:
    """Record an income entry of a household.

    Raises:
        NotFound: the household lies outside the caller's division.
        InvalidRequest: the period is not over.
        IncomeAlreadyRecorded: the household has an entry of this item for this period.
        Conflict: the id is taken.

    """
    household = await find(work.session, HOUSEHOLD, new.household_id, caller, for_update=True)
    columns = income_entry_columns(new) | placed_in(household) | {"id": new.id or new_id()}
    await _require_possible(work, new, columns)
    return await create(work, INCOME_ENTRY, columns)


async def amend_income_entry(
    work: Work,
    caller: Caller,
    entry_id: UUID,
    expected_version: ExpectedVersion,
    patch: dict[str, Any],
) -> IncomeEntryRow:
    """Apply a merge patch to an income entry.

    Raises:
        NotFound: the entry does not exist for the caller.
        PreconditionFailed: it has changed since it was read.
        InvalidRequest: the result is not valid.
        IncomeAlreadyRecorded: the household has another entry of this item for this period.

    """
    row = await find(work.session, INCOME_ENTRY, entry_id, caller, for_update=True)
    current = IncomeEntry.of(row)
    require_version(expected_version, row.version, current.model_dump(mode="json", by_alias=True))
    after = patched(IncomeEntryContent, current, patch)
    columns = income_entry_columns(after)
    await _require_possible(work, after, columns | {"id": row.id, "household_id": row.household_id})
    await amend(work, INCOME_ENTRY, row, columns)
    return row


async def _require_possible(
    work: Work, content: IncomeEntryContent, columns: dict[str, Any]
) -> None:
    with refusing_at("/period/to"):
        require_earned(content.period, work.today)
    other = await other_of_key(work.session, IncomeEntryRow, KEY, columns)
    if other is not None:
        raise IncomeAlreadyRecorded(
            Bilingual(
                f"该户同一期间的同一收入项目已登记（{other}）；请修改该记录，同一项目的多笔收入请合计填写。",
                f"The household has an entry of this item for this period ({other}); amend it, and "
                "sum up what came in by one item.",
            ),
            income_entry_id=str(other),
        )
