"""Writing sample households as the files that a county imports."""

import csv
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from deploy.sample.records import Check, Household
from services.registry.imports.cells import Amount, Choice, Choices, Day, YesNo
from services.registry.imports.columns import HOUSEHOLD_NUMBER, SHEETS, Column, Sheet
from services.registry.vocabulary.code import code_list
from shared.values.money import format_fen

_ONE_DAY = timedelta(days=1)
CellContent = str | int | date | None
"""What is written into a cell; None leaves it blank."""


def write_workbook(path: Path, households: Iterable[Household]) -> int:
    """Write one .xlsx workbook; return how many households it holds."""
    count = 0
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(str(path), options) as book:
        pages = {sheet.name: book.add_worksheet(sheet.name.value) for sheet in SHEETS}
        following = dict.fromkeys(pages, 1)
        for sheet in SHEETS:
            pages[sheet.name].write_row(0, 0, _headers(sheet))
        for household in households:
            count += 1
            for sheet in SHEETS:
                for row in rows_of(household, sheet):
                    _write(pages[sheet.name], following[sheet.name], row)
                    following[sheet.name] += 1
    return count


def write_csv_folder(folder: Path, households: Iterable[Household]) -> int:
    """Write one .csv file a sheet, UTF-8 with the byte order mark that spreadsheets expect.

    Return how many households they hold.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with ExitStack() as opened:
        writers = {}
        for sheet in SHEETS:
            path = folder / f"{sheet.name.value}.csv"
            file = opened.enter_context(path.open("w", encoding="utf-8-sig", newline=""))
            writers[sheet.name] = csv.writer(file)
            writers[sheet.name].writerow(_headers(sheet))
        for household in households:
            count += 1
            for sheet in SHEETS:
                writers[sheet.name].writerows(rows_of(household, sheet))
    return count


def rows_of(household: Household, sheet: Sheet) -> Iterator[list[CellContent]]:
    """Yield the rows of a household in a sheet, a cell for each of its columns."""
    for record in _records(household, sheet):
        yield [_cell(household, record, column) for column in sheet.columns]


def _records(household: Household, sheet: Sheet) -> Iterable[Any]:
    match sheet.kind.name:
        case "household":
            return (household,)
        case "member":
            return household.members
        case "income_entry":
            return household.income
        case "guarantee_check":
            guarantee = sheet.fixed["guarantee"]
            return [check for check in household.checks if check.guarantee == guarantee]
        case "circumstances":
            return household.circumstances
        case _:
            return ()  # the sample has none of it


def _cell(household: Household, record: Any, column: Column) -> CellContent:
    if column.member == HOUSEHOLD_NUMBER:
        return household.number
    if isinstance(record, Check) and not hasattr(record, column.member):
        value = record.evidence.get(column.member)
    else:
        value = getattr(record, column.member)
    return None if value is None else cell_content(column, value)


def cell_content(column: Column, value: Any) -> CellContent:
    """Return a value as people would type it."""
    match column.cell:
        case Choice(list_name, by_code=by_code):
            return str(value) if by_code else code_list(list_name).label(value)
        case Choices(list_name):
            return "、".join(map(code_list(list_name).label, value)) or None
        case YesNo():
            return "是" if value else "否"
        case Day(inclusive_end=True):
            last: date = value - _ONE_DAY
            return last
        case Amount():
            # Text, since a spreadsheet's numbers are binary fractions.
            return format_fen(value)
        case _:
            content: CellContent = value
            return content


def _write(page: Any, place: int, row: list[CellContent]) -> None:
    for column, content in enumerate(row):
        if isinstance(content, str):
            page.write_string(place, column, content)
        elif isinstance(content, date):
            page.write_datetime(place, column, content)
        elif content is not None:
            page.write_number(place, column, content)


def _headers(sheet: Sheet) -> list[str]:
    return [column.header for column in sheet.columns]
