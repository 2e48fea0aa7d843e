"""What a policy declares: facts, dated parameters, rules, and where each comes from."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from services.rules.engine.errors import Place
from services.rules.engine.tree import Comparison, Node
from services.rules.engine.units import Type
from shared.values.bilingual import Bilingual

LEVEL_DIGITS = (2, 4, 6, 9, 12)
"""How many digits of a code are a province's own, a city's, a county's, a township's and a village's."""

Value = int | bool | str | datetime.date
"""A known value: fen or another whole number, yes or no, a code, a date."""


class Source(StrEnum):
    """How good a citation is: the policy document, a statute read in full, a public notice, or nobody verified it."""

    POLICY = "policy"
    LAW = "law"
    NOTICE = "notice"
    UNVERIFIED = "unverified"


SOURCES: Mapping[Source, Bilingual] = {
    Source.POLICY: Bilingual("政策文件", "policy document"),
    Source.LAW: Bilingual("法规", "statute"),
    Source.NOTICE: Bilingual("公开通知", "public notice"),
    Source.UNVERIFIED: Bilingual("未经核实", "not verified"),
}
"""In words."""


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a rule or a figure stands."""

    document: str
    article: str
    source: Source


class FactValue(NamedTuple):
    """A recorded fact: its value (never None), the day it holds, and who recorded it."""

    value: Value
    date: datetime.date | None = None
    recorded_by: str | None = None


class StatedBy(StrEnum):
    """Who states a fact: the registry, or whoever asks for the evaluation."""

    REGISTRY = "registry"
    ASKER = "asker"


@dataclass(frozen=True, slots=True)
class Fact:
    """An entry of the fact dictionary; `fresh_for` names the parameter with the days until it is stale.

    An `at_least` counts those of whom it is recorded; there may be more. It is zero only where there
    is none, and unknown while none is recorded and somebody may yet be one.
    """

    name: str
    subject: str
    type: Type
    unit: str
    title: Bilingual
    dated_by: str | None
    fresh_for: str | None
    place: Place
    code_titles: tuple[tuple[str, Bilingual], ...] = ()
    stated_by: StatedBy = StatedBy.REGISTRY
    at_least: bool = False


class ParameterValue(NamedTuple):
    """One value from `start` to `end` (the last day, None while open) in a division (None: everywhere).

    `value` is None where the law leaves a decision that nobody has taken yet.
    """

    value: int | bool | None
    start: datetime.date
    end: datetime.date | None
    division: str | None
    citation: Citation
    illustrative: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """A dated, cited figure or yes-or-no; `values` are sorted by division and start, without gaps and overlaps."""

    name: str
    type: Type
    unit: str
    title: Bilingual
    values: tuple[ParameterValue, ...]

    def at(self, as_of: datetime.date, division: str | None) -> ParameterValue | None:
        """The value in force on `as_of` in the nearest division up the tree, or None when there is none."""
        places = (*lineage(division), None) if self.varies_by_division else (None,)
        for place in places:
            started = [
                value for value in self.values if value.division == place and value.start <= as_of
            ]
            if started:
                latest = started[-1]
                if latest.end is None or as_of <= latest.end:
                    return latest
        return None

    @property
    def varies_by_division(self) -> bool:
        return any(value.division is not None for value in self.values)


class Combination(StrEnum):
    """How a rule's conditions make its answer; a `value` rule has one expression, of any type."""

    ALL_OF = "all_of"
    ANY_OF = "any_of"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a rule: `text` as it is written, `shown` a comparison to put into words instead (per head, say)."""

    title: Bilingual
    text: str
    node: Node
    shown: Comparison | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A sentence of the policy. `node` combines the conditions and is what the backends compile.

    `family` is the folder that its file stands in: zero_out, eligibility, risk, quality.
    """

    name: str
    family: str
    subject: str
    title: Bilingual
    citation: Citation
    start: datetime.date
    end: datetime.date | None
    combination: Combination
    conditions: tuple[Condition, ...]
    node: Node
    place: Place

    @property
    def decides(self) -> bool:
        """True when the rule answers met or not met; a figure such as a net income does not."""
        return self.combination is not Combination.VALUE

    def in_force(self, as_of: datetime.date) -> bool:
        return self.start <= as_of and (self.end is None or as_of <= self.end)


def lineage(division: str | None) -> Iterator[str]:
    """A 12-digit division code and its ancestors, nearest first, each padded to 12 digits."""
    if division is None:
        return
    seen = ""
    for digits in reversed(LEVEL_DIGITS):
        code = division[:digits].ljust(12, "0")
        if code != seen:
            yield code
        seen = code
