"""What stands in cells for nothing or not known, and what a spreadsheet made of a number or a date."""

from typing import Any

import pytest

from services.registry.imports.cells import Text
from services.registry.imports.columns import SHEETS, Column
from services.registry.imports.outcomes import RowProblem
from services.registry.imports.parsing import parse_sheet
from services.registry.imports.reading import SheetRows
from services.registry.vocabulary.notations import is_no_number, says_nothing
from shared.values.text import Line, Name
from tests.registry.imports.conftest import Desk
from tests.registry.imports.workbooks import household, member

NOTHING = ["无", "不详", "//", "-", "——", "／", "暂无", "N/A", " 无 ", "不清楚", "？", "空"]
COLUMNS = [
    pytest.param(column, id=f"{sheet.name}-{column.header}")
    for sheet in SHEETS
    for column in sheet.columns
]


def problem_of(column: Column, written: Any) -> RowProblem | None:
    sheet = next(each for each in SHEETS if column in each.columns)
    parsed = parse_sheet(SheetRows(sheet, [(0, column)], [2], [[written]]))
    return next(iter(parsed.rows[0].problems), None)


@pytest.mark.parametrize("column", COLUMNS)
def test_who_writes_nothing_is_told_to_leave_it_blank(column: Column) -> None:
    for written in NOTHING:
        problem = problem_of(column, written)
        if problem is None:
            # A choice may have it as a label, a note may say so, and the whole row is asked for a number.
            assert not (isinstance(column.cell, Text) and isinstance(column.cell.kind, Line | Name))
            continue
        if column.required:
            assert "删去本行" in problem.detail.zh, written
            assert "leave the row out" in problem.detail.en, written
        else:
            assert "留空" in problem.detail.zh, written
            assert "blank" in problem.detail.en, written


@pytest.mark.parametrize(
    "written",
    ["无", "不详", "//", "-", "N/A", "／", "0", "000", "XXX", "００", "*" * 18, "新生儿", "待办"],
)
@pytest.mark.parametrize("kind", ["居民身份证", "其他证件", "残疾人证"])
async def test_no_document_is_no_number(drill: Desk, kind: str, written: str) -> None:
    one, other = (member(document=written, 证件类型=kind, 与户主关系="其他") for _ in range(2))
    sheets = {"农户": [household()], "成员": [one, other]}
    done = await drill.import_sheets(sheets, mode="each_row", dry_run="true")
    failed = await drill.rows(done, outcome="failed")
    assert [row["row"] for row in failed] == [2, 3]
    for row in failed:
        (problem,) = row["problems"]
        assert (problem["code"], problem["column"]) == ("document-number-missing", "证件号码")
        assert "删去本行" in problem["detail"]["zh"]
        assert "不要编造" in problem["detail"]["zh"]


@pytest.mark.parametrize("written", ["无", "不详", "0", "-"])
async def test_no_household_is_a_number(drill: Desk, written: str) -> None:
    done = await drill.import_sheets({"农户": [household(written)]}, dry_run="true")
    (row,) = await drill.rows(done)
    assert row["problems"][0]["code"] == "household-number-missing"


@pytest.mark.parametrize("written", ["A-0", "无锡-3", "10", "CA-1", "X1", "未名-1"])
def test_numbers_are_numbers(written: str) -> None:
    assert not says_nothing(written)
    assert not is_no_number(written)


TEXTS = [("农户", "户编号"), ("农户", "村编码"), ("农户", "联系电话"), ("成员", "证件号码")]


@pytest.mark.parametrize(("sheet", "header"), TEXTS)
@pytest.mark.parametrize("written", ["3.30127E+11", "3.30127196305E+17", "1E+12"])
def test_digits_that_a_spreadsheet_destroyed(sheet: str, header: str, written: str) -> None:
    columns = next(each for each in SHEETS if each.name == sheet).by_header
    problem = problem_of(columns[header], written)
    assert problem is not None
    assert problem.code == "digits-lost"
    assert "文本格式" in problem.detail.zh
    assert "科学计数法" in problem.detail.zh


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("44197", "2021-01-01"),
        (44197, "2021-01-01"),
        (43831.0, "2020-01-01"),
        ("２３１４０", "1963-05-09"),
    ],
)
def test_the_number_of_a_day_is_no_date(written: Any, meant: str) -> None:
    column = SHEETS[0].by_header["登记日期"]
    problem = problem_of(column, written)
    assert problem is not None
    assert problem.code == "date-malformed"
    assert "日期序号" in problem.detail.zh
    assert meant in problem.detail.zh
    assert meant in problem.detail.en


@pytest.mark.parametrize("written", ["20201", "19905", "202013", "4419", "441970"])
def test_other_digits_are_no_number_of_a_day(written: str) -> None:
    problem = problem_of(SHEETS[0].by_header["登记日期"], written)
    assert problem is not None
    assert "序号" not in problem.detail.zh
