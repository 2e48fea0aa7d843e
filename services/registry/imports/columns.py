"""The sheets of an import and their columns, as the kinds of record declare them.

What the reader takes, the template shows and the sample writes is made here of the annotations of each
kind's content (``recording.sheet``).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from services.registry.households.kind import HOUSEHOLD
from services.registry.households.members.kind import MEMBER
from services.registry.households.tables import OfHousehold
from services.registry.imports.cells import Amount, Cell, Choice, Choices, Day, Text, Whole, YesNo
from services.registry.kinds import KINDS
from services.registry.recording.kind import ServedKind
from services.registry.recording.nesting import Form
from services.registry.recording.sheet import InSheet, InSheets, Sensitive, SheetOf
from services.registry.vocabulary.code import CodeFrom, code_list
from shared.journal.records import RecordKind
from shared.values.money import Fen
from shared.values.text import Identifier, Note, TextKind

HOUSEHOLD_NUMBER = "household_number"
"""Member of a row that names the household it belongs to."""
_NAME_OF_DESCRIPTION = re.compile(r"[^\s，；]+")


@dataclass(frozen=True)
class Column:
    """One column: its header, the member of the record that it fills, and what its cells hold."""

    header: str
    member: str
    cell: Cell
    required: bool = False
    note: str = ""
    sensitive: Sensitive | None = None


@dataclass(frozen=True)
class Sheet:
    """One sheet; ``fixed`` are members that are the same in each of its rows."""

    name: "SheetName"
    kind: RecordKind[Any]
    columns: tuple[Column, ...]
    fixed: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    key: tuple[str, ...] = ()
    """Members by which a row finds the record that it is about."""

    @cached_property
    def by_header(self) -> Mapping[str, Column]:
        """The columns by header."""
        return MappingProxyType({column.header: column for column in self.columns})

    @cached_property
    def by_member(self) -> Mapping[str, Column]:
        """The columns by the member that they fill."""
        return MappingProxyType({column.member: column for column in self.columns})


@dataclass(frozen=True)
class _Member:
    """A member of content: the type in it, what marks it, its description, and whether it must be."""

    holds: Any
    marks: tuple[Any, ...]
    description: str
    required: bool

    @classmethod
    def of(cls, info: FieldInfo) -> "_Member":
        bare, marks = _bare(info.annotation, tuple(info.metadata))
        return cls(bare, marks, info.description or "", info.is_required())

    def mark(self, kind: type[Any]) -> Any:
        """Return what marks it of a kind, None if nothing does."""
        return next((mark for mark in self.marks if isinstance(mark, kind)), None)


def _columns(kind: ServedKind[Any], sheet: SheetOf) -> Iterator[Column]:
    """Yield the columns of a kind's content; a note stands last."""
    notes = []
    for name, info in kind.content.model_fields.items():
        if name in sheet.fixed:
            continue
        nesting = kind.recorded.nests.get(name)
        form = None if nesting is None else nesting.form(sheet.fixed)
        for column in _columns_of(name, _Member.of(info), form):
            if isinstance(column.cell, Text) and isinstance(column.cell.kind, Note):
                notes.append(column)
            else:
                yield column
    yield from notes


def _columns_of(name: str, member: _Member, form: Form | None) -> Iterator[Column]:
    """Yield the columns of a member: one, or those of the form that it nests."""
    if form is not None:
        model, columns = form
        parts = {info.alias or part: info for part, info in model.model_fields.items()}
        marks = member.mark(InSheets)
        for part, column in columns.items():
            yield _column(column, _Member.of(parts[part]), marks and marks.parts[part])
    else:
        marked = member.mark(InSheet) or InSheet()
        if not marked.left_out:
            yield _column(name, member, marked)


def _column(name: str, member: _Member, marked: InSheet | None = None) -> Column:
    marked = marked or member.mark(InSheet) or InSheet()
    codes = member.mark(CodeFrom)
    said = _NAME_OF_DESCRIPTION.match(member.description)
    header = marked.header or (said[0] if said else code_list(codes.list_name).title.zh)
    cell = _cell(member, marked)
    return Column(header, name, cell, member.required, marked.note, marked.sensitive)


def _cell(member: _Member, marked: InSheet) -> Cell:
    """Return what the cells of a member hold. Raises TypeError for what no cell can."""
    codes, text = member.mark(CodeFrom), marked.text or member.mark(TextKind)
    match member.holds:
        case _ if get_origin(member.holds) is list:
            _, marks = _bare(get_args(member.holds)[0])
            return Choices(next(mark.list_name for mark in marks if isinstance(mark, CodeFrom)))
        case _ if codes is not None:
            return Choice(codes.list_name, by_code=marked.by_code)
        case _ if text is not None:
            return Text(text, marked.often, marked.tidied)
        case type() as bare if bare is bool:
            return YesNo()
        case type() as bare if issubclass(bare, date):
            return Day(marked.inclusive_end)
        case type() as bare if issubclass(bare, Fen):
            return Amount()
        case type() as bare if issubclass(bare, int):
            return Whole(*marked.units)
    raise TypeError(member)


def _bare(annotation: Any, marks: tuple[Any, ...] = ()) -> tuple[Any, tuple[Any, ...]]:
    """Return the type in an annotation, None left aside, with all that marks it."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _bare(inner, (*marks, *more))
    if get_origin(annotation) in {Union, UnionType}:
        inner = [each for each in get_args(annotation) if each is not type(None)]
        if len(inner) == 1:
            return _bare(inner[0], marks)
    return annotation, marks


_DECLARED: Sequence[tuple[ServedKind[Any], SheetOf, Sequence[str]]] = (
    (HOUSEHOLD, SheetOf("农户"), ("number",)),
    (MEMBER, SheetOf("成员"), (HOUSEHOLD_NUMBER, "document_number")),
    *(
        (kind, sheet, (HOUSEHOLD_NUMBER, *kind.key.columns))
        for kind in KINDS
        if kind.sheets is not None
        for sheet in kind.sheets.sheets
    ),
)


class SheetName(StrEnum):
    """The sheets of an import 工作表."""

    # Outcomes are kept by the place of their sheet: a new one stands last.
    HOUSEHOLDS = "农户"
    MEMBERS = "成员"
    INCOME = "收入"
    FOOD = "吃"
    CLOTHING = "穿"
    EDUCATION = "义务教育"
    MEDICAL = "基本医疗"
    HOUSING = "住房安全"
    WATER = "饮水安全"
    CIRCUMSTANCES = "家庭状况"


def _sheet(kind: ServedKind[Any], declared: SheetOf, key: Sequence[str]) -> Sheet:
    belonging = issubclass(kind.table, OfHousehold)
    columns = (*((_OWNER,) if belonging else ()), *_columns(kind, declared))
    members = {column.member for column in columns}
    by = tuple(name for name in key if name in members)
    return Sheet(SheetName(declared.name), kind, columns, declared.fixed, by)


_OWNER = Column(
    "户编号", HOUSEHOLD_NUMBER, Text(Identifier(40)), True, "与“农户”表一致，或已登记的农户"
)
SHEETS = tuple(_sheet(*each) for each in _DECLARED)
PLACES: Mapping[SheetName, int] = MappingProxyType(
    {sheet.name: place for place, sheet in enumerate(SHEETS)}
)
"""The place of each sheet, by which outcomes are kept."""
SHEET_BY_NAME: Mapping[str, Sheet] = MappingProxyType({sheet.name.value: sheet for sheet in SHEETS})
