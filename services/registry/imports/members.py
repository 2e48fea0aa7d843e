"""The rows of the sheet 成员: who belongs to which household, and what is known of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.registry.households.happening import not_yet_happened
from services.registry.households.members.domain import (
    HEAD,
    Stay,
    require_born,
    require_standing,
)
from services.registry.households.members.kind import MEMBER
from services.registry.households.members.schemas import NUMBER, MemberContent
from services.registry.households.members.usecases import member_columns
from services.registry.imports.columns import HOUSEHOLD_NUMBER
from services.registry.imports.households import Owner, Owners
from services.registry.imports.importables import MEMBERS, content_on_record, planned
from services.registry.imports.memberships import Memberships, stay_on_record
from services.registry.imports.outcomes import Outcome, RowPlan, RowProblem, failed
from services.registry.imports.parsing import ParsedRow, ParsedSheet
from services.registry.imports.register import Recorded
from services.registry.imports.validation import validated
from services.registry.imports.voided import Voided
from services.registry.values.sealing import Sealer
from shared.ids import new_id
from shared.values.refusal import InvalidValue
from shared.values.text import HeldTexts

_IN_FILE = {"document-repeated", "head-repeated", "household-full"}
"""Why a row fails that stands against other rows of its file."""


@dataclass(frozen=True, slots=True)
class _Match:
    """A row with its person, its household, and the membership on record that it is about."""

    row: ParsedRow
    person: bytes | None
    owner: Owner | InvalidValue
    existing: Recorded | None

    def stay(self) -> Stay | None:
        """Return the membership as it will be, or None if the day of joining is not readable."""
        joined = self.row.fields.get("joined_on")
        if joined is None:
            return None
        fields, existing = self.row.fields, self.existing
        recorded = {} if existing is None else dict(existing)
        # A household that ended took whom it had along, whatever the row leaves blank.
        left = fields.get("left_on", recorded.get("until"))
        return Stay.of(joined, left, fields.get("leave_reason", recorded.get("leave_reason")))

    def heads(self) -> bool:
        """Tell whether the row says that the person heads the household."""
        return bool(self.row.fields.get("relation_to_head") == HEAD)


@dataclass(frozen=True)
class MemberJudge:
    """Decides what becomes of each member row."""

    owners: Owners
    recorded: Sequence[Recorded]
    voided: Voided
    sealer: Sealer
    today: date
    claims: set[int] = field(default_factory=set)
    """The rows of which it was asked whether their person can be entered."""
    against: dict[int, tuple[Owner, Recorded]] = field(default_factory=dict)
    """Those that cannot be: the household they were for, and the membership that stands against it."""

    def judge(self, sheet: ParsedSheet, persons: Sequence[bytes | None]) -> list[RowPlan]:
        """Return a plan for each row; ``persons`` are the digests of who the rows are about."""
        known = Memberships(self.recorded)
        matches = [
            self._match(known, row, person) for row, person in zip(sheet.rows, persons, strict=True)
        ]
        failures: dict[int, RowPlan] = {}
        while True:
            plans, again = self._round(sheet, matches, failures), False
            for match, plan in zip(matches, plans, strict=True):
                if plan.outcome is Outcome.FAILED and plan.row not in failures:
                    failures[plan.row] = plan
                    again = again or match.existing is not None
            # A row that fails leaves what it is about as it is on record, and others who counted on
            # it – whoever joins another household since this one said that they leave – fail too.
            if not again:
                return plans
            for match, plan in zip(matches, plans, strict=True):
                if match.existing is None and {each.code for each in plan.problems} <= _IN_FILE:
                    # What it collided with may itself have failed.
                    failures.pop(plan.row, None)

    def _round(
        self, sheet: ParsedSheet, matches: Sequence[_Match], failures: Mapping[int, RowPlan]
    ) -> list[RowPlan]:
        """Judge every row that has not failed yet, as if those did not stand in the file."""
        memberships = Memberships(self.recorded)
        # All rows take the place of what is on record before the first is judged: someone who moves
        # leaves one household in one row and joins another in the next, in either order.
        for match in matches:
            if match.existing is not None and match.row.number not in failures:
                memberships.restate(match.existing)
        return [
            failures.get(match.row.number) or self._plan(sheet, match, memberships)
            for match in matches
        ]

    def _match(self, known: Memberships, row: ParsedRow, person: bytes | None) -> _Match:
        try:
            owner = self.owners.find(row.fields.get(HOUSEHOLD_NUMBER, ""))
        except InvalidValue as refusal:
            return _Match(row, person, refusal, None)
        existing = None
        if person is not None and owner.recorded:
            existing = known.match(person, owner.id, row.fields.get("joined_on"))
        return _Match(row, person, owner, existing)

    def _plan(self, sheet: ParsedSheet, match: _Match, memberships: Memberships) -> RowPlan:
        row, owner = match.row, match.owner
        problems = list(row.problems)
        if isinstance(owner, InvalidValue):
            why = sheet.problem(row, owner, HOUSEHOLD_NUMBER)
            return failed(row.number, *(problems or (why,)))
        if problems:
            return failed(
                row.number, *problems, *self._memberships(sheet, match, owner, memberships)
            )
        problems += self._memberships(sheet, match, owner, memberships)
        plan, stay = self._kept(sheet, match, owner), match.stay()
        if problems:
            return failed(row.number, *problems, *plan.problems)
        if plan.outcome is not Outcome.FAILED and stay is not None and match.person is not None:
            memberships.state(row.number, match.person, owner.id, stay, head=match.heads())
        return plan

    def _memberships(
        self, sheet: ParsedSheet, match: _Match, owner: Owner, memberships: Memberships
    ) -> list[RowProblem]:
        row, stay, existing = match.row, match.stay(), match.existing
        found = []
        if stay is not None and match.person is not None:
            refusal = memberships.why_not_person(row.number, match.person, stay, existing)
            if existing is None or stay.grows_from(stay_on_record(existing)):
                self.claims.add(row.number)
            if row.number in memberships.against:
                self.against[row.number] = owner, memberships.against[row.number]
            if refusal is not None:
                found.append(sheet.problem(row, refusal, NUMBER))
        if stay is not None and match.heads() and not found:
            refusal = memberships.why_not_head(owner.id, stay, existing)
            if refusal is not None:
                found.append(sheet.problem(row, refusal, "relation_to_head"))
        if stay is not None and not found:
            refusal = memberships.why_no_room(owner.id, stay)
            if refusal is not None:
                found.append(sheet.problem(row, refusal, "joined_on"))
        return found

    def _kept(self, sheet: ParsedSheet, match: _Match, owner: Owner) -> RowPlan:
        row, existing = match.row, match.existing
        own = {name: value for name, value in row.fields.items() if name != HOUSEHOLD_NUMBER}
        fields, before, held = own, None, None
        if existing is not None:
            before = content_on_record(MEMBER, existing, self.sealer)
            if _same(before, own):
                return RowPlan(row.number, Outcome.UNCHANGED, existing["id"])
            fields, held = {**vars(before), **own}, HeldTexts.of(vars(before), self.today)
        content = validated(MemberContent, sheet, row, fields, held)
        if isinstance(content, tuple):
            return failed(row.number, *content)
        impossible = self._impossible(sheet, row, content, owner, before)
        if impossible:
            return failed(row.number, *impossible)
        again = self.voided.why_not((owner.id,), lambda: validated(MemberContent, sheet, row, own))
        if again is not None:
            return failed(row.number, sheet.problem(row, again, NUMBER))
        member_id = new_id() if existing is None else existing["id"]
        columns = member_columns(content, member_id, self.sealer)
        if existing is not None and before and before.document_number == content.document_number:
            columns["document_sealed"] = existing["document_sealed"]
        after = MEMBERS.values(columns)
        return planned(
            MEMBERS,
            row.number,
            member_id,
            owner.village_code,
            after,
            existing,
            owner.id,
            changed=() if before is None else sheet.changed(vars(before), vars(content)),
        )

    def _impossible(
        self,
        sheet: ParsedSheet,
        row: ParsedRow,
        content: MemberContent,
        owner: Owner,
        before: MemberContent | None,
    ) -> list[RowProblem]:
        """Return what cannot be so by today or in the household, of what is not on record already."""
        ahead = not_yet_happened(MemberContent, vars(content), self.today, before)
        found = [sheet.problem(row, refusal, name) for name, refusal in ahead]
        if before is None or content.birth_date != before.birth_date:
            try:
                require_born(content.birth_date, self.today)
            except InvalidValue as refusal:
                found.append(sheet.problem(row, refusal, "birth_date"))
        if before is None or content.joined_on != before.joined_on:
            try:
                require_standing(content.joined_on, owner.ended_on)
            except InvalidValue as refusal:
                found.append(sheet.problem(row, refusal, "joined_on"))
        return found


def _same(before: MemberContent, fields: dict[str, Any]) -> bool:
    return all(getattr(before, name) == value for name, value in fields.items())
