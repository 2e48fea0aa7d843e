"""What holds of a member of a household: the document, what it says, and joining and leaving."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TypeAlias

from shared.values.bilingual import Bilingual
from shared.values.identity import (
    IdentityForm,
    IdentityNumberForm,
    read_identity_number,
)
from shared.values.refusal import InvalidValue

MOST_MEMBERS = 99
"""Of one household on one day: the facts count them with two digits."""
Stay: TypeAlias = tuple[date, date | None]
"""From the day of joining until that of leaving, exclusive, or for good."""
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
class Document:
    """A member's document: its number as kept, and what the number says of the person."""

    number: str
    birth_date: date | None
    sex: str | None


def read_document(document_type: str, number: str) -> Document:
    """Return what a document says; numbers of other documents say nothing.

    Raises the refusals of ``shared.values.identity`` for a resident identity number or the number
    of a disability card that is not one.
    """
    forms = _FORMS.get(document_type)
    if forms is None:
        return Document(number, None, None)
    read = _read(number)
    if read.form not in forms:
        raise IdentityNumberForm
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


def require_room(start: date, end: date | None, others: Sequence[Stay]) -> None:
    """Refuse a member who would be one too many on some day from ``start`` until ``end``.

    Raises HouseholdFull.
    """
    # As many as ever are members at once are so on the first day of somebody's.
    for day in {start, *(joined for joined, _ in others if joined > start)}:
        if end is not None and day >= end:
            continue
        present = sum(joined <= day and (left is None or day < left) for joined, left in others)
        if present >= MOST_MEMBERS:
            raise HouseholdFull(most=MOST_MEMBERS, on=day.isoformat())


def require_born(birth_date: date | None, today: date) -> None:
    """Refuse a member who is not born yet.

    Raises NotYetBornWhenRecorded.
    """
    if birth_date is not None and birth_date > today:
        raise NotYetBornWhenRecorded(today=today.isoformat())
