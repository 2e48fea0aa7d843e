"""YAML with places: typed access to mappings, so that every mistake names file, line and column."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from services.rules.engine.errors import Place
from services.rules.engine.language import ExpressionText
from services.rules.vocabulary.errors import DeclarationError
from shared.values.bilingual import Bilingual
from shared.values.periods import FIRST_YEAR, LAST_YEAR, parse_date
from shared.values.refusal import InvalidValue

_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEPTH = 12
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_RULE_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}\.[a-z][a-z0-9_]{0,62}", re.ASCII)
# YAML can write these as escapes; a database, a workbook and a reader cannot take them.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A policy file by its name within the policy, with its text."""

    name: str
    text: str


class Entry:
    """One node of a YAML file."""

    def __init__(self, file: SourceFile, key: str, node: yaml.Node) -> None:
        self.file = file
        self.key = key
        self.node = node

    @property
    def place(self) -> Place:
        mark = self.node.start_mark
        return Place(self.file.name, mark.line + 1, mark.column + 1)

    def refuse(self, zh: str, en: str) -> DeclarationError:
        found = (
            self.node.value
            if isinstance(self.node, yaml.ScalarNode)
            else type(self.node).__name__.removesuffix("Node").lower()
        )
        return DeclarationError(
            "policy-value",
            self.place,
            key=self.key,
            found=repr(found)[:60],
            expected_zh=zh,
            expected_en=en,
        )

    @property
    def scalar(self) -> str:
        if not isinstance(self.node, yaml.ScalarNode) or not str(self.node.value).strip():
            raise self.refuse("一个值", "a single value")
        return str(self.node.value)

    @property
    def is_null(self) -> bool:
        return self.node.tag.endswith(":null")

    def text(self) -> str:
        if self.is_null:
            raise self.refuse("文本", "text")
        return self.scalar

    def name(self) -> str:
        if not _NAME.fullmatch(self.scalar):
            raise DeclarationError(
                "policy-name",
                self.place,
                name=self.scalar,
                reason_zh="须为小写字母开头的字母、数字和下划线",
                reason_en="use lower-case letters, digits and underscores",
            )
        return self.scalar

    def rule_name(self) -> str:
        if not _RULE_NAME.fullmatch(self.scalar):
            raise DeclarationError(
                "policy-name",
                self.place,
                name=self.scalar,
                reason_zh="规则名写作 household.income_line 的形式",
                reason_en="a rule is named like household.income_line",
            )
        return self.scalar

    def choice(self, allowed: tuple[str, ...]) -> str:
        if self.scalar not in allowed:
            words = ", ".join(allowed)
            raise self.refuse(f"{words} 之一", f"one of {words}")
        return self.scalar

    def integer(self) -> int:
        if not self.is_plain or not _INTEGER.fullmatch(self.scalar):
            raise self.refuse("整数（不带引号）", "a whole number without quotes")
        return int(self.scalar)

    def boolean(self) -> bool:
        if not self.is_plain or self.scalar not in ("true", "false"):
            raise self.refuse("true 或 false", "true or false")
        return self.scalar == "true"

    def day(self) -> date:
        try:
            return parse_date(self.scalar)
        except InvalidValue:
            raise self.refuse(
                f"日期，如 2020-01-01，在 {FIRST_YEAR} 年至 {LAST_YEAR} 年之间",
                f"a date such as 2020-01-01, in the years {FIRST_YEAR} to {LAST_YEAR}",
            ) from None

    @property
    def is_plain(self) -> bool:
        """True for a scalar without quotes."""
        return isinstance(self.node, yaml.ScalarNode) and not self.node.style

    def plain(self) -> object:
        """A scalar as a case states it: number, yes or no, or text. A number with a point is money and must be quoted."""
        match self.node.tag.rpartition(":")[2]:
            case "int":
                return self.integer()
            case "bool":
                return self.boolean()
            case "float":
                raise self.refuse_unquoted()
            case _:
                return self.scalar

    def refuse_unquoted(self) -> DeclarationError:
        return self.refuse('带引号的金额，如 "8000.00"', 'an amount in quotes such as "8000.00"')

    def expression(self) -> ExpressionText:
        """The scalar as an expression that knows where its characters stand; several lines need a | block."""
        text = self.scalar
        start = self.node.start_mark
        style = self.node.style if isinstance(self.node, yaml.ScalarNode) else None
        if style == "|":
            lines = self.file.text.split("\n")
            first = next(i for i in range(start.line + 1, len(lines)) if lines[i].strip())
            indent = len(lines[first]) - len(lines[first].lstrip(" "))
            return ExpressionText(text.strip("\n"), self.file.name, first + 1, indent + 1)
        if start.line != self.node.end_mark.line:
            raise DeclarationError("policy-expression-folded", self.place)
        return ExpressionText(
            text, self.file.name, start.line + 1, start.column + (2 if style else 1)
        )

    def items(self) -> Iterator["Entry"]:
        if not isinstance(self.node, yaml.SequenceNode) or not self.node.value:
            raise self.refuse("一个列表", "a list")
        return (Entry(self.file, self.key, node) for node in self.node.value)

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.node, yaml.MappingNode)

    def mapping(self) -> "Mapping":
        if not isinstance(self.node, yaml.MappingNode):
            raise self.refuse("键值对", "keys with values")
        return Mapping(self)

    def words(self) -> Bilingual:
        """`{zh: …, en: …}`."""
        mapping = self.mapping()
        mapping.only("zh", "en")
        return Bilingual(mapping["zh"].text(), mapping["en"].text())


class Mapping:
    """A YAML mapping: required keys by `[]`, optional ones by `get`; `only` refuses all others."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self._entries: dict[str, Entry] = {}
        self._keys: dict[str, Entry] = {}
        for key_node, value_node in entry.node.value:
            key = Entry(entry.file, "key", key_node)
            if key.scalar in self._entries:
                raise DeclarationError("policy-key-repeated", key.place, key=key.scalar)
            self._keys[key.scalar] = key
            self._entries[key.scalar] = Entry(entry.file, key.scalar, value_node)

    def only(self, *known: str) -> None:
        for name, key in self._keys.items():
            if name not in known:
                raise DeclarationError(
                    "policy-key-unknown", key.place, key=name, known=", ".join(known)
                )

    def __getitem__(self, name: str) -> Entry:
        if name not in self._entries:
            raise DeclarationError("policy-key-missing", self.entry.place, key=name)
        return self._entries[name]

    def get(self, name: str) -> Entry | None:
        return self._entries.get(name)

    def items(self) -> Iterator[tuple[str, Entry]]:
        return iter(self._entries.items())


def read_yaml(file: SourceFile) -> Entry:
    """The root of a file. Raises a DeclarationError."""
    loader = _LOADER(file.text)
    try:
        depth = 0
        for event in yaml.parse(file.text, Loader=_LOADER):
            if getattr(event, "anchor", None) is not None:
                raise DeclarationError("policy-anchor", _place(file, event.start_mark))
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEPTH:
                raise DeclarationError(
                    "policy-file-unreadable",
                    _place(file, event.start_mark),
                    reason=f"depth > {_DEPTH}",
                )
            if control := _CONTROL.search(getattr(event, "value", None) or ""):
                reason = f"control character U+{ord(control[0]):04X}"
                raise DeclarationError(
                    "policy-file-unreadable", _place(file, event.start_mark), reason=reason
                )
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        place = _place(file, error.problem_mark or error.context_mark)
        raise DeclarationError(
            "policy-file-unreadable", place, reason=error.problem or error.context
        ) from None
    except yaml.YAMLError as error:
        raise DeclarationError(
            "policy-file-unreadable", Place(file.name, 1, 1), reason=str(error)[:120]
        ) from None
    finally:
        loader.dispose()
    if node is None:
        raise DeclarationError("policy-file-unreadable", Place(file.name, 1, 1), reason="empty")
    return Entry(file, file.name, node)


def _place(file: SourceFile, mark: Any) -> Place:
    return (
        Place(file.name, 1, 1) if mark is None else Place(file.name, mark.line + 1, mark.column + 1)
    )
