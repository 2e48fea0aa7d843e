"""An import from its files to the register, in the one transaction of its work."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.registry.allowances.domain import Allowances
from services.registry.households.kind import HOUSEHOLD
from services.registry.households.members.kind import MEMBER
from services.registry.households.moving import take_along
from services.registry.imports.columns import HOUSEHOLD_NUMBER, PLACES
from services.registry.imports.entries import EntryJudge, EntryKind
from services.registry.imports.households import HouseholdJudge, Owners
from services.registry.imports.importables import HOUSEHOLD_ID, HOUSEHOLDS, MEMBERS, Importable
from services.registry.imports.journal import WAITING, begin_entries, publish_entries
from services.registry.imports.members import MemberJudge
from services.registry.imports.moves import restate_moved, villages_left
from services.registry.imports.outcomes import CHANGES, Mode, Outcome, RowPlan, RowProblem
from services.registry.imports.parsing import ParsedSheet, parse_sheet
from services.registry.imports.reading import Reading
from services.registry.imports.refusals import RowRefusal
from services.registry.imports.register import (
    lock_counties,
    lock_households,
    read_entries,
    read_households,
    read_memberships,
    read_place,
)
from services.registry.imports.telling import OpenWork, Telling
from services.registry.imports.voided import Voided, read_voided
from services.registry.imports.writing import (
    changed_meanwhile,
    copy_in_turn,
    outcome_batches,
    write_plans,
)
from services.registry.kinds import KINDS
from services.registry.recording.kind import ServedKind
from services.registry.values.sealing import Sealer
from shared.db.database import DriverConnection
from shared.journal.records import RecordKind
from shared.web.work import Work

ENTRIES = tuple(EntryKind(kind, kind.sheets) for kind in KINDS if kind.sheets is not None)
IMPORTABLES: Sequence[Importable] = (HOUSEHOLDS, MEMBERS, *(each.importable for each in ENTRIES))
"""What is written, in this order: nothing before what it belongs to."""

# People may change places within a file, one row after the other.
DEFER = "SET CONSTRAINTS ex_members_person, ex_members_head DEFERRED"
LOOK_NOW = "SET CONSTRAINTS ex_members_person, ex_members_head IMMEDIATE"
Progress = Callable[[int, int], Awaitable[None]]
"""Told (rows done, rows in all) as the import comes along."""


@dataclass(frozen=True)
class ImportOrder:
    """What is to be imported, and how."""

    import_id: UUID
    division: str
    mode: Mode
    dry_run: bool


@dataclass
class JudgedRows:
    """A plan for each row of each sheet, in the order of import."""

    sheets: list[tuple[ParsedSheet, list[RowPlan]]] = field(default_factory=list)
    written: bool = False

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many rows had each outcome, by sheet."""
        return {
            sheet.sheet.name.value: dict(Counter(plan.outcome.value for plan in plans))
            for sheet, plans in self.sheets
        }

    def totals(self) -> dict[str, int]:
        """Return how many rows had each outcome, in all sheets."""
        return dict(Counter(plan.outcome.value for _, plans in self.sheets for plan in plans))

    def plans_of(self, kind: RecordKind[Any]) -> list[RowPlan]:
        """Return the plans of a kind of record, from all its sheets."""
        return [plan for sheet, plans in self.sheets if sheet.sheet.kind is kind for plan in plans]

    def any_failed(self) -> bool:
        """Tell whether a row failed."""
        return any(plan.outcome is Outcome.FAILED for _, plans in self.sheets for plan in plans)

    def skip_all(self) -> None:
        """Turn every row that would have been written or left alone into one that was skipped."""
        why = (RowProblem.of(RowRefusal("all-or-nothing")),)
        for _, plans in self.sheets:
            for plan in plans:
                if plan.outcome is not Outcome.FAILED:
                    plan.outcome, plan.problems = Outcome.SKIPPED, why
        self.forget_new_ids()

    def forget_new_ids(self) -> None:
        """Take back the ids of records that will not be."""
        for _, plans in self.sheets:
            for plan in plans:
                if plan.after is not None and plan.before is None:
                    plan.record_id = None


@dataclass(frozen=True)
class ImportRun:
    """One import at work; ``driver`` holds the open transaction of ``work``."""

    order: ImportOrder
    work: Work
    driver: DriverConnection
    sealer: Sealer
    allowances: Allowances
    progress: Progress
    apart: OpenWork
    """Opens a transaction beside that of ``work``, for what stays whatever becomes of the import."""

    async def carry_out(self, reading: Reading) -> JudgedRows:
        """Judge every row, write what the order allows, and keep the outcome of each row.

        Raises:
            Conflict: somebody changed one of the records meanwhile.

        """
        # Sheet by sheet: a thread cannot be stopped, so that none is given much at once.
        parsed = [await asyncio.to_thread(parse_sheet, each) for each in reading.sheets]
        telling = Telling(self.work, self.allowances, self.order.division)
        judged = await self._judge({sheet.sheet.name: sheet for sheet in parsed}, telling)
        if self.order.dry_run:
            # Every row is answered, also beside one that would keep all of them from being written.
            judged.forget_new_ids()
        elif self.order.mode is Mode.ALL_OR_NOTHING and judged.any_failed():
            telling.withhold(judged.plans_of(MEMBER))
            judged.skip_all()
        else:
            await begin_entries(self.driver)
            await self._write(judged)
        kept = [(PLACES[sheet.sheet.name], plans) for sheet, plans in judged.sheets]
        await copy_in_turn(self.driver, outcome_batches(self.order.import_id, kept))
        await telling.settle()
        if judged.written:
            await publish_entries(self.driver)
        return judged

    async def _judge(self, sheets: dict[str, ParsedSheet], telling: Telling) -> JudgedRows:
        households = next((each for each in sheets.values() if each.sheet.kind is HOUSEHOLD), None)
        owners, plans = await self._judge_households(households, list(sheets.values()))
        judged = JudgedRows([(households, plans)] if households else [])
        ids = owners.recorded_ids()
        judges = {
            entries.kind.name: await self._entry_judge(entries, owners, ids) for entries in ENTRIES
        }
        for sheet in sheets.values():
            kind = sheet.sheet.kind
            if kind is HOUSEHOLD:
                continue
            if kind is MEMBER:
                plans = await self._judge_members(sheet, owners, ids, telling)
            else:
                plans = await asyncio.to_thread(judges[kind.name].judge, sheet)
            judged.sheets.append((sheet, plans))
        return judged

    async def _judge_households(
        self, households: ParsedSheet | None, sheets: Sequence[ParsedSheet]
    ) -> tuple[Owners, list[RowPlan]]:
        numbers = {
            row.fields.get("number") or row.fields.get(HOUSEHOLD_NUMBER)
            for sheet in sheets
            for row in sheet.rows
        }
        numbers.discard(None)
        villages = {
            row.fields["village_code"]
            for row in (households.rows if households else ())
            if "village_code" in row.fields
        }
        division, counties = self.order.division, {village[:6] for village in villages}
        listed = [number for number in numbers if number]
        await lock_counties(self.driver, division, counties, listed)
        place = await read_place(self.driver, division, villages, self.work.today)
        recorded = await read_households(self.driver, place, counties, listed)
        voided = await read_voided(
            self.driver, HOUSEHOLD, self.sealer, division, ("county", "number"), listed
        )
        judge = HouseholdJudge(place, recorded, voided, self.sealer, self.work.today)
        plans, owners = await asyncio.to_thread(judge.judge, households)
        read = (row for row in recorded.values() if place.covers(row["village_code"]))
        if not await lock_households(self.driver, {row["id"]: row["version"] for row in read}):
            raise changed_meanwhile()
        return owners, plans

    async def _judge_members(
        self,
        sheet: ParsedSheet,
        owners: Owners,
        households: Sequence[UUID],
        telling: Telling,
    ) -> list[RowPlan]:
        lasting = not self.order.dry_run
        digests = await telling.count(self.apart, sheet, self.sealer, lasting=lasting)
        asked = [digest for digest in digests if digest is not None]
        recorded = await read_memberships(self.driver, asked, households)
        voided = await self._voided(MEMBER, households)
        judge = MemberJudge(owners, recorded, voided, self.sealer, self.work.today)
        plans = await asyncio.to_thread(judge.judge, sheet, digests)
        await telling.cut(judge, plans)
        return plans

    async def _entry_judge(
        self, kind: EntryKind, owners: Owners, households: Sequence[UUID]
    ) -> EntryJudge:
        table = kind.importable.kind.table
        recorded = await read_entries(self.driver, table, kind.key, households)
        voided = await self._voided(kind.kind, households)
        return EntryJudge(kind, owners, recorded, voided, self.work.today)

    async def _voided(self, kind: ServedKind[Any], households: Sequence[UUID]) -> Voided:
        division = self.order.division
        return await read_voided(
            self.driver, kind, self.sealer, division, (HOUSEHOLD_ID,), households
        )

    async def _write(self, judged: JudgedRows) -> None:
        total = sum(len(plans) for _, plans in judged.sheets)
        done = 0
        await self.driver.execute(DEFER)
        moved = villages_left(judged.plans_of(HOUSEHOLD))
        for importable in IMPORTABLES:
            plans = judged.plans_of(importable.kind)
            restate_moved(self.work, plans, moved)
            await write_plans(self.driver, self.work, importable, plans)
            if importable is HOUSEHOLDS:
                await take_along(self.work, moved, WAITING)
            done += len(plans)
            await self.progress(done, total)
        await self.driver.execute(LOOK_NOW)
        totals = judged.totals()
        judged.written = any(totals.get(outcome.value) for outcome in CHANGES)
