"""The rows of the sheet 农户, and where the other sheets find their households."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.registry.households.happening import not_yet_happened
from services.registry.households.kind import HOUSEHOLD
from services.registry.households.schemas import HouseholdContent
from services.registry.households.usecases import household_columns
from services.registry.imports.importables import HOUSEHOLDS, content_on_record, planned
from services.registry.imports.outcomes import Outcome, RowPlan, failed
from services.registry.imports.parsing import ParsedRow, ParsedSheet
from services.registry.imports.refusals import VOIDED, RowRefusal
from services.registry.imports.register import Place, Recorded
from services.registry.imports.validation import validated
from services.registry.imports.voided import Voided
from services.registry.values.sealing import Sealer
from shared.ids import new_id
from shared.values.refusal import InvalidValue
from shared.values.text import HeldTexts


@dataclass(frozen=True, slots=True)
class Owner:
    """A household that rows of other sheets belong to."""

    id: UUID
    village_code: str
    recorded: bool
    ended_on: date | None


@dataclass
class Owners:
    """The households of the register and the file, and the rows of those that failed, by number.

    What the file itself says of a number goes before what other counties have under it.
    """

    recorded: dict[str, list[Owner]] = field(default_factory=lambda: defaultdict(list))
    in_file: dict[str, dict[str, Owner]] = field(default_factory=lambda: defaultdict(dict))
    failed: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    """Like those in the file by number and county."""

    def find(self, number: str) -> Owner:
        """Return the household of a number.

        Raises a RowRefusal.
        """
        if failed := self.failed.get(number):
            raise RowRefusal("household-failed", row=min(failed.values()))
        owners = [*self.in_file.get(number, {}).values()] or self.recorded.get(number)
        if not owners:
            raise RowRefusal("household-unknown")
        if len(owners) > 1:
            raise RowRefusal("household-ambiguous")
        return owners[0]

    def recorded_ids(self) -> list[UUID]:
        """Return the ids of those that the register holds already."""
        return [owner.id for owners in self.recorded.values() for owner in owners]


@dataclass(frozen=True)
class HouseholdJudge:
    """Decides what becomes of each household row."""

    place: Place
    recorded: Mapping[tuple[str, str], Recorded]
    voided: Voided
    sealer: Sealer
    today: date

    def judge(self, sheet: ParsedSheet | None) -> tuple[list[RowPlan], Owners]:
        """Return a plan for each row, and the households for the rows of the other sheets."""
        owners = Owners()
        for (_, number), row in self.recorded.items():
            if self.place.covers(row["village_code"]):
                owner = Owner(row["id"], row["village_code"], True, row["ended_on"])
                owners.recorded[number].append(owner)
        plans = [] if sheet is None else list(self._plans(sheet, owners))
        return plans, owners

    def _plans(self, sheet: ParsedSheet, owners: Owners) -> Iterator[RowPlan]:
        seen: dict[tuple[str, str], int] = {}
        for row in sheet.rows:
            number = row.fields.get("number", "")
            county = row.fields.get("village_code", "")[:6]
            existing = self.recorded.get((county, number))
            plan = self._plan(sheet, row, existing, seen.get((county, number)))
            if existing is not None and not self.place.covers(existing["village_code"]):
                existing = None
            ended = existing["ended_on"] if existing else None
            if plan.outcome is not Outcome.FAILED and plan.record_id is not None:
                seen[county, number] = row.number
                owners.failed[number].pop(county, None)
                owners.in_file[number][county] = Owner(
                    plan.record_id, plan.village_code, existing is not None, ended
                )
            elif number and (county, number) not in seen:
                # A row that says what was voided does not mean the household that stands now.
                if existing is None or any(each.code == VOIDED for each in plan.problems):
                    owners.failed[number].setdefault(county, row.number)
                else:
                    owners.in_file[number][county] = Owner(
                        existing["id"], existing["village_code"], True, ended
                    )
            yield plan

    def _plan(
        self, sheet: ParsedSheet, row: ParsedRow, existing: Recorded | None, first: int | None
    ) -> RowPlan:
        problems = list(row.problems)
        if first is not None:
            problems.append(sheet.problem(row, RowRefusal("row-repeated", first=first), "number"))
        if existing is not None and not self.place.covers(existing["village_code"]):
            problems.append(sheet.problem(row, RowRefusal("household-number-taken"), "number"))
            existing = None
        village = row.fields.get("village_code", "")
        if existing is None or existing["village_code"] != village:
            refusal = self._why_no_village(village)
            if refusal is not None and not problems:
                problems.append(sheet.problem(row, refusal, "village_code"))
        if problems:
            return failed(row.number, *problems)
        plan = self._kept(sheet, row, existing)
        if plan.outcome in {Outcome.CREATED, Outcome.UPDATED}:
            of = (village[:6], row.fields["number"])
            again = self.voided.why_not(
                of, lambda: validated(HouseholdContent, sheet, row, row.fields)
            )
            if again is not None:
                return failed(row.number, sheet.problem(row, again, "number"))
        return plan

    def _why_no_village(self, village: str) -> InvalidValue | None:
        if village in self.place.villages:
            return None
        return RowRefusal("not-a-village" if self.place.covers(village) else "village-not-found")

    def _kept(self, sheet: ParsedSheet, row: ParsedRow, existing: Recorded | None) -> RowPlan:
        fields, now, held = row.fields, None, None
        if existing is not None:
            now = content_on_record(HOUSEHOLD, existing, self.sealer)
            # The number is what it was found by, and stays as wide as it was recorded.
            given = {**row.fields, "number": now.number}
            if all(getattr(now, name) == value for name, value in given.items()):
                village = existing["village_code"]
                return RowPlan(row.number, Outcome.UNCHANGED, existing["id"], village_code=village)
            fields, held = {**vars(now), **given}, HeldTexts.of(vars(now), self.today)
        content = validated(HouseholdContent, sheet, row, fields, held)
        if isinstance(content, tuple):
            return failed(row.number, *content)
        ahead = [
            sheet.problem(row, refusal, name)
            for name, refusal in not_yet_happened(HouseholdContent, vars(content), self.today, now)
        ]
        if ahead:
            return failed(row.number, *ahead)
        household_id = new_id() if existing is None else existing["id"]
        columns = household_columns(content, household_id, self.sealer)
        if existing is not None and now and content.phone == now.phone:
            columns["phone_sealed"] = existing["phone_sealed"]
        return planned(
            HOUSEHOLDS,
            row.number,
            household_id,
            content.village_code,
            HOUSEHOLDS.values(columns),
            existing,
            changed=() if now is None else sheet.changed(vars(now), vars(content)),
        )
