"""Who belongs where and when, in the register and in the rows of a file taken together.

The rules are those of ``households.members.memberships``, for sets: nobody belongs to two
households at once, and a household has one head and so many members.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.registry.households.members.domain import (
    MOST_MEMBERS,
    HouseholdFull,
    require_room,
)
from services.registry.households.members.memberships import HEAD
from services.registry.imports.refusals import (
    DocumentRepeated,
    HeadAlreadyActive,
    HeadRepeated,
    PersonAlreadyActive,
)
from services.registry.imports.register import Recorded
from shared.values.refusal import InvalidValue


@dataclass(frozen=True, slots=True)
class Stay:
    """A time in a household: from a day on, until another (exclusive) or for good."""

    start: date
    end: date | None

    def overlaps(self, other: "Stay") -> bool:
        """Tell whether the two share a day."""
        return (self.end is None or other.start < self.end) and (
            other.end is None or self.start < other.end
        )


class Memberships:
    """The memberships on record, and those that the rows seen so far state."""

    def __init__(self, recorded: Iterable[Recorded]) -> None:
        self._persons: dict[bytes, list[Recorded]] = defaultdict(list)
        self._heads: dict[UUID, list[Recorded]] = defaultdict(list)
        self._members: dict[UUID, list[Recorded]] = defaultdict(list)
        self._restated: set[UUID] = set()
        self._stated_persons: dict[bytes, list[tuple[int, Stay]]] = defaultdict(list)
        self._stated_heads: dict[UUID, list[tuple[int, Stay]]] = defaultdict(list)
        self._stated_members: dict[UUID, list[Stay]] = defaultdict(list)
        for row in recorded:
            self._persons[row["document_digest"]].append(row)
            self._members[row["household_id"]].append(row)
            if row["relation_to_head"] == HEAD:
                self._heads[row["household_id"]].append(row)

    def match(self, person: bytes, household: UUID, joined: date | None) -> Recorded | None:
        """Return the membership on record that a row is about.

        It is the one that began on the same day, or else the one that has not ended. From now on
        the row counts in its place.
        """
        own = [row for row in self._persons.get(person, ()) if row["household_id"] == household]
        same = (row for row in own if row["joined_on"] == joined)
        current = (row for row in own if row["ends_on"] is None)
        found = next(same, None) or next(current, None)
        if found is not None:
            self._restated.add(found["id"])
        return found

    def why_not_person(self, row: int, person: bytes, stay: Stay) -> InvalidValue | None:
        """Say where else the person belongs at the time; either way, remember the row."""
        stated = self._stated_persons[person]
        first = _first_overlap(stay, stated)
        stated.append((row, stay))
        if first is not None:
            return DocumentRepeated(first=first)
        if self._on_record(stay, self._persons.get(person, ())):
            return PersonAlreadyActive()
        return None

    def why_not_head(self, row: int, household: UUID, stay: Stay) -> InvalidValue | None:
        """Say who else heads the household at the time; either way, remember the row."""
        stated = self._stated_heads[household]
        first = _first_overlap(stay, stated)
        stated.append((row, stay))
        if first is not None:
            return HeadRepeated(first=first)
        if self._on_record(stay, self._heads.get(household, ())):
            return HeadAlreadyActive()
        return None

    def why_no_room(self, household: UUID, stay: Stay) -> InvalidValue | None:
        """Say that the household has too many members at the time; if not, remember the row."""
        stated = self._stated_members[household]
        recorded = self._members.get(household, ())
        if len(stated) + len(recorded) >= MOST_MEMBERS:
            others = [(row["joined_on"], row["left_on"]) for row in self._standing(recorded)]
            others += [(other.start, other.end) for other in stated]
            try:
                require_room(stay.start, stay.end, others)
            except HouseholdFull as refusal:
                return refusal
        stated.append(stay)
        return None

    def _on_record(self, stay: Stay, recorded: Iterable[Recorded]) -> bool:
        return any(
            stay.overlaps(Stay(row["joined_on"], row["ends_on"]))
            for row in self._standing(recorded)
        )

    def _standing(self, recorded: Iterable[Recorded]) -> Iterable[Recorded]:
        """Return those in whose place no row counts."""
        return (row for row in recorded if row["id"] not in self._restated)


def _first_overlap(stay: Stay, stated: Iterable[tuple[int, Stay]]) -> int | None:
    return next((row for row, other in stated if stay.overlaps(other)), None)
