"""Numbers of persons – identity, bank card, telephone – found in any text by what they look like.

A number counts however it is written: full-width, of another script's digits, with spaces, dashes or
invisible characters between its digits, a small x for the check character, in the midst of a
sentence.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from stdnum import luhn
from stdnum.iso7064 import mod_11_2

from shared.values.bilingual import Bilingual

# GB/T 2260. The codes of counties are not checked: places are abolished, renamed and renumbered,
# and a number stays with its holder for life.
PROVINCE = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
"""The two digits that an identity number begins with."""
_SHORTEST = 11
# The ids that the services give hold digits by chance; whoever is told of one must be able to use it.
_ID = re.compile(
    r"(?<![0-9A-Za-z])[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    r"(?![0-9A-Za-z])"
)
_LIKELY = re.compile(r"(?:\d[\W_]{0,3}){10}\d")
_LIKE_X = str.maketrans("xхХ×✕✖", "XXXXXX")
# Whether a window of digits is a number is decided by its check character, so that anything but
# letters may stand between the digits; where there is no such proof, only the usual groups do.
_RUN = re.compile(r"[0-9](?:[\W_]{0,3}[0-9X])+")
_BETWEEN = r"[\s\-\u2010-\u2015.]?"
_UNCHECKED = re.compile(
    rf"(?<![0-9])([0-9]{{6}}){_BETWEEN}((?:19|20)[0-9]{{6}}){_BETWEEN}[0-9]{{3}}[0-9X](?![0-9])"
)
_OLD = re.compile(rf"(?<![0-9])([0-9]{{6}}){_BETWEEN}([0-9]{{6}}){_BETWEEN}([0-9]{{3}})(?![0-9])")
_BANK_CARD = re.compile(
    rf"(?<![0-9])(?=62|9558|4|5[1-5]|35)[0-9]{{4}}(?:{_BETWEEN}[0-9]{{4}}){{2,3}}"
    rf"{_BETWEEN}[0-9]{{3,4}}(?:{_BETWEEN}[0-9]{{1,3}})?(?![0-9])"
)
_MOBILE = re.compile(
    rf"(?<![0-9])(?:(?:\+|00)?86{_BETWEEN})?1[3-9][0-9]{_BETWEEN}[0-9]{{4}}{_BETWEEN}[0-9]{{4}}"
    r"(?![0-9])"
)
_LANDLINE = re.compile(rf"(?<![0-9.])0[1-9][0-9]{{1,2}}{_BETWEEN}[2-8][0-9]{{6,7}}(?![0-9.])")


class PersonalNumberKind(StrEnum):
    """What a number is taken for."""

    IDENTITY = "identity"
    IDENTITY_UNCHECKED = "identity_unchecked"
    IDENTITY_OLD = "identity_old"
    BANK_CARD = "bank_card"
    TELEPHONE = "telephone"

    @property
    def called(self) -> Bilingual:
        """What people call it."""
        return _CALLED[self]


_CALLED = {
    PersonalNumberKind.IDENTITY: Bilingual("身份证件号码", "an identity number"),
    PersonalNumberKind.IDENTITY_UNCHECKED: Bilingual(
        "身份证件号码（校验位不符）", "an identity number with a wrong check character"
    ),
    PersonalNumberKind.IDENTITY_OLD: Bilingual("15 位身份证号码", "an old identity number"),
    PersonalNumberKind.BANK_CARD: Bilingual("银行卡号", "a bank card's number"),
    PersonalNumberKind.TELEPHONE: Bilingual("电话号码", "a telephone number"),
}


class Found(NamedTuple):
    """A number and where it stands: ``text[start:end]``."""

    kind: PersonalNumberKind
    start: int
    end: int


def personal_numbers(text: str) -> list[Found]:
    """Return what looks like the number of a person, its card or its telephone."""
    if len(text) < _SHORTEST or not _LIKELY.search(text):
        return []
    without_ids = _ID.sub(lambda found: "-" * len(found[0]), text)
    return list(_find("".join(map(_plain, without_ids))))


def masked_numbers(text: str) -> str:
    """Return a text of the same length in which no digit of a personal number is left."""
    found = personal_numbers(text)
    if not found:
        return text
    shown = list(text)
    for _, start, end in found:
        shown[start:end] = ("*" if each.isalnum() else each for each in shown[start:end])
    return "".join(shown)


def _find(text: str) -> Iterator[Found]:
    for run in _RUN.finditer(text):
        yield from _identities(text, *run.span())
    for near in _UNCHECKED.finditer(text):
        if PROVINCE.match(near[1]) and _is_day(near[2]):
            yield Found(PersonalNumberKind.IDENTITY_UNCHECKED, *near.span())
    for old in _OLD.finditer(text):
        if PROVINCE.match(old[1]) and _is_day(f"19{old[2]}"):
            yield Found(PersonalNumberKind.IDENTITY_OLD, *old.span())
    for card in _BANK_CARD.finditer(text):
        if luhn.is_valid("".join(filter(str.isdigit, card[0]))):
            yield Found(PersonalNumberKind.BANK_CARD, *card.span())
    for pattern in (_MOBILE, _LANDLINE):
        for telephone in pattern.finditer(text):
            yield Found(PersonalNumberKind.TELEPHONE, *telephone.span())


def _identities(text: str, start: int, end: int) -> Iterator[Found]:
    places = [place for place in range(start, end) if text[place].isalnum()]
    digits = "".join(text[place] for place in places)
    for first in range(len(digits) - 17):
        if _is_identity(digits[first : first + 18]):
            # What follows at once belongs to it, as on a disability card.
            last = places[first + 17]
            while last + 1 < len(text) and text[last + 1].isdigit():
                last += 1
            yield Found(PersonalNumberKind.IDENTITY, places[first], last + 1)


def _is_identity(number: str) -> bool:
    return (
        PROVINCE.match(number) is not None
        and number[:17].isdigit()
        and _is_day(number[6:14])
        and "1850" < number[6:10] < "2100"
        and mod_11_2.is_valid(number)
    )


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _plain(character: str) -> str:
    """Return the ASCII character that looks like this one, if any."""
    if character.isascii():
        return "X" if character == "x" else character
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    alike = unicodedata.normalize("NFKC", character)
    return (alike if len(alike) == 1 else character).translate(_LIKE_X)
