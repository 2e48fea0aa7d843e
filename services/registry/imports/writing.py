"""Planned rows into the register: sets by COPY, each with its journal entry."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, TypeAlias
from uuid import UUID

import orjson

from services.registry.imports.importables import Importable
from services.registry.imports.journal import JOURNAL, WAITING, JournalEntries
from services.registry.imports.outcomes import Outcome, RowPlan
from shared.db.database import DriverConnection
from shared.problems import Conflict
from shared.values.bilingual import Bilingual
from shared.web.work import Work

BATCH = 4000

Records: TypeAlias = list[tuple[Any, ...]]
Copy: TypeAlias = tuple[str, Sequence[str], Records]
"""What one COPY moves: the table, its columns, and the records."""


async def write_plans(
    driver: DriverConnection, work: Work, importable: Importable, plans: Sequence[RowPlan]
) -> None:
    """Write the plans of one kind of record, in the transaction that is open on ``driver``.

    Their journal entries wait for ``publish_entries``.

    Raises:
        Conflict: somebody changed one of the records since it was read.

    """
    created = [plan for plan in plans if plan.outcome is Outcome.CREATED]
    updated = [plan for plan in plans if plan.outcome is Outcome.UPDATED]
    table = importable.kind.table.__tablename__
    names = (*importable.stamps, *importable.names)
    columns = [importable.columns[name] for name in names]
    await copy_in_turn(driver, _batches(work, importable, created, table, columns))
    if not updated:
        return
    staged = f"imported_{table}"
    await driver.execute(
        f"CREATE TEMP TABLE {staged} (LIKE {table} INCLUDING DEFAULTS) ON COMMIT DROP"
    )
    await copy_in_turn(driver, _batches(work, importable, updated, staged, columns))
    settable = [name for name in columns if name not in importable.unsettable]
    assignments = ", ".join(f'"{name}" = changed."{name}"' for name in settable)
    # Whoever has changed a record since it was read has raised its version, and it is not met here.
    status = await driver.execute(
        f"UPDATE {table} SET {assignments} FROM {staged} changed "  # noqa: S608 - our own names
        f"WHERE {table}.id = changed.id AND {table}.version = changed.version - 1"
    )
    await driver.execute(f"DROP TABLE {staged}")
    if status != f"UPDATE {len(updated)}":
        raise changed_meanwhile()


async def copy_in_turn(driver: DriverConnection, batches: Iterator[Sequence[Copy]]) -> None:
    """Copy batches, each made in a thread while the one before it is on its way."""
    following = asyncio.ensure_future(asyncio.to_thread(next, batches, None))
    try:
        while (batch := await following) is not None:
            following = asyncio.ensure_future(asyncio.to_thread(next, batches, None))
            for table, columns, records in batch:
                await driver.copy_records_to_table(table, columns=columns, records=records)
    finally:
        # A thread cannot be stopped, and must not be at work any more when the plans are gone.
        await asyncio.gather(following, return_exceptions=True)


def changed_meanwhile() -> Conflict:
    """Return the failure of an import that met another writer."""
    return Conflict(
        Bilingual(
            "导入期间有人修改了同一记录，本次未写入任何内容；请重新导入（可放心重复）。",
            "Somebody changed one of the records during the import, and nothing was written; import "
            "the file again, which is safe to do twice.",
        )
    )


def _batches(
    work: Work, importable: Importable, plans: Sequence[RowPlan], table: str, columns: Sequence[str]
) -> Iterator[Sequence[Copy]]:
    entries = JournalEntries(work, importable)
    for chunk in _chunks(plans):
        records, journal = [], []
        for plan in chunk:
            before = plan.before
            version = 1 if before is None else before["version"] + 1
            first = work.now if before is None else before["created_at"]
            stamps = (plan.record_id, plan.village_code, version, work.actor, first, work.now)
            owner = (plan.household_id,) if importable.belongs else ()
            record = (*stamps, *owner, *(plan.after or ()))
            records.append(record)
            journal.append(entries.entry(plan, record))
        yield (table, columns, records), (WAITING, JOURNAL, journal)


def _chunks(plans: Sequence[RowPlan]) -> Iterator[Sequence[RowPlan]]:
    for start in range(0, len(plans), BATCH):
        yield plans[start : start + BATCH]


def outcome_batches(
    import_id: UUID, sheets: Iterable[tuple[int, Sequence[RowPlan]]]
) -> Iterator[Sequence[Copy]]:
    """Yield the rows of ``import_outcomes``, given as (place of the sheet, its plans) pairs."""
    columns = ("import_id", "sheet", "row", "outcome", "record_id", "problems", "changed")
    of_plan = attrgetter("row", "outcome.value", "record_id")
    for sheet, plans in sheets:
        for chunk in _chunks(plans):
            records: Records = [
                (import_id, sheet, *of_plan(plan), _problems(plan), _changed(plan))
                for plan in chunk
            ]
            yield (("import_outcomes", columns, records),)


def _problems(plan: RowPlan) -> str | None:
    if not plan.problems:
        return None
    return orjson.dumps([problem.as_json() for problem in plan.problems]).decode()


def _changed(plan: RowPlan) -> Sequence[str] | None:
    return plan.changed if plan.outcome is Outcome.UPDATED else None
