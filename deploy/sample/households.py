"""Synthetic households: rows of the import workbook, sheet by sheet, without a file.

Everything is invented and says so: names begin with 样本, addresses with （虚构样本）. Judged as of
2020-10-15 most households are cleared; the rest follow the patterns of ``patterns.py``.
"""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from deploy.sample.identities import IdentityNumbers
from deploy.sample.patterns import SHARES, Pattern

Row = dict[str, Any]
DIVISIONS = (
    Path(__file__).parent.parent.parent
    / "services/registry/divisions/zhejiang-divisions-2020-06-30.csv"
)
YEAR = (date(2019, 10, 1), date(2020, 9, 30))
JOINED = date(2019, 10, 1)
CHECKED_FROM, CHECK_DAYS = date(2020, 6, 1), 90
STALE = date(2018, 5, 20)
REPAIRED = date(2020, 9, 20)
LINE = 8000
YES, NO = "是", "否"
HEAD_AGES, PARTNER_AGES, CHILD_AGES, ELDER_AGES = (35, 62), (33, 60), (7, 15), (65, 85)
SOURCES = {
    "工资性收入": "其他工资性",
    "生产经营性收入": "其他生产经营性",
    "财产性收入": "其他财产性",
    "转移性收入": "其他转移性",
}
EXPENSES = ("生产经营性支出", "生产经营性支出")
CHECKS = ("吃", "穿", "义务教育", "基本医疗", "住房安全", "饮水安全")
DEPARTMENTS = dict(
    zip(CHECKS, ("民政局", "民政局", "教育局", "医保局", "住建局", "水利局"), strict=True)
)


@dataclass(slots=True)
class SampleHousehold:
    """One household: its pattern, and its rows by sheet."""

    pattern: Pattern
    rows: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """The household's own number."""
        number: str = self.rows["农户"][0]["户编号"]
        return number


def county_households(county: str, count: int, seed: int = 1) -> Iterator[SampleHousehold]:
    """Yield households spread over a county's administrative villages."""
    return _households(villages_of(county[:6]), count, seed)


def province_households(count: int, seed: int = 1) -> Iterator[SampleHousehold]:
    """Yield households spread over every administrative village of the province."""
    return _households(villages_of(""), count, seed)


@cache
def villages_of(prefix: str) -> tuple[str, ...]:
    """Return the administrative villages whose code begins with some digits."""
    with DIVISIONS.open(encoding="utf-8", newline="") as file:
        return tuple(
            row["code"]
            for row in csv.DictReader(file)
            if row["level"] == "village"
            and row["code"].startswith(prefix)
            and "200" <= row["code"][9:] <= "399"
        )


def _households(villages: tuple[str, ...], count: int, seed: int) -> Iterator[SampleHousehold]:
    chance = random.Random(seed)
    numbers = IdentityNumbers()
    cards = [pattern for pattern, share in SHARES.items() for _ in range(share)]
    cards += [Pattern.CLEARED] * (100 - len(cards))
    for place in range(count):
        if place % len(cards) == 0:
            chance.shuffle(cards)
        village = villages[place * len(villages) // count]
        pattern = cards[place % len(cards)]
        yield _household(pattern, place + 1, village, chance, numbers)


def _household(
    pattern: Pattern, place: int, village: str, chance: random.Random, numbers: IdentityNumbers
) -> SampleHousehold:
    number = f"YB-{place:06d}"
    made = SampleHousehold(pattern)
    members = _members(pattern, number, chance, numbers)
    made.rows["农户"] = [_roll(pattern, number, village, place, chance)]
    made.rows["成员"] = members
    made.rows["收入"] = _income(pattern, number, len(members), chance)
    made.rows |= _checks(pattern, number, chance)
    return made


def _roll(pattern: Pattern, number: str, village: str, place: int, chance: random.Random) -> Row:
    cause = {Pattern.ILL_BUT_HEALTHY: "因病", Pattern.DISABLED_BUT_NOBODY: "因残"}.get(pattern)
    dibao = pattern is Pattern.DIBAO_WITHOUT_MONEY
    return {
        "户编号": number,
        "村编码": village,
        "农户类别": "低保" if dibao else chance.choice(("低保边缘", "其他")),
        "主要致贫原因": cause or chance.choice(("缺技术", "缺劳力", "缺资金")),
        "其他致贫原因": None,
        "疫情影响": chance.choice((YES, NO)),
        "住址": f"（虚构样本）{place} 号",
        "联系电话": f"100{place % 10**8:08d}",
        "登记日期": JOINED,
    }


def _members(
    pattern: Pattern, number: str, chance: random.Random, numbers: IdentityNumbers
) -> list[Row]:
    roles = [("户主", HEAD_AGES)]
    if chance.random() < 0.7:
        roles.append(("配偶", PARTNER_AGES))
    with_child = pattern in (Pattern.OUT_OF_SCHOOL, Pattern.SCHOOL_UNKNOWN)
    if with_child or chance.random() < 0.4:
        roles.append(("子女", CHILD_AGES))
    if chance.random() < 0.3:
        roles.append(("父母", ELDER_AGES))
    works = pattern is not Pattern.WAGES_WITHOUT_WORKER
    rows = [_member(number, role, ages, chance, numbers, works=works) for role, ages in roles]
    if pattern is Pattern.OUT_OF_SCHOOL:
        _child_of(rows).update({"在校状况": "失学辍学", "失学辍学原因": "家庭困难"})
    if pattern is Pattern.SCHOOL_UNKNOWN:
        _child_of(rows)["在校状况"] = None
    if pattern is Pattern.UNINSURED:
        rows[0]["医疗保险"] = "未参保"
    if pattern is Pattern.INSURANCE_UNKNOWN:
        rows[0]["医疗保险"] = None
    return rows


def _child_of(rows: list[Row]) -> Row:
    return next(row for row in rows if row["与户主关系"] == "子女")


def _member(
    number: str,
    role: str,
    ages: tuple[int, int],
    chance: random.Random,
    numbers: IdentityNumbers,
    *,
    works: bool,
) -> Row:
    # At least ages[0] and less than ages[1] + 1 full years old in October 2020.
    born = date(2020, 9, 1) - timedelta(days=chance.randint(ages[0] * 366, ages[1] * 365))
    document, birth, sex = numbers.next(born)
    child, elder = role == "子女", role == "父母"
    working = works and not child and not elder
    return {
        "户编号": number,
        "姓名": f"样本{role}{document[14:17]}",
        "证件类型": "居民身份证",
        "证件号码": document,
        "与户主关系": role,
        "性别": "男" if sex == "1" else "女",
        "出生日期": birth,
        "民族": "汉族",
        "文化程度": "小学" if child or elder else "初中",
        "在校状况": "在校" if child else "已毕业",
        "失学辍学原因": None,
        "健康状况": "健康",
        "劳动能力": "普通劳动力" if working else "无劳动力",
        "务工月数": chance.randint(3, 12) if working else 0,
        "务工地点": chance.choice(("乡镇内", "县外省内")) if working else None,
        "公益性岗位": NO,
        "医疗保险": "居民医保",
        "大病保险": YES,
        "养老保险": NO if child else YES,
        "享受低保": NO,
        "享受特困供养": NO,
        "加入日期": JOINED,
        "离开日期": None,
        "离开原因": None,
    }


def _income(pattern: Pattern, number: str, persons: int, chance: random.Random) -> list[Row]:
    per_head = chance.randint(8200, 16000)
    if pattern is Pattern.LOW_INCOME:
        per_head = chance.randint(6000, 7900)
    if pattern is Pattern.LIFTED_ONCE:
        per_head = chance.randint(7000, 7900)
    if pattern is Pattern.COPIED_INCOME:
        per_head = 8018
    total = per_head * persons
    business = 0 if pattern is Pattern.COPIED_INCOME else chance.randint(0, 3) * 1000
    expenses = business // 4
    if pattern is Pattern.BUSINESS_WITHOUT_EXPENSES:
        business, expenses = 4000, 0
    amounts = {
        "工资性收入": total - business + expenses - 600,
        "生产经营性收入": business,
        "财产性收入": 0,
        "转移性收入": 600,
    }
    if pattern is Pattern.SOURCE_MISSING:
        del amounts["财产性收入"]
    rows = [_entry(number, source, SOURCES[source], amount) for source, amount in amounts.items()]
    if expenses:
        rows.append(_entry(number, *EXPENSES, expenses))
    if pattern is Pattern.LIFTED_ONCE:
        lift = (LINE + 18) * persons - total
        sale = _entry(number, "生产经营性收入", "其他生产经营性", lift, recurring=NO)
        rows.append(sale | {"备注": "出售家禽（一次性）"})
    return rows


def _entry(number: str, source: str, item: str, amount: int, recurring: str = YES) -> Row:
    return {
        "户编号": number,
        "收入来源": source,
        "收入项目": item,
        "期间起": YEAR[0],
        "期间止": YEAR[1],
        "金额": f"{amount}.00",
        "是否经常性": recurring,
        "备注": None,
    }


def _checks(pattern: Pattern, number: str, chance: random.Random) -> dict[str, list[Row]]:
    day = CHECKED_FROM + timedelta(days=chance.randrange(CHECK_DAYS))
    left_out = chance.choice(CHECKS) if pattern is Pattern.CHECK_MISSING else None
    stale = chance.choice(CHECKS) if pattern is Pattern.CHECK_STALE else None
    sheets = {}
    for sheet in CHECKS:
        if sheet == left_out:
            continue
        row = {
            "户编号": number,
            "核查日期": STALE if sheet == stale else day,
            "核查人": f"样本核查员{int(number[-2:]) % 20}",
            "核查部门": DEPARTMENTS[sheet],
            "情况说明": None,
        }
        sheets[sheet] = [row | _found(sheet, pattern)]
    if pattern is Pattern.REPAIRED:
        repaired = {"核查日期": REPAIRED, "住房等级": "A", "情况说明": "已修缮，重新鉴定"}
        sheets["住房安全"].append(sheets["住房安全"][0] | repaired)
    return sheets


def _found(sheet: str, pattern: Pattern) -> Row:
    match sheet:
        case "吃":
            short = pattern is Pattern.SHORT_OF_FOOD
            return {"是否短缺": YES if short else NO, "发现方式": "核查发现"}
        case "穿":
            short = pattern is Pattern.SHORT_OF_CLOTHING
            return {
                "是否短缺": YES if short else NO,
                "发现方式": "农户反映" if short else "核查发现",
            }
        case "义务教育":
            out = int(pattern is Pattern.OUT_OF_SCHOOL)
            return {"适龄儿童人数": 1, "失学辍学人数": out, "送教上门人数": 0}
        case "基本医疗":
            return {"未参保人数": int(pattern is Pattern.UNINSURED)}
        case "住房安全":
            unsafe = pattern in (Pattern.UNSAFE_HOME, Pattern.REPAIRED)
            grade = "C" if unsafe else "B"
            return {"住房等级": grade, "是否唯一住房": YES, "鉴定单位": "样本鉴定站"}
        case _:
            far = pattern is Pattern.FAR_WATER
            return {
                "人均日水量": 50,
                "缺水地区": NO,
                "水质达标": YES,
                "自来水入户": NO if far else YES,
                "往返取水分钟": 35 if far else 0,
                "取水距离": 1200 if far else 0,
                "取水高差": 90 if far else 0,
                "年断水天数": 5,
            }
