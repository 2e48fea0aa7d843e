"""Rows that cannot be imported: each with its code, its column and the offending value."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest

from services.registry.scopes import Scope
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker
from tests.registry.imports.conftest import Desk
from tests.registry.imports.workbooks import (
    CHILD,
    HEAD,
    SPOUSE,
    Row,
    Sheets,
    check,
    circumstances,
    csv_files,
    household,
    income,
    member,
)
from tests.registry.samples import VILLAGE, identity_number

OWNED: dict[str, Sequence[Row]] = {"农户": [household()]}


async def problems(desk: Desk, sheets: Sheets, dry_run: str = "true") -> list[tuple[Any, ...]]:
    """Return (sheet, row, code, column, value) of every problem, row by row."""
    done = await desk.import_sheets(sheets, mode="each_row", dry_run=dry_run)
    assert done["state"] == "succeeded", done
    return [
        (row["sheet"], row["row"], problem["code"], problem["column"], problem["value"])
        for row in await desk.rows(done, outcome="failed")
        for problem in row["problems"]
    ]


@pytest.mark.parametrize(
    ("amount", "code", "value"),
    [
        ("8 00", "money-has-space", "8 00"),
        ("八千", "money-in-words", "八千"),
        ("8000美元", "money-malformed", "8000美元"),
        ("1e4", "money-has-exponent", "1e4"),
        ("NaN", "money-not-finite", "NaN"),
        (-1, "money-negative", "-1"),
        (0.001, "money-too-precise", "0.001"),
        (True, "money-malformed", "True"),
        (date(2020, 1, 1), "cell-not-text", "2020-01-01"),
        (10**9, "money-too-large", "1000000000"),
        (None, "cell-blank", None),
    ],
)
async def test_amounts(drill: Desk, amount: Any, code: str, value: str | None) -> None:
    found = await problems(drill, OWNED | {"收入": [income(金额=amount, 备注="x")]})
    assert found == [("收入", 2, code, "金额", value)]


@pytest.mark.parametrize(
    ("sheet", "row", "code", "column", "value"),
    [
        ("农户", household("CA 2"), "character-not-of-identifier", "户编号", "CA 2"),
        ("农户", household("CA-2", 农户类别="富裕"), "unknown-label", "农户类别", "富裕"),
        ("农户", household("CA-2", 登记日期="1/2/2020"), "date-malformed", "登记日期", "1/2/2020"),
        (
            "农户",
            household("CA-2", 登记日期=datetime(2020, 1, 1, 8)),  # noqa: DTZ001 - as in a cell
            "date-malformed",
            "登记日期",
            "2020-01-01 08:00:00",
        ),
        ("农户", household("CA-2", 登记日期=43831), "date-malformed", "登记日期", "43831"),
        ("农户", household("CA-2", 住址="a\u0007b"), "control-character", "住址", "a[U+0007]b"),
        ("农户", household("CA-2", 住址="长" * 201), "string-too-long", "住址", "长" * 60 + "…"),
        (
            "农户",
            household("CA-2", 联系电话="一三八"),
            "telephone-malformed",
            "联系电话",
            "***",
        ),
        ("农户", household("CA-2", 疫情影响="或许"), "not-yes-or-no", "疫情影响", "或许"),
        ("农户", household("CA-2", 村编码="330127000000"), "not-a-village", "村编码", None),
        ("农户", household("CA-2", 村编码="330324100001"), "not-found", "村编码", None),
        (
            "农户",
            household("CA-2", 主要致贫原因="因病", 其他致贫原因="因病"),
            "cause-repeated",
            "其他致贫原因",
            "因病",
        ),
        ("农户", household(), "row-repeated", "户编号", "CA-1"),
        ("成员", member(document=""), "cell-blank", "证件号码", None),
        (
            "成员",
            member(document="330127196305120014"),
            "identity-number-check-digit",
            "证件号码",
            None,
        ),
        ("成员", member(document=330127196305120013.0), "digits-lost", "证件号码", None),
        ("成员", member(出生日期="1963-05-13"), "birth-date-differs", "出生日期", "1963-05-13"),
        ("成员", member(务工月数=3.5), "not-a-whole-number", "务工月数", "3.5"),
        ("成员", member(务工月数=13), "less-than-equal", "务工月数", "13"),
        ("成员", member(务工月数="三四"), "not-a-whole-number", "务工月数", "三四"),
        ("成员", member(离开日期="2019-09-01"), "left-before-joined", "离开日期", "2019-09-01"),
        ("收入", income("CA-9"), "household-unknown", "户编号", "CA-9"),
        ("收入", income(收入项目="养老金"), "item-of-other-source", "收入项目", "养老金"),
        ("收入", income(期间止="2019-11-30"), "period-not-twelve-months", "期间止", "2019-11-30"),
        (
            "收入",
            income(期间起="2020-01-01", 期间止="2020-12-31"),
            "income-not-yet-earned",
            "期间止",
            None,
        ),
        ("收入", income(期间止="9999-12-31"), "date-malformed", "期间止", "9999-12-31"),
        ("吃", check("CA-9"), "household-unknown", "户编号", "CA-9"),
        ("吃", check(), "check-without-result", None, None),
        ("穿", check(发现方式="核查发现"), "check-without-result", None, None),
        ("义务教育", check(情况说明="入户未见人"), "check-without-result", None, None),
        ("基本医疗", check(), "check-without-result", None, None),
        ("住房安全", check(鉴定单位="县住建局"), "check-without-result", None, None),
        ("饮水安全", check(), "check-without-result", None, None),
        (
            "吃",
            check(核查日期="2020-10-02", 是否短缺="否"),
            "check-not-yet-made",
            "核查日期",
            "2020-10-02",
        ),
        ("住房安全", check(住房等级="E"), "unknown-label", "住房等级", "E"),
        (
            "义务教育",
            check(适龄儿童人数=1, 失学辍学人数=2),
            "children-more-than-school-age",
            None,
            None,
        ),
        ("家庭状况", circumstances(核查日期="2020-10-02"), "check-not-yet-made", "核查日期", None),
        ("家庭状况", circumstances(已签核对委托书=""), "check-without-result", None, None),
        ("家庭状况", circumstances(机动车辆数=100), "less-than-equal", "机动车辆数", "100"),
        ("家庭状况", circumstances(金融资产="三万"), "money-in-words", "金融资产", "三万"),
        (
            "家庭状况",
            circumstances(已签核对委托书="否", 住房套数=1),
            "property-without-commission",
            "住房套数",
            "1",
        ),
        ("饮水安全", check(年断水天数=400), "less-than-equal", "年断水天数", "400"),
    ],
)
async def test_cells_and_rows(
    drill: Desk, sheet: str, row: Any, code: str, column: str | None, value: str | None
) -> None:
    rows = [*OWNED.get(sheet, ()), row]
    found = await problems(drill, OWNED | {sheet: rows})
    assert [each[:4] for each in found] == [(sheet, len(rows) + 1, code, column)]
    if value is not None:
        assert found[0][4] == value


async def test_numbers_of_documents_are_masked(desk: Desk) -> None:
    wrong = HEAD[:-1] + ("0" if HEAD[-1] != "0" else "1")
    found = await problems(desk, OWNED | {"成员": [member(document=wrong)]})
    assert found == [("成员", 2, "identity-number-check-digit", "证件号码", "33" + "*" * 16)]
    done = await desk.import_sheets(OWNED | {"成员": [member(document=wrong)]})
    assert wrong not in str(await desk.rows(done))


async def test_a_person_stands_in_one_household_at_a_time(desk: Desk) -> None:
    sheets = {
        "农户": [household("CA-1"), household("CA-2")],
        "成员": [member(), member("CA-2"), member("CA-2", SPOUSE), member("CA-2", CHILD)],
    }
    assert [each[1:4] for each in await problems(desk, sheets, "false")] == [
        (3, "document-repeated", "证件号码"),
        (5, "head-repeated", "与户主关系"),
    ]
    later = {"农户": [household("CA-3")], "成员": [member("CA-3"), member("CA-1", CHILD)]}
    assert [each[1:4] for each in await problems(desk, later)] == [
        (2, "person-cannot-be-entered", "证件号码"),
        (3, "head-already-active", "与户主关系"),
    ]


async def test_a_row_that_collides_with_one_that_fails_later_is_told_of_what_stands(
    desk: Desk,
) -> None:
    spouse: dict[str, Any] = {"document": SPOUSE, "姓名": "李四", "与户主关系": "配偶"}
    await desk.import_sheets(OWNED | {"成员": [member(), member(**spouse)]})
    rows = [
        member(**spouse | {"与户主关系": "户主"}),
        member(与户主关系="配偶", 务工月数=13),
        member(document=CHILD, 姓名="张小", 加入日期="2020-01-01"),
    ]
    assert [each[1:3] for each in await problems(desk, {"成员": rows})] == [
        (2, "head-already-active"),
        (3, "less-than-equal"),
        (4, "head-already-active"),
    ]


async def test_a_household_has_ninety_nine_members_at_most_on_a_day(desk: Desk) -> None:
    def person(place: int, **cells: Any) -> Row:
        other = {"证件类型": "其他证件", "与户主关系": "其他"}
        return member(document=f"P-{place}", **other | cells)

    left = person(0, 离开日期="2020-05-01")
    first = [left, *(person(place) for place in range(1, 99))]
    later = [person(99), person(100, 加入日期="2020-05-01"), person(101, 加入日期="2020-05-01")]
    found = await problems(desk, OWNED | {"成员": [*first, *later]}, "false")
    assert [each[:4] for each in found] == [
        ("成员", place, "household-full", "加入日期") for place in (101, 103)
    ]
    again = {"成员": [*first, person(102, 加入日期="2020-06-01")]}
    assert [each[1:3] for each in await problems(desk, again)] == [(101, "household-full")]


async def test_the_same_person_under_another_document_is_the_same_person(drill: Desk) -> None:
    card = identity_number("19630512", "001") + "42"
    sheets = OWNED | {"成员": [member(), member(document=card, 证件类型="残疾人证")]}
    assert [each[2] for each in await problems(drill, sheets)] == ["document-repeated"]


async def test_rows_of_a_failed_household_fail_with_it(drill: Desk) -> None:
    sheets = {
        "农户": [household(农户类别="富裕")],
        "成员": [member()],
        "吃": [check()],
    }
    assert [(sheet, code) for sheet, _, code, _, _ in await problems(drill, sheets)] == [
        ("农户", "unknown-label"),
        ("成员", "household-failed"),
        ("吃", "household-failed"),
    ]


async def test_the_same_entry_twice_in_a_file(drill: Desk) -> None:
    sheets = OWNED | {
        "收入": [income(), income(金额="1")],
        "吃": [check(是否短缺="否"), check(是否短缺="是")],
    }
    assert [(sheet, row, code) for sheet, row, code, _, _ in await problems(drill, sheets)] == [
        ("收入", 3, "row-repeated"),
        ("吃", 3, "row-repeated"),
    ]


@pytest.mark.parametrize(
    ("sheet", "rows"),
    [
        ("农户", [household("CA-2", 疫情影响="或许"), household("CA-2")]),
        ("农户", [household("CA-2", 村编码="330127000000"), household("CA-2")]),
        ("成员", [member(务工月数=13), member()]),
        ("成员", [member(出生日期="1963-05-13"), member()]),
        ("成员", [member(性别="或许"), member(document=SPOUSE)]),
        ("收入", [income(金额="三万"), income()]),
        ("收入", [income(收入项目="养老金"), income()]),
        ("吃", [check(是否短缺="或许"), check(是否短缺="否")]),
        ("吃", [check(核查人="长" * 61, 是否短缺="是"), check(是否短缺="否")]),
    ],
)
async def test_a_row_that_fails_stands_against_no_other(
    drill: Desk, sheet: str, rows: list[Row]
) -> None:
    known = OWNED.get(sheet, [])
    found = await problems(drill, {**OWNED, sheet: [*known, *rows]})
    assert [each[1] for each in found] == [len(known) + 2]


async def test_formulas_are_refused_with_their_address(drill: Desk) -> None:
    done = await drill.import_sheets(OWNED | {"收入": [income(), income(金额="=4000*2")]})
    (row,) = await drill.rows(done, outcome="failed")
    assert (row["row"], row["problems"][0]["code"]) == (3, "formula")
    assert row["problems"][0]["column"] == "金额"
    assert "F3" in row["problems"][0]["detail"]["zh"]


async def test_nul_characters_in_csv_are_refused(drill: Desk) -> None:
    sheets = {"农户": [household(住址="a\x00b")]}
    done = await drill.import_files(csv_files(sheets))
    (row,) = await drill.rows(done)
    assert row["problems"][0]["code"] == "control-character"


async def test_numbers_typed_as_numbers_and_blanks_around_text_are_taken(drill: Desk) -> None:
    sheets = {
        "农户": [household("  CA-1 ", 村编码=330127100219, 联系电话=13812345678.0, 住址="   ")],
        "成员": [member(document=HEAD.lower(), 务工月数="3")],
    }
    assert await problems(drill, sheets) == []


async def test_rows_of_another_division_fail_as_if_it_did_not_exist(
    desk: Desk, token: TokenMaker
) -> None:
    await desk.import_sheets(OWNED)
    async with client_of(desk.app, token(*Scope, division="330127101000")) as outsider:
        other = Desk(outsider, desk.database, desk.sealer, desk.clock)
        sheets = {
            "农户": [household(), household("CA-2")],
            "收入": [income()],
        }
        assert [each[1:4] for each in await problems(other, sheets)] == [
            (2, "household-number-taken", "户编号"),
            (3, "not-found", "村编码"),
            (2, "household-failed", "户编号"),
        ]
        (taken, *_) = await other.rows(
            await other.import_sheets(sheets, dry_run="true"), outcome="failed"
        )
        assert "迁出" in taken["problems"][0]["detail"]["zh"]
        assert VILLAGE not in str(taken)
        imports = (await desk.client.get("/v1/imports")).json()["items"]
        mine = imports[-1]["id"]
        assert (await outsider.get(f"/v1/imports/{mine}")).status_code == 404
        assert (await outsider.get(f"/v1/imports/{mine}/rows")).status_code == 404


async def test_rows_of_a_failed_household_do_not_land_on_another_countys(
    desk: Desk, token: TokenMaker
) -> None:
    await desk.import_sheets({"农户": [household()]})
    async with client_of(desk.app, token(*Scope, subject="province")) as client:
        province = Desk(client, desk.database, desk.sealer, desk.clock)
        elsewhere = household(村编码="330122101203", 农户类别="富裕")
        sheets = {"农户": [elsewhere], "成员": [member()], "吃": [check()]}
        assert [each[2] for each in await problems(province, sheets)] == [
            "unknown-label",
            "household-failed",
            "household-failed",
        ]
