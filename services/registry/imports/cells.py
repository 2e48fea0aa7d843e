"""What the cells of a column may hold, and how each is read."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from services.registry.imports.refusals import (
    CellNotText,
    ControlCharacter,
    DigitsLost,
    NotAWholeNumber,
    NotYesOrNo,
    TextTooLong,
)
from services.registry.vocabulary.code import code_list
from shared.values.bilingual import Bilingual
from shared.values.money import Fen, parse_amount_cell
from shared.values.periods import parse_date

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?")
_WHOLE = re.compile(r"([0-9]{1,9})(?:\.0+)?")
_SEPARATOR = re.compile(r"[、,，;；]")
_EXACT = 10**15
_ONE_DAY = timedelta(days=1)

CellValue = str | float | int | bool | date | datetime | time | timedelta
"""What a spreadsheet cell comes as; a blank one is the empty text."""


class Cell(Protocol):
    """How the cells of a column are read. Every reader raises an ``InvalidValue``."""

    @property
    def repeats(self) -> bool:
        """Whether the same texts and dates come again and again, so that reading is remembered."""
        ...

    @property
    def choices(self) -> tuple[str, ...]:
        """The labels to choose from, empty if the column is free."""
        ...

    def read(self, value: CellValue) -> Any:
        """Return the record's value for a cell that is not blank, or None if it turns out blank."""
        ...

    def describe(self) -> Bilingual:
        """Say what to write."""
        ...


@dataclass(frozen=True)
class Text:
    """Free text (文本) of at most ``most`` characters; ``lines`` allows line breaks."""

    most: int
    lines: bool = False
    repeats: bool = False
    choices: tuple[str, ...] = ()

    def read(self, value: CellValue) -> str | None:
        text = _text(value)
        if not text.isprintable():
            text = _LINE_ENDS.sub("\n", text)
            if _CONTROL.search(text.replace("\n", "") if self.lines else text):
                raise ControlCharacter
        if len(text) > self.most:
            raise TextTooLong(most=self.most)
        return text or None

    def describe(self) -> Bilingual:
        return Bilingual(f"文本，至多 {self.most} 字", f"text, {self.most} characters at most")


@dataclass(frozen=True)
class Choice:
    """One code of a list (代码), by its Chinese label or the code itself.

    ``by_code`` offers the codes to choose from, where people know these better than the labels.
    """

    list_name: str
    by_code: bool = False
    repeats: bool = True

    @property
    def choices(self) -> tuple[str, ...]:
        codes = code_list(self.list_name).codes
        return tuple(codes) if self.by_code else tuple(code.zh for code in codes.values())

    def read(self, value: CellValue) -> str | None:
        text = _text(value)
        return code_list(self.list_name).code_for_label(text) if text else None

    def describe(self) -> Bilingual:
        return Bilingual("选一项：" + "、".join(self.choices), "one of the list")


@dataclass(frozen=True)
class Choices:
    """Several codes of a list in one cell, separated by 、."""

    list_name: str
    repeats: bool = True
    choices: tuple[str, ...] = ()

    def read(self, value: CellValue) -> list[str] | None:
        labels = [part.strip() for part in _SEPARATOR.split(_text(value))]
        known = code_list(self.list_name)
        return [known.code_for_label(label) for label in labels if label] or None

    def describe(self) -> Bilingual:
        labels = (code.zh for code in code_list(self.list_name).codes.values())
        return Bilingual(
            "可选多项，以“、”分开：" + "、".join(labels), "any of the list, separated by 、"
        )


@dataclass(frozen=True)
class YesNo:
    """是 or 否."""

    repeats: bool = True
    choices: tuple[str, ...] = ("是", "否")

    def read(self, value: CellValue) -> bool | None:
        if isinstance(value, bool):
            return value
        match value.strip() if isinstance(value, str) else value:
            case "":
                return None
            case "是":
                return True
            case "否":
                return False
        raise NotYesOrNo(written=shown(value))

    def describe(self) -> Bilingual:
        return Bilingual("是 或 否", "是 (yes) or 否 (no)")


@dataclass(frozen=True)
class Whole:
    """A whole number of 0 or more; a spreadsheet's 3.0 is 3."""

    repeats: bool = True
    choices: tuple[str, ...] = ()

    def read(self, value: CellValue) -> int | None:
        if isinstance(value, str):
            text = value.strip()
            if not text:
                return None
            if whole := _WHOLE.fullmatch(text):
                return int(whole[1])
        elif isinstance(value, bool | date | time | timedelta):
            pass
        elif value == value // 1 and 0 <= value < 10**9:
            return int(value)
        raise NotAWholeNumber(written=shown(value))

    def describe(self) -> Bilingual:
        return Bilingual("整数，不带单位", "a whole number without a unit")


@dataclass(frozen=True)
class Day:
    """A date, as the spreadsheet's own or as text YYYY-MM-DD; ``inclusive_end`` adds a day."""

    inclusive_end: bool = False
    repeats: bool = True
    choices: tuple[str, ...] = ()

    def read(self, value: CellValue) -> date | None:
        if isinstance(value, datetime) and value.time() == time.min:
            value = value.date()
        elif isinstance(value, str):
            value = value.strip()
            if not value:
                return None
        day = parse_date(value)
        return day + _ONE_DAY if self.inclusive_end else day

    def describe(self) -> Bilingual:
        return Bilingual("日期，如 2020-06-30", "a date such as 2020-06-30")


@dataclass(frozen=True)
class Amount:
    """Money in yuan (元)."""

    repeats: bool = False
    choices: tuple[str, ...] = ()

    def read(self, value: CellValue) -> Fen | None:
        if isinstance(value, date | time | timedelta):
            raise CellNotText
        return parse_amount_cell(value)

    def describe(self) -> Bilingual:
        return Bilingual(
            "金额，单位元，只写数字，至多两位小数",
            "yuan, digits only, with two decimal places at most",
        )


def shown(value: CellValue) -> str:
    """Return a cell's value as people see it, cut to a length fit for a message."""
    if isinstance(value, float) and value == value // 1 and abs(value) < _EXACT:
        value = int(value)
    if isinstance(value, datetime) and value.time() == time.min:
        value = value.date()
    text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(value))
    return text if len(text) <= 60 else f"{text[:60]}…"


def _text(value: CellValue) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) >= _EXACT:
            raise DigitsLost
        if value == value // 1:
            return str(int(value))
    raise CellNotText
