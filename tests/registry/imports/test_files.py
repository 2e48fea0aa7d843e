"""Files that cannot be imported as a whole, and what is said about them."""

import struct
import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pytest

from services.registry.imports.template import template
from services.registry.reading_limits import ReadingLimits
from services.registry.settings import MAX_IMPORT_BYTES
from tests.registry.imports.conftest import Desk
from tests.registry.imports.packages import parts_of
from tests.registry.imports.workbooks import Row, csv_files, household, workbook

GOOD: dict[str, Sequence[Row]] = {"农户": [household()]}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
ENCRYPTED = OLE + "EncryptedPackage".encode("utf-16-le") + bytes(600)


def repacked(content: bytes, name: str, change: Any) -> bytes:
    """Return a package with one of its parts changed."""
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(packed, "w", 8) as new:
        for entry in old.namelist():
            part = old.read(entry)
            new.writestr(entry, change(part) if entry == name else part)
    return packed.getvalue()


def bomb() -> bytes:
    """Return a package with a sheet that unpacks to more than is allowed, nearly all of it nothing."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, part in parts_of("农户", "").items():
            with archive.open(name, "w") as entry:
                entry.write(part.encode() if isinstance(part, str) else part)
                if name.endswith("one.xml"):
                    for _ in range(ReadingLimits.unpacked_bytes // 2**20 + 1):
                        entry.write(b" " * 2**20)
    return packed.getvalue()


def lying() -> bytes:
    """Return a package with a sheet that is longer than the package says."""
    content = bytearray(workbook(GOOD))
    with zipfile.ZipFile(BytesIO(content)) as package:
        size = struct.pack("<I", package.getinfo("xl/worksheets/sheet1.xml").file_size)
    while (place := content.find(size)) >= 0:
        content[place : place + 4] = struct.pack("<I", 100)
    return bytes(content)


@pytest.mark.parametrize(("language", "words"), [("zh", "应为文件"), ("en", "must be a file")])
async def test_text_in_the_place_of_a_file_is_refused(
    desk: Desk, language: str, words: str
) -> None:
    answer = await desk.client.post(
        "/v1/imports",
        files={"files": (None, "农户")},
        headers={"Accept-Language": language},
    )
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/files/0", "file-expected")
    assert words in error["detail"]


@pytest.mark.parametrize(
    ("name", "content", "codes"),
    [
        ("a.xlsx", b"", ["file-empty"]),
        ("a.csv", b"  \n", ["file-empty"]),
        ("a.xls", OLE, ["workbook-old"]),
        ("a.xlsx", OLE, ["workbook-old"]),
        ("a.xlsx", ENCRYPTED, ["file-encrypted"]),
        ("a.xls", ENCRYPTED, ["file-encrypted"]),
        ("a.xlsx", b"PK\x03\x04 and then nothing", ["file-damaged"]),
        ("a.xlsx", workbook(GOOD)[:-300], ["file-damaged"]),
        ("a.xlsx", workbook({"农户": []}), ["no-rows"]),
        ("a.xlsx", template(), ["no-rows"]),
        ("a.xlsx", workbook({"农戶": [household()]}), ["sheet-unknown"]),
        ("a.xlsx", workbook({"农户": [household(农户类型="低保")]}), ["header-unknown"]),
        ("a.xlsx", workbook({"农户": [{"户编号": "CA-1", "村编码": "1"}]}), ["header-missing"] * 2),
        (
            "农户.csv",
            "户编号,户编号,村编码,农户类别,登记日期\n1,1,1,1,1".encode(),
            ["header-repeated"],
        ),
        ("农户.csv", '户编号,村编码\n"1,2'.encode(), ["csv-malformed"]),
        ("农户.csv", b"\xff\xfe\x00\x00\xff", ["encoding-unknown"]),
        ("别的.csv", b"a,b\n1,2", ["sheet-unknown"]),
        ("a.xlsx", bomb(), ["file-too-large"]),
        ("a.xlsx", lying(), ["file-damaged"]),
    ],
)
async def test_files_that_cannot_be_imported(
    drill: Desk, name: str, content: bytes, codes: list[str]
) -> None:
    done = await drill.import_files([(name, content)])
    assert (done["state"], done["written"], done["counts"]) == ("failed", False, {})
    assert [problem["code"] for problem in done["problems"]] == codes
    for problem in done["problems"]:
        assert problem["detail"]["zh"]
        assert "{" not in problem["detail"]["zh"] + problem["detail"]["en"]
    assert await drill.rows(done) == []
    job = (await drill.client.get(f"/v1/jobs/{done['id']}")).json()
    assert [error["code"] for error in job["problem"]["errors"]] == codes


async def test_what_was_meant_is_suggested(drill: Desk) -> None:
    renamed = {header.replace("类别", "类型"): cell for header, cell in household().items()}
    done = await drill.import_sheets({"农户": [renamed]})
    assert "农户类别" in done["problems"][0]["detail"]["zh"]


async def test_the_same_sheet_in_two_files(drill: Desk) -> None:
    twice = [*csv_files(GOOD), ("a.xlsx", workbook(GOOD))]
    done = await drill.import_files(twice)
    assert [problem["code"] for problem in done["problems"]] == ["sheet-repeated"]


def merged(cells: str) -> bytes:
    tag = f'</sheetData><mergeCells count="1"><mergeCell ref="{cells}"/></mergeCells>'.encode()
    return repacked(
        workbook({"农户": [household(), household("CA-2")]}),
        "xl/worksheets/sheet1.xml",
        lambda part: part.replace(b"</sheetData>", tag),
    )


async def test_merged_cells_fail_their_rows(drill: Desk) -> None:
    done = await drill.import_files([("a.xlsx", merged("B2:B3"))])
    rows = await drill.rows(done, outcome="failed")
    assert [(row["row"], row["problems"][0]["code"]) for row in rows] == [
        (2, "merged-cells"),
        (3, "merged-cells"),
    ]
    assert "B2:B3" in rows[0]["problems"][0]["detail"]["en"]


async def test_merged_headers_fail_the_file(drill: Desk) -> None:
    done = await drill.import_files([("a.xlsx", merged("A1:B1"))])
    assert [problem["code"] for problem in done["problems"]] == ["header-merged"]


async def test_a_body_beyond_the_limit_is_refused_at_the_door(drill: Desk) -> None:
    content = bytes(MAX_IMPORT_BYTES + 1)
    answer = await drill.hand_in([("a.xlsx", content)])
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:qingling:problem:payload-too-large"
