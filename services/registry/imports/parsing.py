"""Cells to values: every column of a sheet at once, every fault at its cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.registry.imports.cells import CellValue
from services.registry.imports.columns import Column, Sheet
from services.registry.imports.outcomes import RowProblem
from services.registry.imports.reading import SheetRows, cell_address
from services.registry.imports.refusals import CellBlank, Formula, MergedCells, NotReadable
from shared.values.refusal import InvalidValue


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


def parse_sheet(read: SheetRows) -> ParsedSheet:
    """Read every cell of a sheet."""
    problems: dict[int, list[RowProblem]] = {}
    members: list[str] = []
    parsed: list[list[Any]] = []
    for place, column in read.columns:
        members.append(column.member)
        parsed.append(_parse_column(column, [row[place] for row in read.rows], problems))
    _refuse_what_is_not_typed_in(read, problems)
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
    read, repeats = column.cell.read, column.cell.repeats
    remembered: dict[CellValue, Any] = {}
    values: list[Any] = []
    for index, cell in enumerate(cells):
        value = None
        if cell != "":
            # Only texts and dates: 1, 1.0 and True are one key.
            memo = repeats and isinstance(cell, str | date)
            if memo and cell in remembered:
                value = remembered[cell]
            else:
                try:
                    value = read(cell)
                except (InvalidValue, ArithmeticError) as error:
                    # A number that nothing can hold fails its row alone.
                    refusal = error if isinstance(error, InvalidValue) else NotReadable()
                    problem = RowProblem.of(refusal, column, cell)
                    problems.setdefault(index, []).append(problem)
                    values.append(None)
                    continue
                if memo:
                    remembered[cell] = value
        if value is None and column.required:
            problems.setdefault(index, []).append(RowProblem.of(CellBlank(), column))
        values.append(value)
    return values


def _refuse_what_is_not_typed_in(read: SheetRows, problems: dict[int, list[RowProblem]]) -> None:
    """Fail the rows with formulas, whose values nobody checked, and those in merged cells."""
    if not read.formulas and not read.merged:
        return
    index_of = {number: index for index, number in enumerate(read.numbers)}
    headers = {place + 1: column for place, column in read.columns}
    for row, place in sorted(read.formulas):
        if row in index_of:
            refusal = Formula(address=cell_address(row, place))
            found = RowProblem.of(refusal, headers.get(place))
            problems.setdefault(index_of[row], []).insert(0, found)
    for row, address in read.merged.items():
        if row in index_of:
            found = RowProblem.of(MergedCells(address=address))
            problems.setdefault(index_of[row], []).insert(0, found)
