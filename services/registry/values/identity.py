"""Resident identity numbers (公民身份号码, GB 11643), what they say, and how they are shown.

18 characters: place (6), birth date (8), sequence (3, odd for men), check character (ISO 7064
MOD 11-2). 15 digits: the older form, with a two-digit year and no check. 20 characters: the number
of a disability card (残疾人证), an 18-character number followed by kind and grade of disability.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from stdnum.iso7064 import mod_11_2

from shared.values.bilingual import Bilingual
from shared.values.personal_numbers import PROVINCE
from shared.values.refusal import WordedRefusal

_FORM = re.compile(r"[0-9]{15}|[0-9]{17}[0-9X](?:[0-9]{2})?")


class IdentityForm(StrEnum):
    """The three forms of number: 18位, 15位 (旧), 残疾人证20位."""

    RESIDENT = "resident"
    RESIDENT_OLD = "resident_old"
    DISABILITY_CARD = "disability_card"


class IdentityWarning(StrEnum):
    """What to look at in a number that is accepted all the same."""

    BIRTHPLACE_UNKNOWN = "birthplace_unknown"
    OLD_FORM = "old_form"
    DISABILITY_UNKNOWN = "disability_unknown"

    @property
    def message(self) -> Bilingual:
        """What is odd, and what to do."""
        return _WARNINGS[self]


_WARNINGS = {
    IdentityWarning.BIRTHPLACE_UNKNOWN: Bilingual(
        "号码开头的地区代码不在现行省级代码之内；请与证件核对。",
        "The number starts with no known province; compare it with the document.",
    ),
    IdentityWarning.OLD_FORM: Bilingual(
        "这是 15 位旧号码，没有校验码；请尽量改填 18 位号码。",
        "This is an old number of 15 digits without a check digit; prefer the one with 18.",
    ),
    IdentityWarning.DISABILITY_UNKNOWN: Bilingual(
        "残疾人证号末两位应为类别 1–7 和等级 1–4；请与证件核对。",
        "The last two digits of a disability card are its kind, 1 to 7, and grade, 1 to 4; compare "
        "them with the document.",
    ),
}


class IdentityRefusal(WordedRefusal):
    """One of the reasons in ``identity.yaml``."""

    file = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """A valid number and what can be derived from it."""

    number: str
    form: IdentityForm
    birth_date: date
    sex: str
    """GB/T 2261.1: "1" male, "2" female."""
    warnings: tuple[IdentityWarning, ...]

    @property
    def resident_number(self) -> str:
        """The 18 characters that stand for the person, whatever document the number came from."""
        if self.form is IdentityForm.RESIDENT_OLD:
            seventeen = f"{self.number[:6]}19{self.number[6:]}"
            return seventeen + mod_11_2.calc_check_digit(seventeen)
        return self.number[:18]


def read_identity_number(text: object, *, on: date | None = None) -> IdentityNumber:
    """Return the number, with an x made X, and what it says.

    ``on`` is the day on which the number is recorded; a birth after it is refused. The years of
    15-digit numbers count from 1900. Raises an IdentityRefusal, which does not repeat the number.
    """
    number = text.upper() if isinstance(text, str) and text.isascii() else ""
    if not _FORM.fullmatch(number):
        raise IdentityRefusal("identity-number-form")
    warnings = []
    if not PROVINCE.match(number):
        warnings.append(IdentityWarning.BIRTHPLACE_UNKNOWN)
    if len(number) == 15:
        form, birth, sequence = (
            IdentityForm.RESIDENT_OLD,
            f"19{number[6:12]}",
            number[12:],
        )
        warnings.append(IdentityWarning.OLD_FORM)
    else:
        form, birth, sequence = IdentityForm.RESIDENT, number[6:14], number[14:17]
        if not mod_11_2.is_valid(number[:18]):
            raise IdentityRefusal("identity-number-check-digit")
    if len(number) == 20:
        form = IdentityForm.DISABILITY_CARD
        if not re.fullmatch("[1-7][1-4]", number[18:]):
            warnings.append(IdentityWarning.DISABILITY_UNKNOWN)
    return IdentityNumber(
        number=number,
        form=form,
        birth_date=_birth_date(birth, on),
        sex="1" if int(sequence) % 2 else "2",
        warnings=tuple(warnings),
    )


def _birth_date(digits: str, on: date | None) -> date:
    try:
        birth = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise IdentityRefusal("identity-number-birth-date") from error
    if on is not None and birth > on:
        raise IdentityRefusal("identity-number-birth-date")
    return birth
