"""The template is what the reader takes."""

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from services.registry.imports.columns import SHEETS
from services.registry.imports.gathering import CHOICES_SHEET, NOTES_SHEET
from services.registry.imports.template import template
from tests.registry.imports.conftest import Desk
from tests.registry.imports.packages import codes, read_in_process
from tests.registry.imports.workbooks import everything, workbook


async def test_the_template_is_downloaded_filled_in_and_imported(desk: Desk) -> None:
    answer = await desk.client.get("/v1/imports/template")
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    with CalamineWorkbook.from_filelike(BytesIO(answer.content)) as book:
        names = book.sheet_names
        headers = {
            sheet.name.value: book.get_sheet_by_name(sheet.name).to_python()[0] for sheet in SHEETS
        }
        notes = book.get_sheet_by_name(NOTES_SHEET).to_python()
    assert names == [NOTES_SHEET, *headers, CHOICES_SHEET]
    explained = {(row[0], row[1]) for row in notes}
    for sheet in SHEETS:
        assert {(sheet.name, column.header) for column in sheet.columns} <= explained
    filled = {
        name: [
            {str(header): row.get(str(header).rstrip("*")) for header in headers[name]}
            for row in rows
        ]
        for name, rows in everything().items()
    }
    done = await desk.import_files([("模板.xlsx", workbook(filled))])
    assert {outcome for counts in done["counts"].values() for outcome in counts} == {"created"}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_choice_offered_is_one_that_is_read(sheet: object) -> None:
    for column in next(each for each in SHEETS if each is sheet).columns:
        for label in column.cell.choices:
            assert column.cell.read(label) is not None


async def test_the_template_itself_is_readable_and_without_rows() -> None:
    assert codes(await read_in_process(("模板.xlsx", template()))) == ["no-rows"]
