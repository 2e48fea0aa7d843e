"""What holds of a member of a household: the document, what it says, and joining and leaving."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Self

from services.registry.households.members.refusals import MemberRefusal
from services.registry.values.identity import IdentityForm, IdentityRefusal, read_identity_number
from services.registry.vocabulary.notations import is_no_number
from shared.values.periods import FIRST_YEAR, age_on
from shared.values.refusal import InvalidValue

MOST_MEMBERS = 99
"""Of one household on one day: the facts count them with two digits."""
OLDEST = 130
"""Years of age that nobody has passed: a birth date further back is a slip of the pen."""
HEAD = "head"
DEATH = "death"
_FORMS = {
    "resident_id": (IdentityForm.RESIDENT, IdentityForm.RESIDENT_OLD),
    "disability_card": (IdentityForm.DISABILITY_CARD,),
}

# One number is asked about four times while its member is validated and written.
_read = lru_cache(maxsize=16)(read_identity_number)


@dataclass(frozen=True, slots=True)
class Stay:
    """A time in a household: from a day on, until another (exclusive) or for good.

    A death ends it for good: nobody is a member of anything afterwards.
    """

    start: date
    end: date | None
    by_death: bool = False

    @classmethod
    def of(
        cls,
        joined_on: date,
        left_on: date | None,
        leave_reason: str | None,
        ended_on: date | None = None,
    ) -> Self:
        """Return the stay of a member of a household that ended, or not, on a day."""
        ends = [day for day in (left_on, ended_on) if day is not None]
        return cls(joined_on, min(ends, default=None), leave_reason == DEATH)

    def overlaps(self, other: "Stay") -> bool:
        """Tell whether the two share a day."""
        return _share_a_day(self.start, self.end, other.start, other.end)

    def excludes(self, other: "Stay") -> bool:
        """Tell whether one person cannot have both, as the database's own constraint has it."""
        return _share_a_day(self.start, self._taken, other.start, other._taken)

    def grows_from(self, recorded: "Stay") -> bool:
        """Tell whether it takes the person on a day on which the one on record did not.

        What only shrinks contradicts nothing that it did not contradict before.
        """
        if self.start < recorded.start:
            return True
        until = recorded._taken
        return until is not None and (self._taken is None or self._taken > until)

    @property
    def _taken(self) -> date | None:
        """The first day on which the person may be a member elsewhere; None for never."""
        return None if self.by_death else self.end


def _share_a_day(start: date, end: date | None, other_start: date, other_end: date | None) -> bool:
    empty = (end is not None and end <= start) or (
        other_end is not None and other_end <= other_start
    )
    return (
        not empty
        and (end is None or other_start < end)
        and (other_end is None or start < other_end)
    )


@dataclass(frozen=True, slots=True)
class Document:
    """A member's document: its number as kept, and what the number says of the person."""

    number: str
    birth_date: date | None
    sex: str | None


def read_document(document_type: str, number: str, *, on_record: bool = False) -> Document:
    """Return what a document says; numbers of other documents say nothing.

    Raises the refusals of ``services.registry.values.identity`` for a resident identity number or the number
    of a disability card that is not one, also if it says what nobody could write as a birth date, and a
    MemberRefusal for a sign that there is none; one that is ``on_record`` already was taken as it is.
    """
    if not on_record and (is_no_number(number) or not any(map(str.isdigit, number))):
        raise MemberRefusal("document-number-missing")
    forms = _FORMS.get(document_type)
    if forms is None:
        return Document(number, None, None)
    read = _read(number)
    if read.form not in forms:
        raise IdentityRefusal("identity-number-form")
    if read.birth_date.year < FIRST_YEAR and not on_record:
        raise IdentityRefusal("identity-number-birth-date")
    return Document(read.number, read.birth_date, read.sex)


def person_of(number: str) -> str:
    """Return the text that stands for a person, to find them whatever document they showed.

    The old and the new form of an identity number, and a disability card, give the same 18
    characters; any other number stands for itself.
    """
    try:
        read = _read(number)
    except InvalidValue:
        return number
    return read.resident_number


def require_room(stay: Stay, others: Sequence[Stay]) -> None:
    """Refuse a member who would be one too many on some day of their stay.

    Raises a MemberRefusal.
    """
    # As many as ever are members at once are so on the first day of somebody's.
    for day in {stay.start, *(other.start for other in others if other.start > stay.start)}:
        if stay.end is not None and day >= stay.end:
            continue
        present = sum(
            other.start <= day and (other.end is None or day < other.end) for other in others
        )
        if present >= MOST_MEMBERS:
            raise MemberRefusal("household-full", most=MOST_MEMBERS, on=day.isoformat())


def require_standing(joined_on: date, ended_on: date | None) -> None:
    """Refuse a member who joins a household that has ended, and would be one of it on no day.

    Raises a MemberRefusal.
    """
    if ended_on is not None and joined_on >= ended_on:
        raise MemberRefusal("joined-after-household-ended", ended=ended_on.isoformat())


def require_born(birth_date: date | None, today: date) -> None:
    """Refuse a member who is not born yet, or older than anybody is.

    Raises a MemberRefusal.
    """
    if birth_date is None:
        return
    if birth_date > today:
        raise MemberRefusal("born-in-the-future", today=today.isoformat())
    if age_on(birth_date, today) > OLDEST:
        raise MemberRefusal("born-too-long-ago", oldest=OLDEST)
