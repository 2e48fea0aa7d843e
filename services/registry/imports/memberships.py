"""Who belongs where and when, in the register and in the rows of a file taken together.

The rules are those of ``households.members.memberships``, for sets: nobody belongs to two
households at once or to any after death, and a household has one head and so many members.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from services.registry.households.members.domain import HEAD, MOST_MEMBERS, Stay, require_room
from services.registry.households.members.refusals import MemberRefusal
from services.registry.imports.refusals import RowRefusal
from services.registry.imports.register import Recorded
from shared.values.refusal import InvalidValue


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
        self.against: dict[int, Recorded] = {}
        """The membership on record that stands against the person of a row."""
        for row in recorded:
            self._persons[row["document_digest"]].append(row)
            self._members[row["household_id"]].append(row)
            if row["relation_to_head"] == HEAD:
                self._heads[row["household_id"]].append(row)

    def match(self, person: bytes, household: UUID, joined: date | None) -> Recorded | None:
        """Return the membership on record that a row is about.

        It is the one that began on the same day, or else the one that has not ended.
        """
        own = [row for row in self._persons.get(person, ()) if row["household_id"] == household]
        same = (row for row in own if row["joined_on"] == joined)
        current = (row for row in own if row["until"] is None)
        return next(same, None) or next(current, None)

    def restate(self, recorded: Recorded) -> None:
        """From now on a row counts in place of a membership on record."""
        self._restated.add(recorded["id"])

    def why_not_person(
        self, row: int, person: bytes, stay: Stay, existing: Recorded | None
    ) -> InvalidValue | None:
        """Say why the person cannot be a member at the time.

        ``existing`` is the membership on record that the row is about.
        """
        stated = self._stated_persons.get(person, ())
        first = next((number for number, other in stated if stay.excludes(other)), None)
        if first is not None:
            return RowRefusal("document-repeated", first=first)
        if existing is not None and not stay.grows_from(stay_on_record(existing)):
            return None
        standing = self._standing(self._persons.get(person, ()))
        other = next((each for each in standing if stay.excludes(stay_on_record(each))), None)
        if other is None:
            return None
        self.against[row] = other
        return MemberRefusal("person-cannot-be-entered")

    def why_not_head(
        self, household: UUID, stay: Stay, existing: Recorded | None
    ) -> InvalidValue | None:
        """Say who else heads the household at the time."""
        stated = self._stated_heads.get(household, ())
        first = next((number for number, other in stated if stay.overlaps(other)), None)
        if first is not None:
            return RowRefusal("head-repeated", first=first)
        if (
            existing is not None
            and existing["relation_to_head"] == HEAD
            and not stay.grows_from(stay_on_record(existing))
        ):
            return None
        standing = self._standing(self._heads.get(household, ()))
        if any(stay.overlaps(stay_on_record(other)) for other in standing):
            return RowRefusal("head-already-active")
        return None

    def why_no_room(self, household: UUID, stay: Stay) -> InvalidValue | None:
        """Say that the household has too many members at the time."""
        stated = self._stated_members.get(household, ())
        recorded = self._members.get(household, ())
        if len(stated) + len(recorded) >= MOST_MEMBERS:
            others = [stay_on_record(row) for row in self._standing(recorded)]
            try:
                require_room(stay, [*others, *stated])
            except MemberRefusal as refusal:
                return refusal
        return None

    def state(self, row: int, person: bytes, household: UUID, stay: Stay, *, head: bool) -> None:
        """Count a row that can be imported; one that cannot be stands against no other."""
        self._stated_persons[person].append((row, stay))
        self._stated_members[household].append(stay)
        if head:
            self._stated_heads[household].append((row, stay))

    def _standing(self, recorded: Iterable[Recorded]) -> Iterable[Recorded]:
        """Return those in whose place no row counts."""
        return (row for row in recorded if row["id"] not in self._restated)


def stay_on_record(row: Recorded) -> Stay:
    """Return the stay of a membership on record."""
    return Stay.of(row["joined_on"], row["until"], row["leave_reason"])
