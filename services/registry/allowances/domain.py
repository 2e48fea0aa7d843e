"""What is limited by caller and day, and which numbers are guesses at the same person."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from services.registry.values.identity import read_identity_number
from shared.clock import CHINA, china_date
from shared.problems import TooManyRequests
from shared.values.bilingual import Bilingual
from shared.values.refusal import InvalidValue

UNLIKE = 3
"""Characters at the end of a document's number that are left out of its likeness."""
SHARE = 10
"""A file's persons of one likeness may be this part of them all, once they are recorded."""


class Use(StrEnum):
    """What a caller may do so often a day."""

    FIND = "find"
    REFUSAL = "refusal"
    REVEAL = "reveal"


@dataclass(frozen=True, slots=True)
class Allowances:
    """How often a caller may do what on a day in China."""

    finds: int
    reveals: int

    def of(self, use: Use) -> int:
        """Return how often a caller may do something."""
        return self.reveals if use is Use.REVEAL else self.finds


class FindsExhausted(TooManyRequests):
    code = "finds-exhausted"
    title = Bilingual("今日按号码查询的次数已用完", "No finds by number are left for today")


class RevealsExhausted(TooManyRequests):
    code = "reveals-exhausted"
    title = Bilingual("今日查看完整号码的次数已用完", "No reveals are left for today")


@dataclass(frozen=True, slots=True)
class Guess:
    """A number that somebody enters: whom it stands for, and whom it might be a guess at."""

    person: bytes
    likeness: bytes


def likeness_of(number: str) -> str:
    """Return the text that a number shares with the others that could be meant for the same person.

    Whoever knows when a person was born, and the sex, has 500 numbers to try in a county: an
    identity number's likeness is the birth date and the sex, that of any other number is all but
    its end.
    """
    try:
        read = read_identity_number(number)
    except InvalidValue:
        return number[:-UNLIKE]
    return f"{read.birth_date.isoformat()} {read.sex}"


def until_tomorrow(now: datetime) -> int:
    """Return the seconds until the next day begins in China, at least one."""
    midnight = datetime.combine(china_date(now) + timedelta(days=1), time(), CHINA)
    return max(1, int((midnight - now).total_seconds()))
