"""Files of an import as sheets of rows: one .xlsx workbook, or CSV files named as its sheets."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from io import BytesIO, StringIO
from pathlib import PurePath

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
)

from services.registry.imports.cells import CellValue
from services.registry.imports.columns import SHEET_BY_NAME, SHEETS, Column, Sheet
from services.registry.imports.file_refusals import (
    CsvMalformed,
    EncodingUnknown,
    FileDamaged,
    FileEmpty,
    FileEncrypted,
    FileKindUnknown,
    HeaderMerged,
    HeaderMissing,
    HeaderRepeated,
    HeaderUnknown,
    NoRows,
    SheetRepeated,
    SheetTooLarge,
    SheetUnknown,
)
from services.registry.imports.package import (
    MAX_COLUMNS,
    MAX_ROWS,
    Address,
    read_formulas,
)
from shared.values.refusal import InvalidValue

NOTES_SHEET = "填表说明"
CHOICES_SHEET = "代码"
_NOT_DATA = frozenset({NOTES_SHEET, CHOICES_SHEET})
MERGED_ROWS_SHOWN = MAX_ROWS


@dataclass(frozen=True)
class SheetRows:
    """The rows of one sheet: ``columns`` with their places, and the cells of each row by number."""

    sheet: Sheet
    columns: Sequence[tuple[int, Column]]
    numbers: Sequence[int]
    rows: Sequence[Sequence[CellValue]]
    formulas: frozenset[Address] = frozenset()
    merged: dict[int, str] = field(default_factory=dict)
    """The address of the merged cells that a row is part of, by row number."""


@dataclass
class Reading:
    """What was read: sheets in the order in which they are imported, or why nothing can be."""

    sheets: list[SheetRows] = field(default_factory=list)
    problems: list[InvalidValue] = field(default_factory=list)


@dataclass(frozen=True)
class _Raw:
    name: str
    rows: list[list[CellValue]]
    first_row: int = 1
    formulas: frozenset[Address] = frozenset()
    merged: Sequence[tuple[Address, Address]] = ()


def read_files(files: Sequence[tuple[str, bytes]]) -> Reading:
    """Read the files, given as (name, content) pairs.

    What is wrong with a file as a whole is gathered in ``problems``; cells are not looked at.
    """
    reading = Reading()
    seen: dict[str, SheetRows] = {}
    for name, content in files:
        try:
            for raw in _raw_sheets(name, content):
                if raw.name in _NOT_DATA:
                    continue
                sheet = _sheet_named(raw.name)
                if sheet.name in seen:
                    raise SheetRepeated(sheet=sheet.name)
                found = _sheet_rows(sheet, raw, reading.problems)
                if found is not None:
                    seen[sheet.name] = found
        except InvalidValue as refusal:
            reading.problems.append(refusal)
    reading.sheets = [seen[sheet.name] for sheet in SHEETS if sheet.name in seen]
    if not reading.problems and not any(sheet.rows for sheet in reading.sheets):
        reading.problems.append(NoRows())
    return reading


def _raw_sheets(file: str, content: bytes) -> Iterator[_Raw]:
    if not content.strip():
        raise FileEmpty(file=file)
    match PurePath(file).suffix.lower():
        case ".xlsx":
            yield from _workbook(file, content)
        case ".csv":
            yield _delimited(file, content)
        case _:
            raise FileKindUnknown(file=file)


def _workbook(file: str, content: bytes) -> Iterator[_Raw]:
    formulas = read_formulas(content, file)
    try:
        with CalamineWorkbook.from_filelike(BytesIO(content)) as workbook:
            for sheet in workbook.sheets_metadata:
                if sheet.typ == SheetTypeEnum.WorkSheet:
                    yield _worksheet(
                        workbook.get_sheet_by_name(sheet.name), formulas.get(sheet.name, set())
                    )
    except PasswordError as error:
        raise FileEncrypted(file=file) from error
    except CalamineError as error:
        raise FileDamaged(file=file) from error


def _worksheet(sheet: CalamineSheet, formulas: set[Address]) -> _Raw:
    merged = [
        ((top + 1, left + 1), (bottom + 1, right + 1))
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    ]
    # Without the empty area skipped, the first row is row 1 and the first column A.
    rows = sheet.to_python(skip_empty_area=False)
    return _Raw(sheet.name, rows, 1, frozenset(formulas), merged)


def _delimited(file: str, content: bytes) -> _Raw:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise EncodingUnknown(file=file)
    lines = csv.reader(StringIO(text, newline=""), strict=True)
    rows: list[list[CellValue]] = []
    try:
        for row in lines:
            rows.append(list(row))
            if len(rows) > MAX_ROWS or len(row) > MAX_COLUMNS:
                raise SheetTooLarge(sheet=file, rows=MAX_ROWS, columns=MAX_COLUMNS)
    except csv.Error as error:
        raise CsvMalformed(file=file, line=lines.line_num) from error
    return _Raw(PurePath(file).stem, rows)


def _sheet_named(name: str) -> Sheet:
    sheet = SHEET_BY_NAME.get(name.strip())
    if sheet is None:
        raise SheetUnknown(sheet=name, **_meant(name, list(SHEET_BY_NAME)))
    return sheet


def _sheet_rows(sheet: Sheet, raw: _Raw, problems: list[InvalidValue]) -> SheetRows | None:
    """Match the headers, and keep the rows that hold anything; None if the headers do not do."""
    if not any(map(_filled, raw.rows)):
        return None
    found = list(_header_problems(sheet, raw))
    problems += found
    if found:
        return None
    columns = [
        (place, sheet.by_header[header]) for place, header in enumerate(_headers(raw)) if header
    ]
    places = [place for place, _ in columns]
    width = max(places) + 1
    numbers, rows = [], []
    for number, row in enumerate(raw.rows[1:], start=2):
        if _filled(row):
            numbers.append(number)
            rows.append(row if len(row) >= width else row + [""] * (width - len(row)))
    merged = {
        row: _range(first, last)
        for first, last in raw.merged
        for row in range(first[0], min(last[0], MERGED_ROWS_SHOWN) + 1)
    }
    return SheetRows(sheet, columns, numbers, rows, raw.formulas, merged)


def _header_problems(sheet: Sheet, raw: _Raw) -> Iterator[InvalidValue]:
    for first, last in raw.merged:
        if first[0] == 1:
            yield HeaderMerged(sheet=sheet.name, address=_range(first, last))
    headers = [header for header in _headers(raw) if header]
    for header in dict.fromkeys(headers):
        if header not in sheet.by_header:
            meant = _meant(header, list(sheet.by_header))
            yield HeaderUnknown(sheet=sheet.name, header=header[:60], **meant)
        elif headers.count(header) > 1:
            yield HeaderRepeated(sheet=sheet.name, header=header)
    for column in sheet.columns:
        if column.required and column.header not in headers:
            yield HeaderMissing(sheet=sheet.name, header=column.header)


def _headers(raw: _Raw) -> list[str]:
    # The template marks required columns with an asterisk.
    return [str(cell).strip().rstrip("*＊").strip() for cell in raw.rows[0]]


def _filled(row: Sequence[CellValue]) -> bool:
    return any(cell.strip() if isinstance(cell, str) else True for cell in row)


def _meant(written: str, known: list[str]) -> dict[str, str]:
    close = get_close_matches(written.strip(), known, n=1, cutoff=0.4)
    if not close:
        return {"meant_zh": "", "meant": ""}
    return {"meant_zh": f"是否指“{close[0]}”？", "meant": f'"{close[0]}" may be meant; '}


def cell_address(row: int, column: int) -> str:
    """Return a cell's address as spreadsheets write it; both count from 1."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def _range(first: Address, last: Address) -> str:
    return f"{cell_address(*first)}:{cell_address(*last)}"
