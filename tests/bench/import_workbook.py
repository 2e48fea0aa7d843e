"""A workbook of invented households for the benchmark of imports."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import xlsxwriter
from stdnum.iso7064 import mod_11_2

from services.registry.imports.columns import SHEETS

VILLAGES = ("330127100002", "330127100003", "330127100004", "330127100008")
CHECKED = "2020-06-10"
INCOME = (
    ("工资性收入", "其他工资性", "是"),
    ("生产经营性收入", "其他生产经营性", "是"),
    ("财产性收入", "资产收益分红", "是"),
    ("转移性收入", "养老金", "是"),
    ("转移性收入", "其他转移性", "否"),
)
Row = dict[str, str | int | float | date]


def write_workbook(file: Path, households: int, seed: int = 1) -> int:
    """Write a workbook of households with 3 members, 5 income entries and 6 checks each.

    Returns the number of rows of data.
    """
    rows = 0
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for sheet in SHEETS:
            page = book.add_worksheet(sheet.name)
            page.write_row(0, 0, list(sheet.by_header))
            random = Random(f"{seed} {sheet.name}")
            for number, row in enumerate(_rows(sheet.name, households, random), start=1):
                for place, header in enumerate(sheet.by_header):
                    value = row.get(header)
                    if isinstance(value, date):
                        page.write_datetime(number, place, value, day)
                    elif value is not None:
                        page.write(number, place, value)
                rows += 1
    return rows


def _rows(sheet: str, households: int, random: Random) -> Iterator[Row]:
    for place in range(households):
        number = f"CA-{place:06d}"
        match sheet:
            case "农户":
                yield _household(number, random)
            case "成员":
                yield from _members(number, 3 * place, random)
            case "收入":
                yield from _income(number, random)
            case _:
                yield _check(number, sheet, random)


def _household(number: str, random: Random) -> Row:
    return {
        "户编号": number,
        "村编码": random.choice(VILLAGES),
        "农户类别": random.choice(("低保", "低保边缘", "特困", "其他")),
        "主要致贫原因": random.choice(("因病", "因残", "缺劳力")),
        "其他致贫原因": random.choice(("因学", "因灾、缺资金")),
        "疫情影响": random.choice("是否"),
        "住址": f"（虚构）{random.randrange(300)} 号",
        "联系电话": f"138{random.randrange(10**8):08d}",
        "登记日期": date(2019, 10, 1),
    }


def _members(number: str, first: int, random: Random) -> Iterator[Row]:
    for place, relation in enumerate(("户主", "配偶", "子女")):
        yield {
            "户编号": number,
            "姓名": random.choice("赵钱孙李周吴郑王") + random.choice("一二三四五六七八九"),
            "证件类型": "居民身份证",
            "证件号码": _document(first + place, random),
            "与户主关系": relation,
            "民族": "汉族",
            "文化程度": "小学",
            "健康状况": random.choice(("健康", "长期慢性病")),
            "劳动能力": "普通劳动力",
            "务工月数": random.randrange(13),
            "务工地点": "乡镇内",
            "公益性岗位": "否",
            "医疗保险": "居民医保",
            "大病保险": "是",
            "养老保险": "是",
            "享受低保": "否",
            "加入日期": date(2019, 10, 1),
        }


def _document(place: int, random: Random) -> str:
    born = date(1950, 1, 1) + timedelta(days=place // 900)
    seventeen = f"330127{born:%Y%m%d}{place % 900:03d}"
    return seventeen + str(mod_11_2.calc_check_digit(seventeen))


def _income(number: str, random: Random) -> Iterator[Row]:
    for source, item, recurring in INCOME:
        yield {
            "户编号": number,
            "收入来源": source,
            "收入项目": item,
            "期间起": "2019-10-01",
            "期间止": "2020-09-30",
            "金额": random.randrange(100, 2_000_000) / 100,
            "是否经常性": recurring,
        }


def _check(number: str, sheet: str, random: Random) -> Row:
    common: Row = {
        "户编号": number,
        "核查日期": CHECKED,
        "核查人": random.choice(("李明", "王芳", "陈伟")),
        "核查部门": "县农业农村局",
    }
    return common | _EVIDENCE[sheet]


_EVIDENCE: dict[str, Row] = {
    "吃": {"是否短缺": "否", "发现方式": "核查发现"},
    "穿": {"是否短缺": "否", "发现方式": "核查发现"},
    "义务教育": {"适龄儿童人数": 1, "失学辍学人数": 0, "送教上门人数": 0},
    "基本医疗": {"未参保人数": 0},
    "住房安全": {"住房等级": "B", "是否唯一住房": "是", "鉴定单位": "县住建局"},
    "饮水安全": {
        "人均日水量": 60,
        "缺水地区": "否",
        "水质达标": "是",
        "自来水入户": "是",
        "年断水天数": 3,
    },
}
