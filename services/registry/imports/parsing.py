"""Cells to values: every column of a sheet at once, every fault at its cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.registry.imports.cells import Amount, CellValue, Text, Whole, shown
from services.registry.imports.columns import Column, Sheet
from services.registry.imports.outcomes import RowProblem
from services.registry.imports.reading import SheetRows
from services.registry.imports.refusals import RowRefusal
from services.registry.imports.refused_cells import RefusedCell
from services.registry.vocabulary.notations import says_nothing
from shared.values.refusal import InvalidValue
from shared.values.text import Line, Name


@dataclass(slots=True)
class ParsedRow:
    """A row's values by member, without those that are blank, and what is wrong with its cells."""

    number: int
    fields: dict[str, Any]
    cells: Sequence[CellValue]
    problems: tuple[RowProblem, ...] = ()


@dataclass(frozen=True)
class ParsedSheet:
    """The rows of a sheet with their values; ``places`` finds a member's cell in a row."""

    sheet: Sheet
    rows: list[ParsedRow]
    places: dict[str, int]

    def problem(
        self, row: ParsedRow, refusal: InvalidValue, member: str | None = None
    ) -> RowProblem:
        """Return a problem of a row, at the column of a member if one is named."""
        column = self.sheet.by_member.get(member or "")
        place = self.places.get(member or "")
        return RowProblem.of(refusal, column, None if place is None else row.cells[place])

    def changed(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the headers of the columns whose members differ."""
        return tuple(
            column.header
            for column in self.sheet.columns
            if column.member in after and before[column.member] != after[column.member]
        )


def parse_sheet(read: SheetRows) -> ParsedSheet:
    """Read every cell of a sheet."""
    problems: dict[int, list[RowProblem]] = {}
    members: list[str] = []
    parsed: list[list[Any]] = []
    for place, column in read.columns:
        members.append(column.member)
        parsed.append(_parse_column(column, [row[place] for row in read.rows], problems))
    for index, faults in read.faults.items():
        problems.setdefault(index, [])[:0] = map(RowProblem.of, faults)
    rows = []
    for index, (number, cells, values) in enumerate(
        zip(read.numbers, read.rows, zip(*parsed, strict=True), strict=True)
    ):
        fields = {
            member: value
            for member, value in zip(members, values, strict=True)
            if value is not None
        }
        rows.append(ParsedRow(number, fields, cells, tuple(problems.get(index, ()))))
    return ParsedSheet(read.sheet, rows, {column.member: place for place, column in read.columns})


def _parse_column(
    column: Column, cells: Sequence[CellValue], problems: dict[int, list[RowProblem]]
) -> list[Any]:
    # What repeats is read once, and a mistake made in every row is kept once.
    remembered: dict[CellValue, Any] = {}
    repeats, words = column.cell.repeats, _is_words(column)
    blank = RowProblem.of(RowRefusal("cell-blank"), column) if column.required else None
    values: list[Any] = []
    for index, cell in enumerate(cells):
        value = None
        if cell != "":
            # Only texts and dates: 1, 1.0 and True are one key.
            comparable = isinstance(cell, str | date) and not isinstance(cell, RefusedCell)
            value = remembered.get(cell) if comparable else None
            if value is None:
                value = _parse_cell(column, cell, words=words)
                if comparable and (repeats or isinstance(value, RowProblem)):
                    remembered[cell] = value
        if value is None:
            value = blank
        if isinstance(value, RowProblem):
            problems.setdefault(index, []).append(value)
            value = None
        values.append(value)
    return values


def _parse_cell(column: Column, cell: CellValue, *, words: bool) -> Any:
    """Return a cell's value, or why there is none; ``words`` says that the column takes such."""
    if words and type(cell) is str and cell.strip() and says_nothing(cell):
        # Words are taken as they stand, and these would stand for what nobody knows.
        return RowProblem.of(_says_nothing(column, cell), column, cell)
    try:
        if isinstance(cell, RefusedCell):
            raise cell.refusal
        return column.cell.read(cell)
    except InvalidValue as refusal:
        detail = refusal.cell_message
        if isinstance(cell, str) and not isinstance(cell, RefusedCell) and says_nothing(cell):
            detail = _says_nothing(column, cell).message
        return RowProblem.at(column, cell, refusal.code, detail)
    except ArithmeticError:
        # A number that nothing can hold fails its row alone.
        return RowProblem.of(RowRefusal("cell-not-readable"), column, cell)


def _is_words(column: Column) -> bool:
    """Tell whether a column takes a name or a line of words; a note may well say that there is nothing."""
    return isinstance(column.cell, Text) and isinstance(column.cell.kind, Line | Name)


def _says_nothing(column: Column, cell: str) -> RowRefusal:
    """Return what to do about 不详, 无 or a dash where something else is asked for."""
    written = shown(cell)
    if column.required:
        return RowRefusal("required-says-nothing", written=written)
    if isinstance(column.cell, Whole | Amount):
        return RowRefusal("number-says-nothing", written=written)
    return RowRefusal("cell-says-nothing", written=written)
