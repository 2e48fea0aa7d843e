"""Units and types: dimensional analysis over money, persons, days and the rest."""

from dataclasses import dataclass, replace
from enum import StrEnum

from shared.values.bilingual import Bilingual

Dimension = tuple[tuple[str, int], ...]
"""Exponents by base unit, sorted by name; money per person is (("money", 1), ("persons", -1))."""

DIMENSIONLESS: Dimension = ()
MONEY: Dimension = (("money", 1),)
PERSONS: Dimension = (("persons", 1),)
DAYS: Dimension = (("days", 1),)


class Kind(StrEnum):
    """What a value is. Money is an integer of fen whose dimension says so."""

    INTEGER = "integer"
    BOOLEAN = "boolean"
    CODE = "code"
    DATE = "date"


KIND_NAMES = {
    Kind.INTEGER: Bilingual("整数", "a whole number"),
    Kind.BOOLEAN: Bilingual("是或否", "yes or no"),
    Kind.CODE: Bilingual("代码", "a code"),
    Kind.DATE: Bilingual("日期", "a date"),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that a fact or parameter may declare; `suffix` follows the number in words."""

    name: str
    dimension: Dimension
    suffix: Bilingual


UNITS = {
    unit.name: unit
    for unit in (
        Unit("none", DIMENSIONLESS, Bilingual("", "")),
        Unit("percent", DIMENSIONLESS, Bilingual("%", "%")),
        Unit("money", MONEY, Bilingual("元", " yuan")),
        Unit("money per person", (("money", 1), ("persons", -1)), Bilingual("元", " yuan")),
        Unit("persons", PERSONS, Bilingual("人", " persons")),
        Unit("households", (("households", 1),), Bilingual("户", " households")),
        Unit("villages", (("villages", 1),), Bilingual("个村", " villages")),
        Unit("days", DAYS, Bilingual("天", " days")),
        Unit("months", (("months", 1),), Bilingual("个月", " months")),
        Unit("years of age", (("years of age", 1),), Bilingual("周岁", " years of age")),
        Unit("vehicles", (("vehicles", 1),), Bilingual("辆", " vehicles")),
        Unit("homes", (("homes", 1),), Bilingual("处", " homes")),
        Unit("litres", (("litres", 1),), Bilingual("升", " litres")),
        Unit("minutes", (("minutes", 1),), Bilingual("分钟", " minutes")),
        Unit("metres", (("metres", 1),), Bilingual("米", " metres")),
    )
}
YES_OR_NO = "yes or no"
"""What a parameter writes as its unit when it is a boolean."""

_NAMED = {
    "none": Bilingual("无单位", "none"),
    "percent": Bilingual("百分比", "percent"),
    "money": Bilingual("元", "yuan"),
    "money per person": Bilingual("元/人", "yuan per person"),
    YES_OR_NO: Bilingual("是或否", "yes or no"),
}
_SUFFIXES = {unit.dimension: unit.suffix for unit in UNITS.values() if unit.dimension}


@dataclass(frozen=True, slots=True)
class Type:
    """A checked type: kind, dimension and, for integers, the smallest and largest value it can take."""

    kind: Kind
    dimension: Dimension = DIMENSIONLESS
    low: int = 0
    high: int = 0
    codes: tuple[str, ...] = ()


BOOLEAN = Type(Kind.BOOLEAN)
DATE = Type(Kind.DATE)
DAYS_APART = Type(Kind.INTEGER, DAYS, -3_652_059, 3_652_059)
"""As far apart as two dates can be."""


def with_zero(type_: Type) -> Type:
    """The type of an integer that may also be zero."""
    return replace(type_, low=min(type_.low, 0), high=max(type_.high, 0))


def multiplied(left: Dimension, right: Dimension) -> Dimension:
    """The dimension of a product: exponents add, and those that cancel disappear."""
    exponents = dict(left)
    for base, exponent in right:
        exponents[base] = exponents.get(base, 0) + exponent
    return tuple(sorted((base, exponent) for base, exponent in exponents.items() if exponent))


def dimension_name(dimension: Dimension) -> str:
    """A dimension as it is read: `money`, `money per person`, `days × persons`."""
    for unit in UNITS.values():
        if unit.dimension == dimension:
            return unit.name
    above = " × ".join(base for base, exponent in dimension for _ in range(exponent))
    below = "".join(f" per {base}" for base, exponent in dimension for _ in range(-exponent))
    return (above or "1") + below


def is_money(dimension: Dimension) -> bool:
    """True for money and for money per anything, which are counted in fen and written in yuan."""
    return ("money", 1) in dimension


def unit_in_words(name: str) -> Bilingual:
    """The unit that a fact or parameter declares, as it is read."""
    return _NAMED.get(name) or Bilingual(UNITS[name].suffix.zh, name)


def suffix_of(dimension: Dimension) -> Bilingual:
    """What follows a number of this dimension in words."""
    return _SUFFIXES.get(dimension, Bilingual("", ""))
