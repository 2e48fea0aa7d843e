"""The rows of the sheet 成员: who belongs to which household, and what is known of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.registry.households.members.domain import person_of, require_born
from services.registry.households.members.memberships import HEAD
from services.registry.households.members.schemas import NUMBER, MemberContent
from services.registry.households.members.usecases import member_columns, member_content
from services.registry.households.tables import MemberRow
from services.registry.imports.columns import HOUSEHOLD_NUMBER
from services.registry.imports.households import Owner, Owners
from services.registry.imports.importables import MEMBERS, planned
from services.registry.imports.memberships import Memberships, Stay
from services.registry.imports.outcomes import Outcome, RowPlan, RowProblem, failed
from services.registry.imports.parsing import ParsedRow, ParsedSheet
from services.registry.imports.register import Recorded
from services.registry.imports.validation import validated
from shared.ids import new_id
from shared.security.sealing import Sealer
from shared.values.refusal import InvalidValue
from shared.values.text import HeldTexts


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
        recorded = self.existing["left_on"] if self.existing is not None else None
        return Stay(joined, self.row.fields.get("left_on", recorded))


@dataclass(frozen=True)
class MemberJudge:
    """Decides what becomes of each member row."""

    owners: Owners
    memberships: Memberships
    sealer: Sealer
    today: date

    def judge(self, sheet: ParsedSheet, persons: Sequence[bytes | None]) -> list[RowPlan]:
        """Return a plan for each row; ``persons`` are the digests of who the rows are about."""
        # All rows are matched before the first is judged: someone who moves leaves one household
        # in one row and joins another in the next, in either order.
        matches = [
            self._match(row, person) for row, person in zip(sheet.rows, persons, strict=True)
        ]
        return [self._plan(sheet, match) for match in matches]

    def _match(self, row: ParsedRow, person: bytes | None) -> _Match:
        try:
            owner = self.owners.find(row.fields.get(HOUSEHOLD_NUMBER, ""))
        except InvalidValue as refusal:
            return _Match(row, person, refusal, None)
        existing = None
        if person is not None and owner.recorded:
            existing = self.memberships.match(person, owner.id, row.fields.get("joined_on"))
        return _Match(row, person, owner, existing)

    def _plan(self, sheet: ParsedSheet, match: _Match) -> RowPlan:
        row, owner = match.row, match.owner
        problems = list(row.problems)
        if isinstance(owner, InvalidValue):
            why = sheet.problem(row, owner, HOUSEHOLD_NUMBER)
            return failed(row.number, *(problems or (why,)))
        problems += self._memberships(sheet, match, owner)
        if problems:
            return failed(row.number, *problems)
        return self._kept(sheet, match, owner)

    def _memberships(self, sheet: ParsedSheet, match: _Match, owner: Owner) -> list[RowProblem]:
        row, stay = match.row, match.stay()
        found = []
        if stay is not None and match.person is not None:
            refusal = self.memberships.why_not_person(row.number, match.person, stay)
            if refusal is not None:
                found.append(sheet.problem(row, refusal, NUMBER))
        if stay is not None and row.fields.get("relation_to_head") == HEAD and not found:
            refusal = self.memberships.why_not_head(row.number, owner.id, stay)
            if refusal is not None:
                found.append(sheet.problem(row, refusal, "relation_to_head"))
        if stay is not None and not found:
            refusal = self.memberships.why_no_room(owner.id, stay)
            if refusal is not None:
                found.append(sheet.problem(row, refusal, "joined_on"))
        return found

    def _kept(self, sheet: ParsedSheet, match: _Match, owner: Owner) -> RowPlan:
        row, existing = match.row, match.existing
        fields = {name: value for name, value in row.fields.items() if name != HOUSEHOLD_NUMBER}
        before = None if existing is None else _content(existing, self.sealer)
        if before is not None:
            if existing is not None and _same(before, fields):
                return RowPlan(row.number, Outcome.UNCHANGED, existing["id"])
            fields = {**before.__dict__, **fields}
        held = None if before is None else HeldTexts.of(before.__dict__, self.today)
        content = validated(MemberContent, sheet, row, fields, held)
        if isinstance(content, tuple):
            return failed(row.number, *content)
        try:
            require_born(content.birth_date, self.today)
        except InvalidValue as refusal:
            return failed(row.number, sheet.problem(row, refusal, "birth_date"))
        member_id = new_id() if existing is None else existing["id"]
        columns = member_columns(content, member_id, self.sealer)
        if existing is not None and before and before.document_number == content.document_number:
            columns["document_sealed"] = existing["document_sealed"]
        after = MEMBERS.values(columns)
        return planned(
            MEMBERS, row.number, member_id, owner.village_code, after, existing, owner.id
        )


def person_digests(sheet: ParsedSheet, sealer: Sealer) -> list[bytes | None]:
    """Return for each row what its person is found by, or None without a document number."""
    return [
        sealer.digest(person_of(row.fields[NUMBER])) if NUMBER in row.fields else None
        for row in sheet.rows
    ]


def _content(existing: Recorded, sealer: Sealer) -> MemberContent:
    attributes = {name: existing[name] for name in MEMBERS.columns}
    return member_content(MemberRow(**attributes), sealer)


def _same(before: MemberContent, fields: dict[str, Any]) -> bool:
    return all(getattr(before, name) == value for name, value in fields.items())
