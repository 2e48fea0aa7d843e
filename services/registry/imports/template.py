"""The workbook to fill in: every sheet with its headers, choices and notes."""

from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from typing import Any

import xlsxwriter

from services.registry.imports.cells import Amount, Day, Text
from services.registry.imports.columns import SHEETS, Column, Sheet
from services.registry.imports.gathering import CHOICES_SHEET, NOTES_SHEET

PREPARED_ROWS = 50_000
_GENERAL_NOTES = (
    "表头在第 1 行，不要改名、合并或移到别处；带 * 的列必填。",
    "一行一条记录；不要合并单元格，不要用公式（请粘贴为数值）。",
    "空白表示没有记录（不清楚），不等于 0 或“否”；没有或不清楚的不要写“无”“不详”“0”。",
    "修改已登记的内容：再次导入；空白单元格保留原有内容，导入从不删除内容。",
    "哪些列相同才是同一条记录，见下；其中任何一列改了，就是另一条记录，不会更正原来的。",
    "同一文件可以放心重复导入：没有变化的行结果为 unchanged。",
    "日期写 2020-06-30；金额以元为单位，只写数字；是否列写“是”或“否”。",
    "户编号、村编码、证件号码等列请保持文本格式，否则超过 15 位的数字会丢失末几位。",
    "可以只保留需要的工作表；也可以各存为一个 CSV 文件，以工作表名命名。",
)


SAME_AS_EVER = datetime(2020, 1, 1, tzinfo=UTC)
"""Stands as the time of making, so that the same workbook is the same bytes, and has one ETag."""


@cache
def template() -> bytes:
    """Return the .xlsx file; what it says of a column is what the reader holds cells to."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"created": SAME_AS_EVER})
    formats = {
        "header": book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1}),
        "text": book.add_format({"num_format": "@"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "amount": book.add_format({"num_format": "0.00"}),
        "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    _write_notes(book.add_worksheet(NOTES_SHEET), formats)
    ranges = _Choices(book)
    for sheet in SHEETS:
        page = book.add_worksheet(sheet.name)
        page.freeze_panes(1, 0)
        for place, column in enumerate(sheet.columns):
            page.set_column(place, place, _width(column), _format(column, formats))
            page.write_string(0, place, _header(column), formats["header"])
            source = ranges.source(column)
            if source is not None:
                page.data_validation(1, place, PREPARED_ROWS, place, source)
    ranges.write()
    book.close()
    return file.getvalue()


class _Choices:
    """The labels of every closed column, on a hidden sheet that the drop-downs point to."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._lists: dict[tuple[str, ...], int] = {}

    def source(self, column: Column) -> dict[str, Any] | None:
        """Return the data validation of a column, or None if it takes anything."""
        labels = column.cell.choices
        if not labels:
            return None
        place = self._lists.setdefault(labels, len(self._lists))
        letters = xlsxwriter.utility.xl_col_to_name(place, col_abs=True)
        return {
            "validate": "list",
            "source": f"={CHOICES_SHEET}!{letters}$1:{letters}${len(labels)}",
            "ignore_blank": True,
            "error_title": column.header,
            "error_message": "请从下拉列表中选择。",
        }

    def write(self) -> None:
        """Write the hidden sheet."""
        page = self._book.add_worksheet(CHOICES_SHEET)
        for labels, place in self._lists.items():
            page.write_column(0, place, labels)
        page.hide()


def _write_notes(page: Any, formats: dict[str, Any]) -> None:
    page.set_column(0, 1, 16)
    page.set_column(2, 2, 8)
    page.set_column(3, 4, 60, formats["wrapped"])
    row = 0
    for note in _GENERAL_NOTES:
        page.write_string(row, 0, note)
        row += 1
    for sheet in SHEETS:
        page.write_string(row, 0, same_record(sheet))
        row += 1
    row += 1
    page.write_row(row, 0, ["工作表", "列", "必填", "填写内容", "说明"], formats["header"])
    for sheet in SHEETS:
        for column in sheet.columns:
            row += 1
            page.write_row(row, 0, _note(sheet, column))


def same_record(sheet: Sheet) -> str:
    """Say in Chinese by which columns a row of a sheet finds the record that it is about."""
    headers = "、".join(sheet.by_member[name].header for name in sheet.key)
    return f"“{sheet.name}”表：{headers} 相同的，是同一条记录。"


def _note(sheet: Sheet, column: Column) -> list[str]:
    required, what = "是" if column.required else "", column.cell.describe()
    return [sheet.name, column.header, required, what, column.note]


def _header(column: Column) -> str:
    return f"{column.header}*" if column.required else column.header


def _width(column: Column) -> int:
    return max(12, 2 * len(column.header) + 4)


def _format(column: Column, formats: dict[str, Any]) -> Any:
    match column.cell:
        case Text():
            return formats["text"]
        case Day():
            return formats["day"]
        case Amount():
            return formats["amount"]
    return None
