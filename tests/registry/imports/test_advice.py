"""What people are told to do: in the words of their files, and nothing that leads them further astray."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.registry.imports.cells import Choice
from services.registry.imports.columns import SHEETS
from services.registry.imports.gathering import Gathered, Table
from services.registry.imports.reading import Reading, matched
from shared.values.refusal import InvalidValue
from shared.values.words import words_in
from tests.registry.imports.conftest import Desk
from tests.registry.imports.workbooks import HEAD, SPOUSE, check, household, income, member

REGISTRY = Path(__file__).parents[3] / "services" / "registry"
# What no sheet has may be told in the words of the wire.
WORDS = sorted(
    {*REGISTRY.rglob("refusals.yaml"), *REGISTRY.rglob("checking.yaml")}
    - {REGISTRY / "divisions" / "refusals.yaml"}
)
_WIRE_NAME = re.compile(r"[a-z]+_[a-z]+")


@pytest.mark.parametrize("file", WORDS, ids=lambda file: file.parent.name)
def test_chinese_words_for_sheets_name_no_member_of_the_wire(file: Path) -> None:
    for reason, words in words_in(file).items():
        told = re.sub(r"\{.*?\}", "", words.cell.zh if words.cell else words.zh)
        assert not _WIRE_NAME.search(told), reason


async def test_items_of_income_are_told_by_their_labels(drill: Desk) -> None:
    sheets = {"农户": [household()], "收入": [income(收入项目="养老金")]}
    (row,) = await drill.rows(await drill.import_sheets(sheets), outcome="failed")
    said = row["problems"][0]["detail"]["zh"]
    assert "养老金" in said
    assert "转移性收入" in said
    assert not re.search("[a-z]", said)


CODED = [
    pytest.param(column.cell, id=f"{sheet.name}-{column.header}")
    for sheet in SHEETS
    for column in sheet.columns
    if isinstance(column.cell, Choice)
]


@pytest.mark.parametrize("cell", CODED)
def test_template_and_refusal_name_the_same_choices(cell: Choice) -> None:
    with pytest.raises(InvalidValue) as caught:
        cell.read("并非任何一项")
    named = cell.describe().removeprefix("选一项：")
    assert f"请填：{named}。" in caught.value.message.zh
    for choice in cell.choices:
        assert choice in named
    for each in named.split("、"):
        assert cell.read(each) is not None


def read_headers(*headers: str, sheet: str = "成员", others: tuple[str, ...] = ()) -> Reading:
    tables = [Table(sheet, False, [1, 2], [[*headers], ["x"] * len(headers)])]
    tables += [Table(other, False, [1], [["户编号"]]) for other in others]
    return matched(Gathered(tables))


def told(reading: Reading) -> Iterator[str]:
    for problem in reading.problems:
        if problem.code.endswith("-unknown"):
            yield problem.message.zh


@pytest.mark.parametrize(
    ("headers", "meant"),
    [
        (["户号", "姓名"], "户编号"),
        (["证件号", "户编号"], "证件号码"),
        (["序号", "姓名"], None),
        (["序号", "户编号"], None),
        (["户号", "户编号"], None),
        (["编号", "户编号"], None),
    ],
)
def test_a_header_is_taken_for_none_that_is_there(headers: list[str], meant: str | None) -> None:
    (said,) = told(read_headers(*headers))
    assert ("是否指" in said) is bool(meant)
    assert f"“{meant}”" in said or meant is None


def test_a_sheet_is_taken_for_none_that_is_there() -> None:
    (alone,) = told(read_headers("户编号", sheet="收入表"))
    assert "是否指“收入”" in alone
    (beside,) = told(read_headers("户编号", sheet="收入表", others=("收入",)))
    assert "是否指" not in beside


@pytest.mark.parametrize("header", ["外部编号", "外部系统", "external_id", "External source"])
def test_ids_of_other_systems_have_no_column(header: str) -> None:
    (said,) = told(read_headers("户编号", header))
    assert "其他系统" in said
    assert "是否指" not in said


async def test_a_number_that_is_wrong_is_told_beside_a_second_head(drill: Desk) -> None:
    wrong = SPOUSE[:-1] + ("0" if SPOUSE[-1] != "0" else "1")
    rows: list[Any] = [member(document=HEAD), member(document=wrong)]
    done = await drill.import_sheets({"农户": [household()], "成员": rows})
    (row,) = await drill.rows(done, outcome="failed")
    codes = {problem["code"]: problem for problem in row["problems"]}
    assert codes.keys() == {"head-repeated", "identity-number-check-digit"}
    assert "第 2 行" in codes["head-repeated"]["detail"]["zh"]


async def test_checks_say_what_grades_there_are(drill: Desk) -> None:
    sheets = {"农户": [household()], "住房安全": [check(住房等级="E")]}
    (row,) = await drill.rows(await drill.import_sheets(sheets), outcome="failed")
    assert "C（局部危险）" in row["problems"][0]["detail"]["zh"]
