"""Rows meant to correct an income entry that would stand beside it: told, and never counted twice."""

from collections.abc import Sequence
from typing import Any

import pytest

from services.registry.imports.columns import SHEETS
from services.registry.imports.template import same_record
from tests.registry.imports.conftest import Desk
from tests.registry.imports.workbooks import household, income

ON_RECORD = [
    income(),
    income(收入来源="生产经营性收入", 收入项目="其他生产经营性", 金额=0),
    income(收入来源="财产性收入", 收入项目="其他财产性", 金额=0),
    income(收入来源="转移性收入", 收入项目="养老金", 金额=3600),
]
CODE = "income-on-record-otherwise"
LATER = {"期间起": "2019-07-01", "期间止": "2020-06-30"}


@pytest.fixture(scope="module")
async def filled(county: Desk) -> Desk:
    done = await county.import_sheets({"农户": [household()], "收入": ON_RECORD})
    assert done["result"] == "written"
    return county


async def told(desk: Desk, rows: Sequence[Any]) -> list[tuple[int, str, str]]:
    done = await desk.import_sheets({"收入": rows}, mode="each_row", dry_run="true")
    return [
        (row["row"], problem["code"], problem["column"])
        for row in await desk.rows(done, outcome="failed")
        for problem in row["problems"]
    ]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (income(是否经常性="否"), "是否经常性"),
        (income(期间起="2019-02-01", 期间止="2020-01-31"), "期间止"),
        (income(期间起="2018-01-02", 期间止="2019-01-01"), "期间止"),
        (income(**LATER, 是否经常性="否"), "期间止"),
    ],
)
async def test_a_row_that_would_stand_beside_the_entry_it_corrects(
    filled: Desk, row: Any, column: str
) -> None:
    assert await told(filled, [row]) == [(2, CODE, column)]
    assert await told(filled, [*ON_RECORD[1:], row]) == [(5, CODE, column)]


async def test_the_words_say_which_entry_and_what_to_do(filled: Desk) -> None:
    done = await filled.import_sheets({"收入": [income(是否经常性="否", 金额=1)]}, dry_run="true")
    (row,) = await filled.rows(done)
    (on_record,) = (await filled.client.get("/v1/income-entries?source=wages")).json()["items"]
    said = row["problems"][0]["detail"]
    for words in said.values():
        for shown in ("2019-01-01", "2019-12-31", "8000.00", on_record["id"]):
            assert shown in words


@pytest.mark.parametrize(
    "rows",
    [
        [income(金额=9000)],
        [income(收入项目="公益性岗位")],
        [income(期间起="2018-01-01", 期间止="2018-12-31")],
        [income(), income(是否经常性="否", 金额=500)],
        [income(是否经常性="否", 金额=500), income(金额=9000)],
        [income(), income(**LATER)],
        [row | LATER for row in ON_RECORD],
    ],
)
async def test_what_may_stand_beside_it(filled: Desk, rows: Sequence[Any]) -> None:
    assert await told(filled, rows) == []


def test_the_template_says_what_makes_a_row_the_same_record() -> None:
    (of_income,) = (same_record(sheet) for sheet in SHEETS if sheet.name == "收入")
    for header in ("户编号", "期间起", "期间止", "收入来源", "收入项目", "是否经常性"):
        assert header in of_income
    assert "金额" not in of_income
