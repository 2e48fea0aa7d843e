"""What officials do with village accounts: record one or many, amend one."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.registry.divisions.queries import require_division_in
from services.registry.villages.accounts.domain import require_over
from services.registry.villages.accounts.records import VILLAGE_ACCOUNT
from services.registry.villages.accounts.schemas import (
    NewVillageAccount,
    VillageAccount,
    VillageAccountContent,
    village_account_columns,
)
from services.registry.villages.tables import VillageAccountRow
from shared.ids import new_id
from shared.journal.records import amend, create, find
from shared.problems import Conflict
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.values.divisions import DivisionLevel
from shared.web.batch import Batch, BatchAnswer, ItemOutcome, carry_out
from shared.web.etags import ExpectedVersion, require_version
from shared.web.merge_patch import patched
from shared.web.validation import refusing_at
from shared.web.work import Work


class AccountAlreadyRecorded(Conflict):
    code = "account-already-recorded"
    title = Bilingual("该村该年度的收支已登记", "The village's account of this year is recorded")


async def record_village_account(
    work: Work, caller: Caller, new: NewVillageAccount
) -> VillageAccountRow:
    """Record a village's account of a year.

    Raises:
        NotFound: the village lies outside the caller's division.
        InvalidRequest: it was no village in force in that year, or the year is not over.
        AccountAlreadyRecorded: the village has an account of this year.
        Conflict: the id is taken.

    """
    await _require_possible(work, caller, new)
    recorded = await _recorded(work, new)
    if recorded is not None:
        raise _already_recorded(recorded)
    return await _create(work, new)


async def record_village_accounts(
    work: Work, caller: Caller, batch: Batch[NewVillageAccount]
) -> BatchAnswer:
    """Record many accounts; one recorded already with the same content is left unchanged.

    Raises:
        BatchRefused: an account failed and the mode is all_or_nothing.

    """

    async def write(new: NewVillageAccount) -> tuple[ItemOutcome, UUID]:
        await _require_possible(work, caller, new)
        recorded = await _recorded(work, new)
        if recorded is None:
            return ItemOutcome.CREATED, (await _create(work, new)).id
        columns = village_account_columns(new)
        if any(getattr(recorded, name) != value for name, value in columns.items()):
            raise _already_recorded(recorded)
        return ItemOutcome.UNCHANGED, recorded.id

    return await carry_out(work, batch, NewVillageAccount, write)


async def amend_village_account(
    work: Work,
    caller: Caller,
    account_id: UUID,
    expected_version: ExpectedVersion,
    patch: dict[str, Any],
) -> VillageAccountRow:
    """Apply a merge patch to an account; its lines are replaced as a whole, its sums made anew.

    Raises:
        NotFound: the account, or its new village, lies outside the caller's division.
        PreconditionFailed: it has changed since it was read.
        InvalidRequest: the result is not valid.
        AccountAlreadyRecorded: the village has another account of this year.

    """
    row = await find(work.session, VILLAGE_ACCOUNT, account_id, caller, for_update=True)
    current = VillageAccount.of(row)
    require_version(expected_version, row.version, current.model_dump(mode="json"))
    after = patched(VillageAccountContent, current, patch)
    await _require_possible(work, caller, after)
    recorded = await _recorded(work, after)
    if recorded is not None and recorded is not row:
        raise _already_recorded(recorded)
    await amend(work, VILLAGE_ACCOUNT, row, village_account_columns(after))
    return row


async def _require_possible(work: Work, caller: Caller, content: VillageAccountContent) -> None:
    caller.require_within(content.village_code)
    with refusing_at("/year"):
        require_over(content.year, work.today)
    await require_division_in(
        work.session, content.village_code, content.year, "/village_code", DivisionLevel.VILLAGE
    )


async def _recorded(work: Work, content: VillageAccountContent) -> VillageAccountRow | None:
    return await work.session.scalar(
        select(VillageAccountRow).filter_by(village_code=content.village_code, year=content.year)
    )


async def _create(work: Work, new: NewVillageAccount) -> VillageAccountRow:
    columns = village_account_columns(new) | {"id": new.id or new_id()}
    return await create(work, VILLAGE_ACCOUNT, columns)


def _already_recorded(recorded: VillageAccountRow) -> AccountAlreadyRecorded:
    return AccountAlreadyRecorded(
        Bilingual(
            f"{recorded.village_code} 的 {recorded.year} 年收支已登记；请以 PATCH 修改 "
            f"/v1/village-accounts/{recorded.id}。",
            f"{recorded.village_code} has an account of {recorded.year}; amend it with PATCH "
            f"/v1/village-accounts/{recorded.id}.",
        ),
        village_account_id=str(recorded.id),
    )
