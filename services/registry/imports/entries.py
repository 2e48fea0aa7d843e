"""The rows that belong to a household under a key of their own: income, checks, circumstances."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from typing import Any
from uuid import UUID

from services.registry.imports.columns import HOUSEHOLD_NUMBER
from services.registry.imports.households import Owner, Owners
from services.registry.imports.importables import HOUSEHOLD_ID, Importable, planned
from services.registry.imports.outcomes import Outcome, RowPlan, failed
from services.registry.imports.parsing import ParsedRow, ParsedSheet
from services.registry.imports.refusals import RowRefusal
from services.registry.imports.register import Recorded
from services.registry.imports.validation import validated
from services.registry.imports.voided import Voided
from services.registry.recording.kind import Kind
from services.registry.recording.sheet import Sheets
from shared.ids import new_id
from shared.values.money import Fen
from shared.values.refusal import InvalidValue
from shared.values.text import HeldTexts

Fields = dict[str, Any]
REMEMBERED = 50_000


@dataclass(frozen=True)
class EntryKind:
    """A kind of record with one entry for each household and key, and its sheets."""

    kind: Kind[Any]
    sheets: Sheets

    @cached_property
    def importable(self) -> Importable:
        """How its rows are moved in sets."""
        return Importable.of(self.kind, repeats=self.sheets.repeats)

    @cached_property
    def key(self) -> tuple[str, ...]:
        """What tells a household's entries apart."""
        return tuple(name for name in self.kind.key.columns if name != HOUSEHOLD_ID)

    @cached_property
    def at(self) -> str:
        """The attribute that decides whether an entry is possible by a day."""
        return self.kind.looked_at.removeprefix("/").replace("/", "_")

    def written(self, fields: Fields) -> Mapping[str, Any]:
        """Return what the wire model takes. What is recorded comes from the table as a bare number."""
        return self.kind.written(
            fields | {name: Fen(fields[name]) for name in self.importable.amounts if name in fields}
        )


@dataclass(frozen=True)
class EntryJudge:
    """Decides what becomes of each row of a sheet of entries."""

    kind: EntryKind
    owners: Owners
    recorded: Mapping[tuple[Any, ...], Recorded]
    voided: Voided
    today: date
    known: dict[tuple[Any, ...], tuple[Any, ...]] = field(default_factory=dict)
    """What fields that were valid once became, but for the free member: many rows say the same."""

    def judge(self, sheet: ParsedSheet) -> list[RowPlan]:
        """Return a plan for each row."""
        return list(self._plans(sheet))

    def _plans(self, sheet: ParsedSheet) -> Iterator[RowPlan]:
        seen: dict[tuple[Any, ...], int] = {}
        stated = cache(lambda: self._stated(sheet))  # seldom asked for
        for row in sheet.rows:
            fields = {**sheet.sheet.fixed, **row.fields}
            try:
                owner = self.owners.find(fields.pop(HOUSEHOLD_NUMBER, ""))
            except InvalidValue as refusal:
                problem = sheet.problem(row, refusal, HOUSEHOLD_NUMBER)
                yield failed(row.number, *(row.problems or (problem,)))
                continue
            key = (owner.id, *map(fields.get, self.kind.key))
            if row.problems:
                yield failed(row.number, *row.problems)
            elif key in seen:
                repeated = RowRefusal("row-repeated", first=seen[key])
                yield failed(row.number, sheet.problem(row, repeated))
            else:
                plan = self._plan(sheet, row, fields, owner, key)
                if plan.outcome is Outcome.CREATED:
                    plan = self._against(sheet, row, fields, owner, stated) or plan
                if plan.outcome is not Outcome.FAILED:
                    seen[key] = row.number
                yield plan

    def _plan(
        self,
        sheet: ParsedSheet,
        row: ParsedRow,
        fields: Fields,
        owner: Owner,
        key: tuple[Any, ...],
    ) -> RowPlan:
        kind, alone = self.kind, fields
        existing, held = self.recorded.get(key), None
        if existing is not None:
            if all(existing[name] == value for name, value in fields.items()):
                return RowPlan(row.number, Outcome.UNCHANGED, existing["id"])
            before = _filled(existing, kind.importable.names)
            held = HeldTexts.of(kind.written(before))
            fields = before | fields
        after = self._after(sheet, row, fields, held)
        if isinstance(after, RowPlan):
            return after
        again = self.voided.why_not(
            (owner.id,), lambda: validated(kind.kind.content, sheet, row, kind.written(alone))
        )
        if again is not None:
            return failed(row.number, sheet.problem(row, again))
        record_id = new_id() if existing is None else existing["id"]
        changed: tuple[str, ...] = ()
        if existing is not None:
            values = dict(zip(kind.importable.names, after, strict=True))
            changed = sheet.changed(dict(existing), values)
        return planned(
            kind.importable,
            row.number,
            record_id,
            owner.village_code,
            after,
            existing,
            owner.id,
            changed,
        )

    def _stated(self, sheet: ParsedSheet) -> Mapping[str, Sequence[Fields]]:
        """Return what the readable rows say of each household."""
        stated: dict[str, list[Fields]] = defaultdict(list)
        for row in sheet.rows:
            if not row.problems:
                fields = {**sheet.sheet.fixed, **row.fields}
                stated[fields[HOUSEHOLD_NUMBER]].append(fields)
        return stated

    def _against(
        self,
        sheet: ParsedSheet,
        row: ParsedRow,
        fields: Fields,
        owner: Owner,
        stated: Callable[[], Mapping[str, Sequence[Fields]]],
    ) -> RowPlan | None:
        """Return the plan of a row that contradicts what its household has on record."""
        against, recorded = self.kind.sheets.against, self._of_owner.get(owner.id)
        if against is None or recorded is None:
            return None
        found = against(fields, recorded, stated()[row.fields[HOUSEHOLD_NUMBER]])
        if found is None:
            return None
        member, refusal = found
        return failed(row.number, sheet.problem(row, refusal, member))

    @cached_property
    def _of_owner(self) -> Mapping[UUID, Sequence[Fields]]:
        """What each household has on record."""
        found: dict[UUID, list[Fields]] = defaultdict(list)
        for each in self.recorded.values():
            found[each[HOUSEHOLD_ID]].append(dict(each))
        return found

    def _after(
        self, sheet: ParsedSheet, row: ParsedRow, fields: Fields, held: HeldTexts | None
    ) -> tuple[Any, ...] | RowPlan:
        """Return the record's values, or the plan of a row that fails."""
        kind = self.kind
        free = fields.get(kind.sheets.free)
        same = tuple(item for item in fields.items() if item[0] != kind.sheets.free)
        known = self.known.get(same)
        if known is not None and held is None and _passes(kind.sheets.held_to, free):
            return _with(known, kind.importable.places.get(kind.sheets.free), free)
        content = validated(kind.kind.content, sheet, row, kind.written(fields), held)
        if isinstance(content, tuple):
            return failed(row.number, *content)
        try:
            kind.kind.possible(content, self.today)
        except InvalidValue as refusal:
            return failed(row.number, sheet.problem(row, refusal, kind.at))
        after = kind.importable.values(kind.kind.columns(content))
        if held is None and len(self.known) < REMEMBERED:
            self.known[same] = after
        return after


def _passes(held_to: Callable[[Any], Any], value: Any) -> bool:
    try:
        held_to(value)
    except InvalidValue:
        return False
    return True


def _with(values: tuple[Any, ...], place: int | None, value: Any) -> tuple[Any, ...]:
    """Return the values with another one in a place."""
    return values if place is None else (*values[:place], value, *values[place + 1 :])


def _filled(existing: Recorded, names: tuple[str, ...]) -> Fields:
    """Return what is recorded, without what is not known."""
    return {name: existing[name] for name in names if existing[name] is not None}
