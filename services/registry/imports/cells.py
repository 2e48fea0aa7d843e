"""What the cells of a column may hold, and how each is read."""

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from services.registry.imports.days import read_day
from services.registry.imports.refusals import RowRefusal
from services.registry.vocabulary.code import code_list
from services.registry.vocabulary.notations import chinese_number, yes_or_no
from shared.values.money import Fen, parse_amount_cell
from shared.values.repeating import repeated
from shared.values.text import TextKind

_WHOLE = re.compile(r"([0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2})(?:\.0+)?")
_IN_EXPONENT = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+[0-9]{2,}")
_LARGEST = 10**9
_SEPARATOR = re.compile(r"[、,，;；]")
_EXACT = 10**15
_ONE_DAY = timedelta(days=1)

CellValue = str | float | int | bool | date | datetime | time | timedelta
"""What a spreadsheet cell comes as; a blank one is the empty text."""


class Cell(ABC):
    """How the cells of a column are read. Every reader raises an ``InvalidValue``."""

    @property
    def repeats(self) -> bool:
        """Whether the same texts and dates come again and again, so that reading is remembered."""
        return True

    @property
    def choices(self) -> tuple[str, ...]:
        """The labels to choose from, empty if the column is free."""
        return ()

    @abstractmethod
    def read(self, value: CellValue) -> Any:
        """Return the record's value for a cell that is not blank, or None if it turns out blank."""

    @abstractmethod
    def describe(self) -> str:
        """Say in Chinese what to write."""


@dataclass(frozen=True)
class Text(Cell):
    """Text (文本) of the kind that the wire takes too; ``tidied`` makes of it what is meant."""

    kind: TextKind
    repeats: bool = False
    tidied: Callable[[str], str] = lambda text: text

    def read(self, value: CellValue) -> str | None:
        text = self.tidied(_text(value))
        if "+" in text and _IN_EXPONENT.fullmatch(text):
            raise RowRefusal("digits-in-exponent", written=shown(text))
        return self.kind.read(text) if text else None

    def describe(self) -> str:
        return f"文本，至多 {self.kind.most} 字"


@dataclass(frozen=True)
class Choice(Cell):
    """One code of a list (代码), by its Chinese label or the code itself.

    ``by_code`` offers the codes to choose from, where people know these better than the labels.
    """

    list_name: str
    by_code: bool = False

    @property
    def choices(self) -> tuple[str, ...]:
        codes = code_list(self.list_name).offered
        return tuple(codes) if self.by_code else tuple(code.zh for code in codes.values())

    def read(self, value: CellValue) -> str | None:
        text = _text(value)
        known = code_list(self.list_name)
        return known.code_for_label(text, by_code=self.by_code) if text else None

    def describe(self) -> str:
        named = code_list(self.list_name).named(by_code=self.by_code)
        return "选一项：" + named


@dataclass(frozen=True)
class Choices(Cell):
    """Several codes of a list in one cell, separated by 、."""

    list_name: str

    def read(self, value: CellValue) -> list[str] | None:
        labels = [part.strip() for part in _SEPARATOR.split(_text(value))]
        known = code_list(self.list_name)
        return [known.code_for_label(label) for label in labels if label] or None

    def describe(self) -> str:
        named = code_list(self.list_name).named(by_code=False)
        return "可选多项，以“、”分开：" + named


@dataclass(frozen=True)
class YesNo(Cell):
    """是 or 否."""

    choices: tuple[str, ...] = ("是", "否")

    def read(self, value: CellValue) -> bool | None:
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            if not value.strip():
                return None
            said = yes_or_no(value)
            if said is not None:
                return said
        raise RowRefusal("not-yes-or-no", written=shown(value))

    def describe(self) -> str:
        return "是 或 否"


@dataclass(frozen=True)
class Whole(Cell):
    """A whole number of 0 or more; a spreadsheet's 3.0 is 3. One of its units may stand behind it."""

    units: tuple[str, ...]

    def __init__(self, *units: str) -> None:
        object.__setattr__(self, "units", units)

    def read(self, value: CellValue) -> int | None:
        if isinstance(value, str):
            text = unicodedata.normalize("NFKC", "".join(value.split()))
            if not text:
                return None
            for unit in self.units:
                if text.endswith(unit):
                    text = text.removesuffix(unit)
                    break
            if whole := _WHOLE.fullmatch(text):
                return int(whole[1].replace(",", ""))
            numeral = chinese_number(text) if len(text) == 1 or "十" in text else None
            if numeral is not None:
                return numeral
        elif isinstance(value, bool | date | time | timedelta):
            pass
        elif 0 <= value < _LARGEST and value == value // 1:
            return int(value)
        raise RowRefusal("not-a-whole-number", written=shown(value))

    def describe(self) -> str:
        return "整数，不带单位"


@dataclass(frozen=True)
class Day(Cell):
    """A date, as the spreadsheet's own or as text (``days``); ``inclusive_end`` adds a day."""

    inclusive_end: bool = False

    def read(self, value: CellValue) -> date | None:
        if isinstance(value, str) and not value.strip():
            return None
        day = read_day(value)
        return day + _ONE_DAY if self.inclusive_end else day

    def describe(self) -> str:
        return "日期，如 2020-06-30"


@dataclass(frozen=True)
class Amount(Cell):
    """Money in yuan (元)."""

    repeats: bool = False

    def read(self, value: CellValue) -> Fen | None:
        if isinstance(value, date | time | timedelta):
            raise RowRefusal("cell-not-text")
        return parse_amount_cell(value)

    def describe(self) -> str:
        return "金额，单位元，只写数字，至多两位小数"


def shown(value: CellValue) -> str:
    """Return a cell's value as people see it, fit for a message."""
    return repeated(as_seen(value))


def as_seen(value: CellValue) -> str:
    """Return a cell's value as people see it, in full: only for what masks it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) >= _EXACT:
            # A document's or a card's number of which the spreadsheet has lost the last digits.
            return "***"
        if value == value // 1:
            value = int(value)
    if isinstance(value, datetime) and value.time() == time.min:
        value = value.date()
    return str(value)


def _text(value: CellValue) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) >= _EXACT:
            raise RowRefusal("digits-lost")
        if value == value // 1:
            return str(int(value))
    raise RowRefusal("cell-not-text")
