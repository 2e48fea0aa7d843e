"""How a kind of record stands in the sheets of an import, as its declaration and its content say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

from shared.values.refusal import InvalidValue
from shared.values.text import TextKind


class Sensitive(StrEnum):
    """Personal data that is masked wherever a row is reported."""

    DOCUMENT = "document"
    PHONE = "phone"
    NAME = "name"


@dataclass(frozen=True)
class InSheet:
    """Says of a member of content, in its annotation, what its type and its description do not.

    Without it a column bears the Chinese name with which the description begins, and its cells hold
    what the type does.
    """

    header: str = ""
    note: str = ""
    """For whoever fills in the sheet, in Chinese."""
    units: tuple[str, ...] = ()
    """One of them may stand behind a number."""
    tidied: Callable[[str], str] = lambda text: text
    """Makes of what was written what is meant."""
    sensitive: Sensitive | None = None
    text: TextKind | None = None
    """The kind of text, where the type has one of its own."""
    by_code: bool = False
    """Whether the codes are offered, where people know these better than the labels."""
    often: bool = False
    """Whether many rows say the same, so that reading it is remembered."""
    inclusive_end: bool = False
    """Whether people write the last day of what ends before a day."""
    left_out: bool = False
    """Whether no sheet has it."""


@dataclass(frozen=True)
class InSheets:
    """Says of a member that nests others, by their names there, how each stands in a sheet."""

    parts: Mapping[str, InSheet]


Against: TypeAlias = Callable[
    [Mapping[str, Any], Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]],
    tuple[str, InvalidValue] | None,
]
"""Says what stands against a new record, given what its owner has on record and what the rows of the
file state of the same owner, and in which member."""
NOT_IN_SHEETS = InSheet(left_out=True)


@dataclass(frozen=True)
class SheetOf:
    """One sheet of a kind: its name, and the members that are the same in all its rows."""

    name: str
    fixed: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Sheets:
    """The sheets of a kind, and what makes many rows of them quick to read.

    ``free`` is the member, if any, that differs from record to record while the others say the same
    again and again, and ``held_to`` what it is held to. ``repeats`` says that many records have the
    very same content. ``against`` refuses new records that contradict those on record.
    """

    sheets: Sequence[SheetOf]
    free: str = ""
    held_to: Callable[[Any], Any] = lambda value: value
    repeats: bool = False
    against: Against | None = None
