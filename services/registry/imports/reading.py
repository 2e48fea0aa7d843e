"""Files of an import as sheets of rows: tables matched with the sheets that an import takes."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from services.registry.imports.cells import CellValue
from services.registry.imports.columns import SHEET_BY_NAME, SHEETS, Column, Sheet
from services.registry.imports.file_refusals import FileRefusal
from services.registry.imports.files.addresses import letters_of
from services.registry.imports.files.errors import is_error
from services.registry.imports.files.limits import COLUMNS
from services.registry.imports.files.tables import Rect
from services.registry.imports.gathering import Gathered, Table
from services.registry.imports.refusals import RowRefusal
from services.registry.imports.refused_cells import RefusedCell
from shared.values.refusal import InvalidValue
from shared.values.repeating import repeated

HEADER_SOUGHT_IN = 10
"""Rows from the first filled one that the headers are looked for in: titles stand above them."""
TITLE_CELLS = 3
"""Filled cells that a row of title has at most: a title, who fills in, the date."""
_MERGED_NAMED = 10
_ALIKE = 0.5
"""How much a name shares with the one that is meant: 村 and 村编码, not 序号 and 户编号."""
_OF_OTHER_SYSTEM = re.compile("外部|external", re.IGNORECASE)


@dataclass(frozen=True)
class SheetRows:
    """The rows of one sheet: ``columns`` with their places, and the cells of each row by number.

    ``faults`` says by the index of a row what is wrong with it beside its cells.
    """

    sheet: Sheet
    columns: Sequence[tuple[int, Column]]
    numbers: Sequence[int]
    rows: Sequence[Sequence[CellValue]]
    faults: Mapping[int, Sequence[InvalidValue]] = field(default_factory=dict)


@dataclass
class Reading:
    """What was read: sheets in the order in which they are imported, or why nothing can be."""

    sheets: list[SheetRows] = field(default_factory=list)
    problems: list[InvalidValue] = field(default_factory=list)


def matched(gathered: Gathered) -> Reading:
    """Match the tables with the sheets of an import; cells are not looked at."""
    reading = Reading(problems=list(gathered.problems))
    seen: dict[str, SheetRows] = {}
    there = {table.name.strip() for table in gathered.tables}
    for table in gathered.tables:
        try:
            sheet = _sheet_of(table, there)
            if sheet.name in seen:
                raise FileRefusal("sheet-repeated", sheet=sheet.name)
            found = _sheet_rows(sheet, table, reading.problems)
        except InvalidValue as refusal:
            reading.problems.append(refusal)
        else:
            if found is not None:
                seen[sheet.name] = found
    reading.sheets = [seen[sheet.name] for sheet in SHEETS if sheet.name in seen]
    if not reading.problems and not any(sheet.rows for sheet in reading.sheets):
        reading.problems.append(FileRefusal("no-rows"))
    return reading


def cell_address(row: int, column: int) -> str:
    """Return a cell's address as spreadsheets write it; both count from 1."""
    return f"{letters_of(column)}{row}"


def _sheet_of(table: Table, there: Collection[str]) -> Sheet:
    sheet = SHEET_BY_NAME.get(table.name.strip())
    if sheet is None:
        if table.hidden:
            raise FileRefusal("sheet-hidden-unknown", sheet=repeated(table.name))
        meant = _meant(table.name, SHEET_BY_NAME.keys() - there)
        raise FileRefusal("sheet-unknown", sheet=repeated(table.name), **meant)
    return sheet


def _sheet_rows(sheet: Sheet, table: Table, problems: list[InvalidValue]) -> SheetRows | None:
    """Find and match the headers, and keep the rows below; None if the headers do not do."""
    top = _header_index(sheet, table.rows)
    found = list(_header_problems(sheet, table, top))
    problems += found
    if found:
        return None
    headers = [_header(cell) for cell in table.rows[top]]
    columns = [(place, sheet.by_header[header]) for place, header in enumerate(headers) if header]
    width = columns[-1][0] + 1
    numbers, rows = table.numbers[top + 1 :], table.rows[top + 1 :]
    for row in rows:
        if len(row) < width:
            row.extend([""] * (width - len(row)))
    uncovered = [place for place in range(width) if not headers[place]]
    faults: dict[int, list[InvalidValue]] = {}
    for index, address in _without_header(numbers, rows, uncovered, width, dict(table.far)):
        faults.setdefault(index, []).append(RowRefusal("cell-without-header", address=address))
    for index, address in _merged(numbers, table.merged):
        faults.setdefault(index, []).append(RowRefusal("merged-cells", address=address))
    return SheetRows(sheet, columns, numbers, rows, faults)


def _header_index(sheet: Sheet, rows: Sequence[Sequence[CellValue]]) -> int:
    """Return the index of the row that holds the most of the sheet's headers."""
    known = [
        sum(_header(cell) in sheet.by_header for cell in row) for row in rows[:HEADER_SOUGHT_IN]
    ]
    return known.index(max(known))


def _header_problems(sheet: Sheet, table: Table, top: int) -> Iterator[InvalidValue]:
    number, cells = table.numbers[top], table.rows[top]
    if any(sum(map(_filled, row)) > TITLE_CELLS for row in table.rows[:top]):
        yield FileRefusal("header-elsewhere", sheet=sheet.name, row=number)
        return
    if any(row == number for row, _ in table.far):
        yield FileRefusal("sheet-too-wide", sheet=sheet.name, columns=COLUMNS)
    across = (rect for rect in table.merged if rect[0] <= number <= rect[2] and _spans(rect))
    for _, rect in zip(range(_MERGED_NAMED), across, strict=False):
        yield FileRefusal("header-merged", sheet=sheet.name, address=_range(rect))
    for place, cell in enumerate(cells, start=1):
        if isinstance(cell, RefusedCell) and cell.refusal.code != "formula":
            address = cell_address(number, place)
            yield FileRefusal(
                "header-error", sheet=sheet.name, address=address, error=repeated(cell)
            )
    yield from _names_problems(sheet, [header for header in map(_header, cells) if header])


def _names_problems(sheet: Sheet, headers: Sequence[str]) -> Iterator[InvalidValue]:
    for header in dict.fromkeys(headers):
        if is_error(header):
            continue  # told with its address
        if header not in sheet.by_header:
            named = {"sheet": sheet.name, "header": repeated(header)}
            if _OF_OTHER_SYSTEM.match(header):
                yield FileRefusal("header-of-other-system", **named)
                continue
            meant = _meant(header, sheet.by_header.keys() - set(headers))
            yield FileRefusal("header-unknown", **named, **meant)
        elif headers.count(header) > 1:
            yield FileRefusal("header-repeated", sheet=sheet.name, header=header)
    for column in sheet.columns:
        if column.required and column.header not in headers:
            yield FileRefusal("header-missing", sheet=sheet.name, header=column.header)


def _header(cell: CellValue) -> str:
    # The template marks required columns with an asterisk.
    return str(cell).strip().rstrip("*＊").strip()


def _without_header(
    numbers: Sequence[int],
    rows: Sequence[Sequence[CellValue]],
    uncovered: Sequence[int],
    width: int,
    far: Mapping[int, int],
) -> Iterator[tuple[int, str]]:
    """Yield each row with a filled cell that no header covers, and the first such cell."""
    for index, row in enumerate(rows):
        if uncovered or len(row) > width or far:
            places = (
                place for place in (*uncovered, *range(width, len(row))) if _filled(row[place])
            )
            number = numbers[index]
            column = next(places, far.get(number, 0) - 1) + 1
            if column:
                yield index, cell_address(number, column)


def _merged(numbers: Sequence[int], merged: Sequence[Rect]) -> Iterator[tuple[int, str]]:
    """Yield each row that merged cells reach, with the range that reaches furthest down."""
    waiting = sorted((rect for rect in merged if _spans(rect)), reverse=True)
    deepest: Rect | None = None
    for index, number in enumerate(numbers):
        while waiting and waiting[-1][0] <= number:
            rect = waiting.pop()
            if deepest is None or rect[2] > deepest[2]:
                deepest = rect
        if deepest is not None and deepest[2] >= number:
            yield index, _range(deepest)


def _spans(rect: Rect) -> bool:
    return rect[:2] != rect[2:]


def _range(rect: Rect) -> str:
    return f"{cell_address(*rect[:2])}:{cell_address(*rect[2:])}"


def _filled(cell: CellValue) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else True


def _meant(written: str, known: Iterable[str]) -> dict[str, str]:
    """Return words for the one that is meant of those that are known and not there yet."""
    close = get_close_matches(written.strip()[:60], sorted(known), n=1, cutoff=_ALIKE)
    if not close:
        return {"meant_zh": "", "meant": ""}
    return {"meant_zh": f"是否指“{close[0]}”？", "meant": f'"{close[0]}" may be meant; '}
