"""What holds of a member of a household: the document, what it says, and joining and leaving."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Self

from services.registry.values.identity import (
    IdentityForm,
    IdentityNumberBirthDate,
    IdentityNumberForm,
    read_identity_number,
)
from shared.values.bilingual import Bilingual
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


class BirthDateDiffers(InvalidValue):
    code = "birth-date-differs"
    template = Bilingual(
        "出生日期与证件号码中的不一致；请核对证件，或不填出生日期（将取自号码）。",
        "The birth date is not the one in the document's number; check the document, or leave the "
        "birth date out and it is taken from the number.",
    )


class SexDiffers(InvalidValue):
    code = "sex-differs"
    template = Bilingual(
        "性别与证件号码（第 17 位，奇数为男）不一致；请核对证件，或不填性别（将取自号码）。",
        "The sex is not the one in the document's number (place 17, odd for men); check the "
        "document, or leave the sex out and it is taken from the number.",
    )


class NotYetBornWhenRecorded(InvalidValue):
    code = "born-in-the-future"
    template = Bilingual(
        "出生日期晚于今天（{today}）；请核对出生日期或证件号码。",
        "The birth date lies after today ({today}); check it, or the document's number.",
    )


class BornTooLongAgo(InvalidValue):
    code = "born-too-long-ago"
    template = Bilingual(
        "按此出生日期已超过 {oldest} 周岁；请核对出生日期或证件号码。",
        "By this birth date the person is older than {oldest} years; check it, or the document's "
        "number.",
    )


CANNOT_BE_ENTERED = Bilingual(
    "此人不能登记为成员：已登记在别处，或已登记死亡，或已迁往别处。请核对证件号码；号码无误的，先登记其离开原户的"
    "日期（left_on），或请上级按冲突编号协调（/v1/conflicts）。",
    "The person cannot be entered: they are registered elsewhere, on record as dead, or have moved "
    "away. Check the document's number; if it is right, first record the day on which they left "
    "(left_on), or ask the level above to settle the conflict (/v1/conflicts).",
)
"""One text for all of these: which it is, and where, only the level that holds both places sees."""


class HouseholdFull(InvalidValue):
    code = "household-full"
    template = Bilingual(
        "该户在 {on} 已有 {most} 名成员，一户同时至多 {most} 人；请核对户编号，或先登记成员的离开日期。",
        "The household has {most} members on {on}, which is the most that one can have at a time; "
        "check the household, or first record who has left.",
    )


class JoinedBeforeBirth(InvalidValue):
    code = "joined-before-birth"
    template = Bilingual(
        "加入日期早于出生日期；新生儿的加入日期填出生日期。",
        "joined_on lies before the birth date; a newborn joins on the day of birth.",
    )


class JoinedAfterHouseholdEnded(InvalidValue):
    code = "joined-after-household-ended"
    template = Bilingual(
        "该户已于 {ended} 终止，加入日期必须早于该日；请核对农户和加入日期，终止有误的先更正终止日期。",
        "The household ended on {ended}, and joined_on must lie before that day; check the household "
        "and the date, or first correct the day on which it ended.",
    )


class LeftBeforeJoined(InvalidValue):
    code = "left-before-joined"
    template = Bilingual(
        "离开日期（当日起不再是成员）必须晚于加入日期；请更正其中之一。",
        "left_on, the first day on which the person is no member, must lie after joined_on; "
        "correct one of them.",
    )


class LeaveReasonWithoutDate(InvalidValue):
    code = "leave-reason-without-date"
    template = Bilingual(
        "填写了离开原因但没有离开日期；请补上离开日期或去掉原因。",
        "There is a reason for leaving but no left_on; add the date or leave the reason out.",
    )


class DropoutReasonOfPupil(InvalidValue):
    code = "dropout-reason-without-dropout"
    template = Bilingual(
        "只有在校状况为“失学辍学”时才填失学辍学原因；请更正其中之一。",
        "A reason for being out of school goes with school_status out_of_school only; correct one "
        "of them.",
    )


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
    of a disability card that is not one, also if it says what nobody could write as a birth date;
    one that is ``on_record`` already was taken as it is.
    """
    forms = _FORMS.get(document_type)
    if forms is None:
        return Document(number, None, None)
    read = _read(number)
    if read.form not in forms:
        raise IdentityNumberForm
    if read.birth_date.year < FIRST_YEAR and not on_record:
        raise IdentityNumberBirthDate
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

    Raises HouseholdFull.
    """
    # As many as ever are members at once are so on the first day of somebody's.
    for day in {stay.start, *(other.start for other in others if other.start > stay.start)}:
        if stay.end is not None and day >= stay.end:
            continue
        present = sum(
            other.start <= day and (other.end is None or day < other.end) for other in others
        )
        if present >= MOST_MEMBERS:
            raise HouseholdFull(most=MOST_MEMBERS, on=day.isoformat())


def require_standing(joined_on: date, ended_on: date | None) -> None:
    """Refuse a member who joins a household that has ended, and would be one of it on no day.

    Raises JoinedAfterHouseholdEnded.
    """
    if ended_on is not None and joined_on >= ended_on:
        raise JoinedAfterHouseholdEnded(ended=ended_on.isoformat())


def require_born(birth_date: date | None, today: date) -> None:
    """Refuse a member who is not born yet, or older than anybody is.

    Raises NotYetBornWhenRecorded or BornTooLongAgo.
    """
    if birth_date is None:
        return
    if birth_date > today:
        raise NotYetBornWhenRecorded(today=today.isoformat())
    if age_on(birth_date, today) > OLDEST:
        raise BornTooLongAgo(oldest=OLDEST)
