"""Workbooks built part by part, for what no spreadsheet program would write."""

import marshal
import zipfile
from collections.abc import Iterable, Mapping
from io import BytesIO
from xml.sax.saxutils import escape

from services.registry.imports.apart import FileToRead, read_apart, take
from services.registry.imports.columns import Sheet
from services.registry.imports.files.__main__ import answer
from services.registry.imports.files.addresses import letters_of
from services.registry.imports.files.tables import Message
from services.registry.imports.gathering import Gathered
from services.registry.imports.reading import Reading, matched
from services.registry.reading_limits import ReadingLimits

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def package(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a package of parts."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return packed.getvalue()


def parts_of(
    name: str, sheet_data: str, after: str = "", state: str = ""
) -> dict[str, str | bytes]:
    """Return the parts of a workbook with one sheet, in single quotes as some programs write."""
    return {
        "_rels/.rels": f"<Relationships xmlns='{PACKAGE}'><Relationship Id='r1' "
        f"Type='{OFFICE}/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        "xl/workbook.xml": f"{HEAD}<workbook xmlns='{MAIN}' xmlns:r='{OFFICE}'><sheets>"
        f"<sheet name='{escape(name)}' sheetId='1' {state} r:id='r1'/></sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{PACKAGE}'><Relationship Id='r1' "
        f"Type='{OFFICE}/worksheet' Target='worksheets/one.xml'/></Relationships>",
        "xl/worksheets/one.xml": f"{HEAD}<worksheet xmlns='{MAIN}'><sheetData>{sheet_data}"
        f"</sheetData>{after}</worksheet>",
    }


def text_cell(address: str, text: str) -> str:
    return f"<c r='{address}' t='inlineStr'><is><t>{escape(text)}</t></is></c>"


def header_row(sheet: Sheet, row: int = 1, instead: Mapping[str, str] | None = None) -> str:
    """Return a row with the headers of a sheet; ``instead`` gives cells for some of them."""
    cells = [
        (instead or {}).get(column.header) or text_cell(f"{letters_of(place)}{row}", column.header)
        for place, column in enumerate(sheet.columns, start=1)
    ]
    return f"<row r='{row}'>{''.join(cells)}</row>"


def read(*files: tuple[str, bytes], limits: ReadingLimits | None = None) -> Reading:
    """Read files as the worker's process does, without starting one."""
    gathered = Gathered()

    def send(message: Message) -> None:
        take(marshal.loads(marshal.dumps(message)), gathered)  # noqa: S302

    answer(list(files), limits or ReadingLimits(), send)
    return matched(gathered)


async def read_in_process(
    *files: tuple[str, bytes], limits: ReadingLimits | None = None
) -> Reading:
    """Read files as the worker does."""
    asked = [FileToRead(name, len(content), [content]) for name, content in files]
    return matched(await read_apart(asked, limits or ReadingLimits()))


def codes(reading: Reading) -> list[str]:
    return [problem.code for problem in reading.problems]


def faults(reading: Reading) -> Iterable[tuple[int, str]]:
    """Yield row number and code of what is wrong with rows beside their cells."""
    for sheet in reading.sheets:
        for index, problems in sheet.faults.items():
            for problem in problems:
                yield sheet.numbers[index], problem.code
