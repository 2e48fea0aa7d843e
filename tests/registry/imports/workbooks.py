"""Workbooks and CSV files for the tests of imports, built from rows of {header: value}."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter

from deploy.sample.workbook import cell_content
from services.registry.imports.columns import SHEETS, Sheet
from services.registry.recording.kind import Kind
from tests.registry.samples import VILLAGE, identity_number

Row = Mapping[str, Any]
Sheets = Mapping[str, Sequence[Row]]

HEAD = identity_number("19630512", "001")
SPOUSE = identity_number("19650203", "002")
CHILD = identity_number("20080901", "001")


def household(number: str = "CA-1", **cells: Any) -> dict[str, Any]:
    return {
        "户编号": number,
        "村编码": VILLAGE,
        "农户类别": "低保",
        "登记日期": "2019-10-01",
    } | cells


def member(number: str = "CA-1", document: Any = HEAD, **cells: Any) -> dict[str, Any]:
    return {
        "户编号": number,
        "姓名": "张三",
        "证件类型": "居民身份证",
        "证件号码": document,
        "与户主关系": "户主",
        "加入日期": "2019-10-01",
    } | cells


def income(number: str = "CA-1", **cells: Any) -> dict[str, Any]:
    return {
        "户编号": number,
        "收入来源": "工资性收入",
        "收入项目": "其他工资性",
        "期间起": "2019-01-01",
        "期间止": "2019-12-31",
        "金额": 8000,
        "是否经常性": "是",
    } | cells


def check(number: str = "CA-1", **cells: Any) -> dict[str, Any]:
    return {
        "户编号": number,
        "核查日期": "2020-06-10",
        "核查人": "李明",
        "核查部门": "县农业农村局",
    } | cells


def circumstances(number: str = "CA-1", **cells: Any) -> dict[str, Any]:
    return check(number, 核查日期="2020-08-20", 已签核对委托书="是") | cells


def everything() -> dict[str, list[Row]]:
    """One household with something on every sheet, as officials would fill it in."""
    spelled_out: dict[str, list[Row]] = {
        "农户": [
            household(
                主要致贫原因="因病",
                其他致贫原因="因残、缺劳力",
                疫情影响="否",
                住址="（虚构）1 号",
                联系电话="13812345678",
                登记日期=date(2019, 10, 1),
            )
        ],
        "成员": [
            member(
                民族="汉族", 文化程度="小学", 健康状况="长期慢性病", 务工月数=3.0, 享受低保="是"
            ),
            member(document=CHILD, 姓名="张小", 与户主关系="子女", 在校状况="在校"),
        ],
        "收入": [
            income(金额=12000.5, 备注="护林员\n岗位"),
            income(收入来源="转移性收入", 收入项目="养老金", 金额="3600.00"),
        ],
        "吃": [check(是否短缺="否", 发现方式="核查发现")],
        "穿": [check(是否短缺="否")],
        "义务教育": [check(适龄儿童人数=1, 失学辍学人数=0, 送教上门人数="0")],
        "基本医疗": [check(未参保人数=0)],
        "住房安全": [check(住房等级="C", 是否唯一住房="是", 鉴定单位="县住建局")],
        "饮水安全": [check(人均日水量=60, 水质达标="是", 年断水天数=3, 情况说明="良好")],
        "家庭状况": [circumstances(住房套数=1, 金融资产=3200.5, 医疗自付支出="8600.00")],
    }
    return {
        sheet.name.value: spelled_out.get(sheet.name) or [row_of_example(sheet)] for sheet in SHEETS
    }


def rows_of_everything() -> int:
    """Return how many rows that is."""
    return sum(map(len, everything().values()))


def row_of_example(sheet: Sheet, number: str = "CA-1") -> dict[str, Any]:
    """Return the example of a kind's content as a row of its one sheet."""
    kind: Kind[Any] = sheet.kind  # type: ignore[assignment]
    extra: Any = kind.content.model_config["json_schema_extra"]
    values = kind.columns(kind.content.model_validate(extra["examples"][0] | sheet.fixed))
    return {"户编号": number} | {
        column.header: cell_content(column, values[column.member])
        for column in sheet.columns
        if values.get(column.member) is not None
    }


def workbook(sheets: Sheets) -> bytes:
    """Return an .xlsx file; headers are those of the rows, in the order of their appearance."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        headers = list(dict.fromkeys(header for row in rows for header in row))
        page.write_row(0, 0, headers)
        for number, row in enumerate(rows, start=1):
            for place, header in enumerate(headers):
                value = row.get(header)
                if isinstance(value, date):
                    page.write_datetime(number, place, value, day)
                elif isinstance(value, str):
                    write = page.write_formula if value.startswith("=") else page.write_string
                    write(number, place, value)
                elif value is not None:
                    page.write(number, place, value)
    book.close()
    return file.getvalue()


def csv_files(sheets: Sheets, encoding: str = "utf-8-sig") -> list[tuple[str, bytes]]:
    """Return one CSV file for each sheet."""
    files = []
    for name, rows in sheets.items():
        headers = list(dict.fromkeys(header for row in rows for header in row))
        text = StringIO(newline="")
        lines = csv.DictWriter(text, headers)
        lines.writeheader()
        lines.writerows(rows)
        files.append((f"{name}.csv", text.getvalue().encode(encoding)))
    return files
