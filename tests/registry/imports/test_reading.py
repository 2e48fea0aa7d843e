"""What is read of workbooks: every cell once, whatever the program that wrote it, or none."""

import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter

from services.registry.imports.columns import SHEETS, Column, Sheet
from services.registry.imports.files.addresses import letters_of
from services.registry.imports.outcomes import RowProblem
from services.registry.imports.parsing import parse_sheet
from services.registry.imports.reading import Reading
from services.registry.imports.refused_cells import RefusedCell
from tests.registry.imports.packages import (
    MAIN,
    OFFICE,
    codes,
    faults,
    header_row,
    package,
    parts_of,
    read,
    text_cell,
)

HOUSEHOLDS = SHEETS[0]
ERRORS = (
    "#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#GETTING_DATA", "#SPILL!",
    "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#EXTERNAL!", "#PYTHON!",
    "#SOON TO COME!", "",
)  # fmt: skip
EACH_SHEET = pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)


def problems(reading: Reading) -> list[tuple[int, RowProblem]]:
    assert codes(reading) == []
    return [
        (row.number, problem)
        for sheet in reading.sheets
        for row in parse_sheet(sheet).rows
        for problem in row.problems
    ]


def at(found: list[tuple[int, RowProblem]], column: Column) -> list[tuple[int, str]]:
    return [(row, each.code) for row, each in found if each.column == column.header]


@EACH_SHEET
def test_every_error_is_refused_at_its_cell_in_every_column(sheet: Sheet) -> None:
    rows = "".join(
        f"<row r='{number}'>"
        + "".join(
            f"<c r='{letters_of(place)}{number}' t='e'><v>{error}</v></c>"
            for place in range(1, len(sheet.columns) + 1)
        )
        + "</row>"
        for number, error in enumerate(ERRORS, start=2)
    )
    content = package(parts_of(sheet.name, header_row(sheet) + rows))
    found = problems(read(("a.xlsx", content)))
    for column in sheet.columns:
        expected = [(number, "cell-error") for number in range(2, len(ERRORS) + 2)]
        assert at(found, column) == expected
    for number, problem in found:
        assert ERRORS[number - 2] in problem.detail.zh


@EACH_SHEET
def test_errors_that_were_pasted_as_text(sheet: Sheet) -> None:
    lines = [",".join(column.header for column in sheet.columns)]
    lines += [",".join(f" {error}" for _ in sheet.columns) for error in ERRORS[:-2]]
    text = "\r\n".join(lines).encode()
    found = problems(read((f"{sheet.name}.csv", text)))
    for column in sheet.columns:
        assert at(found, column) == [(row, "cell-error") for row in range(2, len(ERRORS))]


@EACH_SHEET
@pytest.mark.parametrize("error", ["#REF!", "#SPILL!"])
def test_an_error_among_the_headers_is_named(sheet: Sheet, error: str) -> None:
    for place, column in enumerate(sheet.columns, start=1):
        if place % 4 and not column.required:
            continue  # each sheet's required columns, and some of the others
        cell = f"<c r='{letters_of(place)}1' t='e'><v>{error}</v></c>"
        row = header_row(sheet, instead={column.header: cell})
        reading = read(("a.xlsx", package(parts_of(sheet.name, row))))
        told = [problem for problem in reading.problems if problem.code == "header-error"]
        assert [(p.details["address"], p.details["error"]) for p in told] == [
            (f"{letters_of(place)}1", error)
        ]


@EACH_SHEET
def test_every_cell_that_a_formula_fills_is_refused(sheet: Sheet) -> None:
    last = letters_of(len(sheet.columns))
    filled = "".join(
        f"<row r='{row}'>"
        + "".join(
            f"<c r='{letters_of(place)}{row}' cm='1'>"
            + (f"<f t='array' ref='A2:{last}4'>X</f>" if (row, place) == (2, 1) else "")
            + ("<v>1</v></c>" if place % 2 else "</c>")
            for place in range(1, len(sheet.columns) + 1)
        )
        + "</row>"
        for row in (2, 3, 4)
    )
    after = f"<row r='5'>{text_cell('A5', 'CA-1')}</row>"
    content = package(parts_of(sheet.name, header_row(sheet) + filled + after))
    found = problems(read(("a.xlsx", content)))
    for column in sheet.columns:
        assert at(found, column)[:3] == [(row, "formula") for row in (2, 3, 4)]
    assert "formula" not in [problem.code for row, problem in found if row == 5]


@pytest.mark.parametrize(
    "formula",
    [
        "<f>1+1</f>",
        "<f/>",
        "<f t='shared' si='0'/>",
        "<f t='shared' ref='A2:A3' si='0'>1</f>",
        "<f t='dataTable' ref='A2:A3' dt2D='0' dtr='0' r1='B1'/>",
        "<f t='array' ref='A2:A3' aca='1'><![CDATA[1]]></f>",
    ],
)
def test_a_formula_without_a_result_does_not_vanish(formula: str) -> None:
    rows = f"<row r='2'><c r='A2'>{formula}</c></row>"
    content = package(parts_of(HOUSEHOLDS.name, header_row(HOUSEHOLDS) + rows))
    found = problems(read(("a.xlsx", content)))
    assert at(found, HOUSEHOLDS.columns[0]) == [(2, "formula")]


@EACH_SHEET
def test_a_filled_cell_without_a_header_fails_its_row(sheet: Sheet) -> None:
    width = len(sheet.columns)
    for column in (width + 1, width + 30, 65, 16_384):
        rows = "".join(
            f"<row r='{row}'>{text_cell(f'A{row}', 'CA-1')}{cell}</row>"
            for row, cell in (
                (2, text_cell(f"{letters_of(column)}2", "x")),
                (3, text_cell(f"{letters_of(column)}3", "  ")),
                (4, f"<c r='{letters_of(column)}4'><f>1</f></c>"),
                (1_048_576, f"<c r='{letters_of(column)}1048576' s='7'/>"),
            )
        )
        reading = read(("a.xlsx", package(parts_of(sheet.name, header_row(sheet) + rows))))
        assert sorted(faults(reading)) == [(2, "cell-without-header"), (4, "cell-without-header")]
        told = [each for found in reading.sheets[0].faults.values() for each in found]
        assert f"{letters_of(column)}2" in told[0].message.zh


@EACH_SHEET
def test_a_filled_cell_under_a_blank_header_fails_its_row(sheet: Sheet) -> None:
    headers = [column.header for column in sheet.columns]
    for place in range(len(headers)):
        line = [*headers[:place], " ", *headers[place:]]
        values = ["x" if each == " " else "" for each in line]
        text = "\n".join([",".join(line), "CA-1,1", ",".join(values)])
        found = sorted(faults(read((f"{sheet.name}.csv", text.encode()))))
        expected = (2, 3) if place < 2 else (3,)
        assert found == [(row, "cell-without-header") for row in expected]


def test_an_unquoted_comma_fails_its_row() -> None:
    text = "户编号,村编码,农户类别,登记日期\nCA-1,330127100219,低保,2019-10-01,一号,二号\n"
    reading = read(("农户.csv", text.encode()))
    assert list(faults(reading)) == [(2, "cell-without-header")]


def sheet_part(data: str) -> str:
    return f"<worksheet xmlns='{MAIN}'>{data}</worksheet>"


GOOD_ROWS = header_row(HOUSEHOLDS) + f"<row r='2'>{text_cell('A2', 'CA-1')}</row>"
RELATIONS = "xl/_rels/workbook.xml.rels"
ONE = "xl/worksheets/one.xml"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"


def changed(part: str, old: str, new: str) -> bytes:
    parts = parts_of(HOUSEHOLDS.name, GOOD_ROWS)
    before = parts[part]
    assert isinstance(before, str)
    assert old in before
    parts[part] = before.replace(old, new)
    return package(parts)


@pytest.mark.parametrize(
    "content",
    [
        package(parts_of(HOUSEHOLDS.name, GOOD_ROWS)),
        changed(RELATIONS, "'worksheets/one.xml'", "'/xl/worksheets/one.xml'"),
        changed(RELATIONS, "'worksheets/one.xml'", "'../xl/Worksheets/ONE.xml'"),
        changed(ONE, "<row r='2'><c r='A2'", "<row><c"),
        changed(ONE, "<sheetData>", "<!-- <sheetData/> --><sheetData>"),
        changed(ONE, "<t>CA-1</t>", "<t><![CDATA[CA]]>-&#49;</t>"),
        changed(ONE, "<t>CA-1</t>", "<r><rPr><b/></rPr><t>CA</t></r><r><t>-1</t></r>"),
        changed(ONE, "<t>CA-1</t>", "<t>CA-1</t><rPh sb='0' eb='1'><t>kana</t></rPh>"),
        changed(ONE, "</sheetData>", "</sheetData><extLst><ext><c><f>1</f></c></ext></extLst>"),
        package(
            {
                name: part.replace(MAIN, STRICT).replace(OFFICE, STRICT_OFFICE)
                for name, part in parts_of(HOUSEHOLDS.name, GOOD_ROWS).items()
                if isinstance(part, str)
            }
        ),
        package(
            parts_of(HOUSEHOLDS.name, GOOD_ROWS)
            | {
                ONE: sheet_part(f"<sheetData>{GOOD_ROWS}</sheetData>")
                .replace("<", "<x:")
                .replace("<x:/", "</x:")
                .replace("xmlns=", "xmlns:x=")
            }
        ),
        package(
            parts_of(HOUSEHOLDS.name, GOOD_ROWS)
            | {
                ONE: ("<?xml version='1.0' encoding='UTF-16'?>"
                + sheet_part(f"<sheetData>{GOOD_ROWS}</sheetData>")).encode("utf-16")
            }
        ),
    ],
)  # fmt: skip
def test_what_means_the_same_is_read_the_same(content: bytes) -> None:
    reading = read(("a.xlsx", content))
    assert codes(reading) == []
    (sheet,) = reading.sheets
    assert (sheet.numbers, sheet.rows[0][0]) == ([2], "CA-1")


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (ONE, "<row r='2'>", "<row r='1'>"),
        (ONE, "<row r='2'>", "<row r='3'>"),
        (ONE, "<row r='2'>", "<row r='1048577'>"),
        (ONE, "<row r='2'>", "<row r='2'><c r='B2'/>"),
        (ONE, "<row r='2'>", "<row r='2'><c r='A2'/>"),
        (ONE, "<row r='2'>", "<row r='2'>stray"),
        (ONE, "<row r='2'>", "<row r='2'><v>1</v>"),
        (ONE, "<row r='2'>", "<other><row r='2'/></other><row r='2'>"),
        (ONE, "<row r='2'>", "<row r='2'><c r='XFE2'/>"),
        (ONE, "</sheetData>", "</sheetData><sheetData/>"),
        (ONE, "<sheetData>", "<choice><sheetData/></choice><sheetData>"),
        (ONE, "<worksheet", "<!DOCTYPE worksheet [<!ENTITY a 'b'>]><worksheet"),
        (ONE, "</worksheet>", ""),
        (ONE, "<worksheet xmlns=", "<worksheet xmlns:x="),
        (ONE, "</sheetData>", "</sheetData><mergeCells><mergeCell ref='B2:A1'/></mergeCells>"),
        (RELATIONS, "worksheets/one.xml", "worksheets/two.xml"),
        (RELATIONS, "Target=", "TargetMode='External' Target="),
        ("xl/workbook.xml", "</workbook>", "<a><sheets><sheet/></sheets></a></workbook>"),
        ("xl/workbook.xml", "r:id='r1'", "r:id='r2'"),
    ],
)
def test_what_programs_would_read_differently_is_refused(part: str, old: str, new: str) -> None:
    content = changed(part, old, new)
    if "DOCTYPE" in new:  # which stands before the root element, and behind nothing else
        content = package(
            parts_of(HOUSEHOLDS.name, "")
            | {ONE: new.split("<worksheet", maxsplit=1)[0] + sheet_part("")}
        )
    assert codes(read(("a.xlsx", content))) == ["file-damaged"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", [ONE, ONE.upper(), ONE.replace("/", "\\")])
def test_two_parts_with_one_name_are_refused(name: str) -> None:
    packed = BytesIO(package(parts_of(HOUSEHOLDS.name, GOOD_ROWS)))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(name, sheet_part("<sheetData/>"))
    assert codes(read(("a.xlsx", packed.getvalue()))) == ["file-damaged"]


def test_cells_of_every_type_as_a_program_writes_them() -> None:
    file = BytesIO()
    book = xlsxwriter.Workbook(file)
    page = book.add_worksheet(HOUSEHOLDS.name)
    page.write_row(0, 0, [column.header for column in HOUSEHOLDS.columns])
    formats = {
        code: book.add_format({"num_format": code})
        for code in (
            "yyyy-mm-dd",
            'yyyy"年"m"月"d"日"',
            "hh:mm",
            "[h]:mm",
            "0.00%",
            "0.00E+00",
            '"d"0',
            "00000",
        )
    }
    day = datetime(2020, 2, 29)  # noqa: DTZ001 - as in a cell
    serial = 43890
    cells: list[tuple[Any, str, Any]] = [
        (day, "yyyy-mm-dd", date(2020, 2, 29)),
        (serial, 'yyyy"年"m"月"d"日"', date(2020, 2, 29)),
        (serial + 0.5, "yyyy-mm-dd", datetime(2020, 2, 29, 12)),  # noqa: DTZ001
        (0.25, "hh:mm", time(6)),
        (1.5, "[h]:mm", timedelta(hours=36)),
        (13812345678, "[h]:mm", 13812345678.0),
        (13812345678, "hh:mm", 13812345678.0),
        (60, "yyyy-mm-dd", 60.0),
        (59, "yyyy-mm-dd", date(1900, 2, 28)),
        (61, "yyyy-mm-dd", date(1900, 3, 1)),
        (-1, "yyyy-mm-dd", -1.0),
        (0.5, "0.00%", 0.5),
        (12000, "0.00E+00", 12000.0),
        (7, '"d"0', 7.0),
        (123, "00000", "00123"),
        (1.5, "00000", 1.5),
    ]
    for row, (value, code, _) in enumerate(cells, start=1):
        page.write(row, 0, value, formats[code])
    page.write_boolean(len(cells) + 1, 0, True)
    page.write_string(len(cells) + 2, 0, "_x0041_\u0007\U00020000")
    book.close()
    (sheet,) = (read(("a.xlsx", file.getvalue()))).sheets
    expected = [value for _, _, value in cells]
    assert [row[0] for row in sheet.rows] == [*expected, True, "_x0041_\u0007\U00020000"]


@pytest.mark.parametrize(
    "shown", ['yyyy"年"m"月"', 'm"月"d"日"', 'yyyy"年"', "mmm-yy", "h:mm", 16, 17, 27, 57]
)
def test_what_a_date_does_not_show_is_not_made_up(shown: str | int) -> None:
    file = BytesIO()
    book = xlsxwriter.Workbook(file)
    page = book.add_worksheet(HOUSEHOLDS.name)
    page.write_row(0, 0, [column.header for column in HOUSEHOLDS.columns])
    page.write(1, 0, 43890, book.add_format({"num_format": shown}))
    book.close()
    (sheet,) = (read(("a.xlsx", file.getvalue()))).sheets
    cell = sheet.rows[0][0]
    assert isinstance(cell, RefusedCell)
    assert (cell.refusal.code, "2020-06-30" in cell.refusal.message.zh) == ("date-malformed", True)


@pytest.mark.parametrize(("flag", "day"), [("1", date(2024, 1, 2)), ("0", date(2020, 1, 1))])
def test_days_counted_from_1904(flag: str, day: date) -> None:
    styles = (
        f"<styleSheet xmlns='{MAIN}'><cellXfs><xf numFmtId='0'/><xf numFmtId='31'/></cellXfs>"
        "</styleSheet>"
    )
    rows = header_row(HOUSEHOLDS) + "<row r='2'><c r='A2' s='1'><v>43831</v></c></row>"
    parts = parts_of(HOUSEHOLDS.name, rows) | {"xl/styles.xml": styles}
    parts["xl/workbook.xml"] = str(parts["xl/workbook.xml"]).replace(
        "<sheets>", f"<workbookPr date1904='{flag}'/><sheets>"
    )
    parts[RELATIONS] = str(parts[RELATIONS]).replace(
        "</Relationships>",
        f"<Relationship Id='r9' Type='{OFFICE}/styles' Target='styles.xml'/></Relationships>",
    )
    (sheet,) = (read(("a.xlsx", package(parts)))).sheets
    assert sheet.rows[0][0] == day


@pytest.mark.parametrize(
    "cell",
    [
        "<c r='A2'><v>nan</v></c>",
        "<c r='A2'><v>1_0</v></c>",
        "<c r='A2'><v>１</v></c>",
        "<c r='A2' t='s'><v>0</v></c>",
        "<c r='A2' t='s'><v>-1</v></c>",
        "<c r='A2' t='b'><v>2</v></c>",
        "<c r='A2' t='d'><v>2020-13-01</v></c>",
        "<c r='A2' t='later'><v>1</v></c>",
        "<c r='A2' t='inlineStr'><v>1</v></c>",
        "<c r='A2'><is><t>1</t></is></c>",
    ],
)
def test_a_cell_that_cannot_be_read_fails_alone(cell: str) -> None:
    rows = header_row(HOUSEHOLDS) + f"<row r='2'>{cell}</row>"
    found = problems(read(("a.xlsx", package(parts_of(HOUSEHOLDS.name, rows)))))
    assert at(found, HOUSEHOLDS.columns[0]) == [(2, "cell-unreadable")]
