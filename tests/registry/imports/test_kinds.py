"""Kinds of files, told by what they hold, and what each asks of people."""

import zipfile
from io import BytesIO

import pytest

from services.registry.imports.columns import SHEETS, Sheet
from tests.registry.imports.packages import codes, header_row, package, parts_of, read, text_cell
from tests.registry.imports.workbooks import everything, workbook

EACH_SHEET = pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
HOUSEHOLDS = SHEETS[0]
LINES = [[column.header for column in HOUSEHOLDS.columns], ["CA-1", "一、二，三"]]


def text_of(separator: str) -> str:
    return "".join(separator.join(line) + "\r\n" for line in LINES)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("separator", [",", "\t", ";", "；", "|"])
@pytest.mark.parametrize("suffix", [".csv", ".txt", ".xls", ".xlsx"])
def test_text_of_every_encoding_and_separator(
    encoding: str, mark: str, separator: str, suffix: str
) -> None:
    if encoding.startswith("utf-16-") and not mark:
        return  # nothing tells that it is UTF-16
    if encoding in ("utf-8-sig", "utf-16") and mark:
        return  # marked already
    content = (mark + text_of(separator)).encode(encoding)
    (sheet,) = read((f"农户{suffix}", content)).sheets
    assert [row[:2] for row in sheet.rows] == [LINES[1]]


def test_a_separator_that_the_first_line_declares() -> None:
    content = ("sep=;\r\n" + text_of(";")).encode()
    (sheet,) = read(("农户.csv", content)).sheets
    assert sheet.numbers == [3]


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".csv", ".bin", ""])
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "workbook-old"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "file-encrypted",
        ),
        (b"\n <HTML><table><tr><td>1</td></tr></table>", "file-is-markup"),
        (b"<?xml version='1.0'?><Workbook/>", "file-is-markup"),
        (package({"mimetype": "x", "content.xml": "<a/>"}), "workbook-open-document"),
        (package({"农户.csv": "户编号"}), "file-is-archive"),
        (package({"a.png": "x"}), "file-kind-unknown"),
        (b"%PDF-1.7", "file-kind-unknown"),
        (b"PK\x03\x04 and then nothing", "file-damaged"),
        (b" \n", "file-empty"),
        (b"\xff\xfe\x00\x00\xff", "encoding-unknown"),
        (b"\xff\xfe\x00\xd8\x00\xd8", "encoding-unknown"),
    ],
)
def test_other_kinds_say_what_to_do(suffix: str, content: bytes, code: str) -> None:
    reading = read((f"农户{suffix}", content))
    assert codes(reading) == [code]
    assert "农户" in reading.problems[0].message.zh


@pytest.mark.parametrize(
    ("target", "code"),
    [("xl/workbook.bin", "workbook-binary"), ("word/document.xml", "file-kind-unknown")],
)
def test_packages_of_other_kinds(target: str, code: str) -> None:
    parts = parts_of(HOUSEHOLDS.name, "")
    parts["_rels/.rels"] = str(parts["_rels/.rels"]).replace("xl/workbook.xml", target)
    assert codes(read(("a.xlsx", package(parts | {target: ""})))) == [code]


def test_a_workbook_under_any_name_is_read() -> None:
    content = workbook(everything())
    for name in ("登记.xls", "登记.csv", "登记", "登记.XLSX"):
        reading = read((name, content))
        assert (codes(reading), len(reading.sheets)) == ([], len(SHEETS))


def test_an_encrypted_part_is_told() -> None:
    content = bytearray(package(parts_of(HOUSEHOLDS.name, header_row(HOUSEHOLDS))))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        places = [entry.header_offset + 6 for entry in archive.infolist()]
    central = 0
    while (central := content.find(b"PK\x01\x02", central + 1)) > 0:
        places.append(central + 8)
    for place in places:
        content[place] |= 1
    assert codes(read(("a.xlsx", bytes(content)))) == ["file-encrypted"]


FILLED = "<row r='1'><c r='A1'><v>1</v></c></row>"
BLANK = "<row r='1'><c r='A1' s='1'/><c r='B1' t='inlineStr'><is><t> </t></is></c></row>"


@pytest.mark.parametrize(
    ("name", "rows", "state", "expected"),
    [
        ("Sheet1", FILLED, "", ["sheet-unknown"]),
        ("Sheet1", BLANK, "", ["no-rows"]),
        ("Sheet1", FILLED, "state='hidden'", ["sheet-unknown"]),
        ("Sheet1", BLANK, "state='veryHidden'", ["no-rows"]),
        ("WpsReserved_CellImgList", FILLED, "state='veryHidden'", ["no-rows"]),
        ("WpsReserved_CellImgList", FILLED, "", ["sheet-unknown"]),
        ("填表说明", FILLED, "", ["no-rows"]),
        ("代码", FILLED, "state='hidden'", ["no-rows"]),
    ],
)
def test_sheets_that_are_none_of_an_import(
    name: str, rows: str, state: str, expected: list[str]
) -> None:
    reading = read(("a.xlsx", package(parts_of(name, rows, state=state))))
    assert codes(reading) == expected
    if expected == ["sheet-unknown"]:
        assert name in reading.problems[0].message.zh
        assert ("隐藏" in reading.problems[0].message.zh) is bool(state)


@EACH_SHEET
@pytest.mark.parametrize("above", [1, 2, 6])
def test_titles_above_the_headers_are_read_past(sheet: Sheet, above: int) -> None:
    titles = "".join(
        f"<row r='{row}'>{text_cell(f'A{row}', '淳安县登记表')}{text_cell(f'C{row}', '2020 年')}</row>"
        for row in range(1, above + 1)
    )
    data = f"<row r='{above + 3}'>{text_cell(f'A{above + 3}', 'CA-1')}</row>"
    merged = "<mergeCells><mergeCell ref='A1:F1'/></mergeCells>"
    rows = titles + header_row(sheet, above + 2) + data
    reading = read(("a.xlsx", package(parts_of(sheet.name, rows, merged))))
    assert codes(reading) == []
    assert reading.sheets[0].numbers == [above + 3]


@EACH_SHEET
def test_data_above_the_headers_are_not_passed_over(sheet: Sheet) -> None:
    data = "".join(text_cell(f"{letter}1", "1") for letter in "ABCD")
    rows = f"<row r='1'>{data}</row>" + header_row(sheet, 2)
    reading = read(("a.xlsx", package(parts_of(sheet.name, rows))))
    assert codes(reading) == ["header-elsewhere"]
    assert "第 2 行" in reading.problems[0].message.zh


@pytest.mark.parametrize("letter", ["\0", "\x07", "\x1b", "\u202e", "\ud800"])
def test_headers_and_sheets_with_characters_that_cannot_be_seen(letter: str) -> None:
    header = f"联系{letter}电话"
    escaped = "".join(f"_x{ord(each):04X}_" if each == letter else each for each in header)
    instead = {"联系电话": text_cell("H1", escaped)}
    reading = read(("a.xlsx", package(parts_of("农户", header_row(HOUSEHOLDS, instead=instead)))))
    assert codes(reading) == ["header-unknown"]
    message = "".join(reading.problems[0].message)
    assert letter not in message
    message.encode()
    if letter != "\ud800":
        lines = f"户编号,{header}\n1,2\n".encode()
        told = read((f"农{letter}户.csv", lines)).problems
        assert all(letter not in "".join(problem.message) for problem in told)
