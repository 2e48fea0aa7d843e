"""What may be entered as a village's account, and the sums made from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from shared.values.bilingual import Bilingual
from shared.values.money import Fen
from shared.values.refusal import InvalidValue


class YearNotOver(InvalidValue):
    code = "year-not-over"
    template = Bilingual(
        "{year} 年尚未结束（今天是 {today}）；预期收入不是收入，请在年度结束后登记。",
        "The year {year} is not over (today is {today}); expected income is not income: record "
        "the account once the year is over.",
    )


class Line(Protocol):
    """A line of an account, as far as sums need it."""

    @property
    def amount(self) -> Fen: ...
    @property
    def operating(self) -> bool: ...
    @property
    def recurring(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Sums:
    """What an account's lines come to, in fen; the parts overlap."""

    total_income: Fen
    operating_income: Fen
    one_off_income: Fen


def sums_of(lines: Iterable[Line]) -> Sums:
    """Return the sums of an account's lines; without lines each is 0."""
    listed = list(lines)
    return Sums(
        total_income=Fen(sum(line.amount for line in listed)),
        operating_income=Fen(sum(line.amount for line in listed if line.operating)),
        one_off_income=Fen(sum(line.amount for line in listed if not line.recurring)),
    )


def require_over(year: int, today: date) -> None:
    """Refuse a year that is not over. Raises YearNotOver."""
    if year >= today.year:
        raise YearNotOver(year=year, today=today.isoformat())
