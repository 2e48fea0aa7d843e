"""What officials write in the cells of every column: read where it has one reading, told where not."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from services.registry.imports.cells import Amount, Choice, Choices, Day, Text, Whole, YesNo
from services.registry.imports.columns import SHEETS, Column
from services.registry.imports.parsing import parse_sheet
from services.registry.imports.reading import SheetRows
from services.registry.recording.sheet import Sensitive
from services.registry.vocabulary.code import code_list, code_lists
from shared.values.refusal import InvalidValue

COLUMNS = [
    pytest.param(column, id=f"{sheet.name}-{column.header}")
    for sheet in SHEETS
    for column in sheet.columns
]
FULL_WIDTH = {place: place + 0xFEE0 for place in range(0x21, 0x7F)}
ODD_VALUES: list[Any] = [
    1e308,
    -1e308,
    5e-324,
    float("inf"),
    float("-inf"),
    float("nan"),
    13800000000.0,
    3.3012719630512e17,
    -0.0,
    10**400,
    True,
    False,
    time(23, 59, 59),
    timedelta.max,
    timedelta.min,
    date.min,
    date.max,
    datetime.combine(date.min, time.min),
    datetime.combine(date.max, time.max),
    "\ud800",
    "\0",
    "0" * 5000,
    "9" * 5000,
    "９" * 5000,
    "9999-12-31",
    "0000-00-00",
    "一" * 5000,
    "=1+1",
    "()",
    "、、",
    "1.",
    ".5",
    "--",
]


def columns_of(kind: type) -> Iterator[Column]:
    return (column for sheet in SHEETS for column in sheet.columns if isinstance(column.cell, kind))


@pytest.mark.parametrize("column", COLUMNS)
def test_no_value_breaks_a_column(column: Column) -> None:
    sheet = next(each for each in SHEETS if column in each.columns)
    cells = [[value] for value in ODD_VALUES]
    parsed = parse_sheet(SheetRows(sheet, [(0, column)], range(2, 2 + len(cells)), cells))
    for row in parsed.rows:
        for problem in row.problems:
            problem.detail.zh.encode()
            assert problem.column == column.header
            assert len(problem.detail.zh) < 600
            assert problem.value is None or len(problem.value) <= 61


def read(cell: Any, written: Any) -> Any:
    return cell.read(written)


@pytest.mark.parametrize(
    "written",
    [
        "2020-06-30",
        "2020/6/30",
        "2020.6.30",
        "2020.06.30",
        "20200630",
        20200630.0,
        "2020年6月30日",
        "2020年06月30日",
        "2020 年 6 月 30 号",
        "二〇二〇年六月三十日",
        "二零二零年六月三十日",
        "２０２０－０６－３０",
        "２０２０／６／３０",
        "2020—06—30",
        "30/6/2020",
        "6/30/2020",
        "2020-06-30 00:00:00",
        "2020-06-30T00:00",
        "2020/6/30 0:00",
        " 2020-06-30\u00a0",
        date(2020, 6, 30),
        datetime(2020, 6, 30),  # noqa: DTZ001 - as in a cell
    ],
    ids=str,
)
def test_dates_with_one_reading_are_read(written: Any) -> None:
    assert Day().read(written) == date(2020, 6, 30)
    assert Day(inclusive_end=True).read(written) == date(2020, 7, 1)


@pytest.mark.parametrize("written", ["13/1/2020 0:00", "2020-1-13 0:00:00", "2020-1-13 00:00"])
def test_a_time_never_becomes_part_of_the_day(written: str) -> None:
    assert Day().read(written) == date(2020, 1, 13)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("01/02/2020", ["2020-01-02", "2020-02-01"]),
        ("3-4-2020", ["2020-03-04", "2020-04-03"]),
        ("20-6-30", ["四位"]),
        ("63年5月12日", ["四位"]),
        ("2020年6月", ["月或日"]),
        ("2020", ["月或日"]),
        ("2020-06-30 08:30", ["2020-06-30"]),
        (datetime(2020, 6, 30, 8), ["2020-06-30"]),  # noqa: DTZ001 - as in a cell
        ("2020-02-30", ["确有这一天"]),
        ("20201301", ["确有这一天"]),
        (43831, ["2020-01-01"]),
        ("去年", ["2020-06-30"]),
    ],
    ids=str,
)
def test_other_dates_are_told_apart(written: Any, told: list[str]) -> None:
    with pytest.raises(InvalidValue) as caught:
        Day().read(written)
    assert all(words in caught.value.message.zh for words in told)


@pytest.mark.parametrize(
    "written",
    [
        "21000",
        "21000.00",
        "21,000.00",
        "21，000.00",
        "21’000.00",
        "21 000.00",
        "２１０００",
        "２１，０００．００",
        "21000元",
        "21000 元整",
        "￥21,000.00",
        "¥ 21000",
        "人民币21000元",
        "2.1万",
        "2.1万元",
        "2.10 万元",
        " 21000\u00a0",
        21000,
        21000.0,
    ],
    ids=str,
)
def test_amounts_with_one_reading_are_read(written: Any) -> None:
    assert Amount().read(written) == 2_100_000


@pytest.mark.parametrize(
    "written",
    [
        "2,1000",
        "1,23",
        "1.234,56",
        "21 00",
        "两万一",
        "2.1e4",
        "21000左右",
        "1万-2万",
        "5%",
        "-3",
        "—",
    ],
)
def test_amounts_without_one_reading_are_refused(written: str) -> None:
    with pytest.raises(InvalidValue):
        Amount().read(written)


@pytest.mark.parametrize(
    ("written", "meant"),
    [(word, True) for word in ("是", "是的", "有", "√", "✓", "Y", "y", "Ｙ", "YES", " 是 ")]
    + [(word, False) for word in ("否", "不是", "无", "没有", "×", "N", "no", "ｎ")],
)
def test_yes_and_no(written: str, meant: bool) -> None:
    assert YesNo().read(written) is meant


@pytest.mark.parametrize("written", ["1", "0", "2", "不清楚", "/", "是否", "有无"])
def test_what_is_neither_yes_nor_no(written: str) -> None:
    with pytest.raises(InvalidValue):
        YesNo().read(written)


@pytest.mark.parametrize("column", [*columns_of(Whole)], ids=lambda column: column.header)
def test_whole_numbers_are_read_with_their_unit(column: Column) -> None:
    assert isinstance(column.cell, Whole)
    written: list[Any] = [3, 3.0, "3", "３", "3.0", " 3 ", "三"]
    written += [f"3{unit}" for unit in column.cell.units] + [
        f"3 {unit}" for unit in column.cell.units
    ]
    assert {column.cell.read(each) for each in written} == {3}
    for other in ("3公斤", "三四", "约3", "3-4", "3.5", "-3"):
        with pytest.raises(InvalidValue):
            column.cell.read(other)


def _spellings(code: str, label: str) -> list[str]:
    return [
        label,
        f" {label}\u3000",
        " ".join(label),
        code,
        code.translate(FULL_WIDTH),
        code.upper(),
        f"{code}-{label}",
        f"{code} {label}",
        f"{code}.{label}",
        f"{label}（{code}）",
        f"{label}({code})",
    ]


@pytest.mark.parametrize("name", list(code_lists()))
def test_codes_are_read_however_they_are_written(name: str) -> None:
    for code, entry in code_list(name).codes.items():
        for label in (entry.zh, *entry.aliases):
            for written in _spellings(code, label):
                assert code_list(name).code_for_label(written) == code, written


@pytest.mark.parametrize(
    ("name", "written", "code"),
    [
        ("housing_grade", "Ｃ", "C"),
        ("housing_grade", "c级", "C"),
        ("housing_grade", "D级危房", "D"),
        ("housing_grade", "C 级（局部危险）", "C"),
        ("household_category", "低保户", "dibao"),
        ("household_category", "'4600'巩固扶持", "consolidation"),
        ("school_status", "在读", "in_school"),
        ("relation_to_head", "长子", "child"),
        ("medical_insurance", "城乡居民医疗保险", "resident"),
    ],
)
def test_what_officials_call_a_code(name: str, written: str, code: str) -> None:
    assert code_list(name).code_for_label(written) == code


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("housing_grade", "危房"),
        ("housing_grade", "C级（整幢危险）"),
        ("relation_to_head", "媳妇"),
        ("income_item", "低保金（2019）"),
        ("sex", "1.女"),
    ],
)
def test_what_has_no_one_reading_is_told(name: str, written: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        code_list(name).code_for_label(written)
    assert caught.value.code in {"unknown-label", "ambiguous-label"}


@pytest.mark.parametrize("kind", [Choice, Choices])
def test_every_choice_of_the_template_is_accepted(kind: type) -> None:
    for column in columns_of(kind):
        for choice in column.cell.choices:
            assert column.cell.read(choice) is not None


_REFUSED: list[tuple[Callable[[Any], Any], Any]] = [
    (Day().read, "2020-06-30 08:30"),
    (Day().read, "01/02/2020"),
    (Day().read, "2020年6月"),
    (Day().read, "20-6-30"),
    (Day().read, "去年"),
    (Amount().read, "21 00"),
    (Amount().read, "两万一"),
    (Amount().read, "2.1e4"),
    (Amount().read, "nan"),
    (Amount().read, "abc"),
    (Amount().read, True),
]


@pytest.mark.parametrize(("reader", "written"), _REFUSED)
def test_what_a_message_recommends_is_accepted(reader: Callable[[Any], Any], written: Any) -> None:
    with pytest.raises(InvalidValue) as caught:
        reader(written)
    details = caught.value.details
    named = [str(details[name]) for name in ("suggestion", "first", "second") if name in details]
    for suggestion in named or ["2020-06-30"]:
        assert suggestion in caught.value.message.zh or not named
        assert suggestion in caught.value.message.en or not named
        reader(suggestion)


@pytest.mark.parametrize(
    ("header", "written", "kept"),
    [
        ("姓名", "张\u3000三", "张三"),
        ("姓名", "阿卜杜拉·买买提", "阿卜杜拉·买买提"),
        ("联系电话", 13800000000.0, "13800000000"),
        ("联系电话", "138 0000 0000", "13800000000"),
        ("联系电话", "（0571）64821234", "0571-64821234"),
        ("联系电话", "0571—64821234", "0571-64821234"),
        ("证件号码", "330127 19630512 0011", "330127196305120011"),
        ("证件号码", "３３０１２７１９６３０５１２００１１", "330127196305120011"),
        ("证件号码", "11010519491231002×", "11010519491231002X"),
        ("户编号", "ＣＡ－０００１", "CA-0001"),
        ("村编码", 330127100219.0, "330127100219"),
        ("村编码", "３３０１２７１００２１９", "330127100219"),
        ("备注", "一\r\n二", "一\n二"),
    ],
)
def test_texts_are_kept_as_they_are_meant(header: str, written: Any, kept: str) -> None:
    column = next(each for each in columns_of(Text) if each.header == header)
    assert column.cell.read(written) == kept


PLANTED: list[Any] = [
    "330127196305120011",
    "330127 19630512 0011",
    "３３０１２７１９６３０５１２００１１",
    "11010519491231002x",
    "330127630512001",
    3.3012719630512e17,
    "6222021234567890128",
    "13800000000",
    13800000000.0,
    "户主：330127196305120011。",
    "330127\u200b196305120011",
]
TELLING = ("196305120011", "3800000000", "630512001", "1234567890", "19491231002", "33012719630512")


@pytest.mark.parametrize("column", COLUMNS)
def test_numbers_of_persons_are_masked_in_every_column(column: Column) -> None:
    sheet = next(each for each in SHEETS if column in each.columns)
    cells = [[value] for value in PLANTED]
    parsed = parse_sheet(SheetRows(sheet, [(0, column)], range(2, 2 + len(cells)), cells))
    said = [str(problem.as_json()) for row in parsed.rows for problem in row.problems]
    digits = ["".join(filter(str.isdecimal, words)) for words in said]
    assert [each for each in digits if any(number in each for number in TELLING)] == []
    belongs = column.sensitive in {Sensitive.DOCUMENT, Sensitive.PHONE}
    if isinstance(column.cell, Text) and not belongs:
        kept = [str(row.fields.get(column.member, "")) for row in parsed.rows]
        assert [each for each in kept if any(number in each for number in TELLING[:2])] == []
