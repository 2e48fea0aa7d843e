"""What is written reads back as what was made."""

import codecs
import csv
from collections.abc import Sequence
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import typer
from python_calamine import load_workbook
from typer.testing import CliRunner, Result

from deploy.sample.__main__ import main
from deploy.sample.households import county_households
from deploy.sample.records import Check, Household
from deploy.sample.workbook import write_csv_folder, write_workbook
from services.registry.imports.columns import SHEET_BY_NAME, SHEETS

CHUNAN = "330127000000"
Rows = list[list[Any]]


@pytest.fixture(scope="module")
def households() -> list[Household]:
    return list(county_households(CHUNAN, 200))


@pytest.fixture(scope="module")
def written(households: list[Household], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "sample.xlsx"
    assert write_workbook(path, iter(households)) == len(households)
    return path


def read(path: Path) -> dict[str, Rows]:
    book = load_workbook(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def parsed(rows: Rows, sheet: str) -> list[dict[str, Any]]:
    """Return the rows as the importer reads them, blank cells left out."""
    columns = SHEET_BY_NAME[sheet].by_header
    found = []
    for row in rows[1:]:
        values = {
            columns[header].member: columns[header].cell.read(cell)
            for header, cell in zip(rows[0], row, strict=True)
            if cell != ""
        }
        found.append(values)
    return found


def expected(households: list[Household], sheet: str) -> list[dict[str, Any]]:
    """Return what the rows of a sheet should read as: the records, unknown members left out."""
    rows = []
    for household in households:
        for record in records(household, sheet):
            values = {
                member: found(record, household, member)
                for member in SHEET_BY_NAME[sheet].by_member
            }
            rows.append({name: value for name, value in values.items() if value is not None})
    return rows


def records(household: Household, sheet: str) -> Sequence[Any]:
    match sheet:
        case "农户":
            return [household]
        case "成员":
            return household.members
        case "收入":
            return household.income
        case "家庭状况":
            return household.circumstances
    guarantee = SHEET_BY_NAME[sheet].fixed.get("guarantee")
    return [check for check in household.checks if check.guarantee == guarantee]


def found(record: Any, household: Household, member: str) -> Any:
    if member == "household_number":
        return household.number
    if member == "other_causes":
        return list(record.other_causes) or None
    if isinstance(record, Check) and member in record.evidence:
        return record.evidence[member]
    return getattr(record, member, None)


def test_the_sheets_and_headers_are_the_importers(written: Path) -> None:
    rows = read(written)
    assert list(rows) == [sheet.name.value for sheet in SHEETS]
    for sheet in SHEETS:
        assert rows[sheet.name.value][0] == [column.header for column in sheet.columns]


@pytest.mark.parametrize("sheet", SHEET_BY_NAME)
def test_the_workbook_reads_back_as_the_records(
    written: Path, households: list[Household], sheet: str
) -> None:
    assert parsed(read(written)[sheet], sheet) == expected(households, sheet)


@pytest.mark.parametrize("sheet", SHEET_BY_NAME)
def test_the_csv_files_read_back_as_the_records(
    tmp_path: Path, households: list[Household], sheet: str
) -> None:
    assert write_csv_folder(tmp_path / "files", iter(households)) == len(households)
    raw = (tmp_path / "files" / f"{sheet}.csv").read_bytes()
    assert raw.startswith(codecs.BOM_UTF8)
    rows = list(csv.reader(StringIO(raw.decode("utf-8-sig"))))
    assert parsed(rows, sheet) == expected(households, sheet)


def test_amounts_are_exact_text(written: Path, households: list[Household]) -> None:
    rows = read(written)["收入"]
    amounts = [row[rows[0].index("金额")] for row in rows[1:]]
    made = [entry.amount for household in households for entry in household.income]
    assert amounts == [f"{fen // 100}.{fen % 100:02}" for fen in made]


def test_the_last_day_of_an_accounting_year_is_inclusive(written: Path) -> None:
    rows = read(written)["收入"]
    last_days = {row[rows[0].index("期间止")] for row in rows[1:]}
    assert last_days == {date(2020, 9, 30), date(2019, 12, 31), date(2019, 9, 30)}


def test_no_file_tells_the_pattern(written: Path, households: list[Household]) -> None:
    cells = {cell for rows in read(written).values() for row in rows for cell in row}
    assert not cells & {text for one in households for text in (str(one.pattern), one.pattern.zh)}


@pytest.mark.parametrize(("form", "files"), [("xlsx", 1), ("csv", len(SHEETS))])
def test_the_command_writes_the_files(tmp_path: Path, form: str, files: int) -> None:
    done = run("--out", str(tmp_path), "--households", "5", "--format", form)
    assert done.exit_code == 0, done.output
    assert "5 synthetic households" in done.output
    assert len(list(tmp_path.iterdir())) == files


def test_the_command_refuses_what_is_no_county(tmp_path: Path) -> None:
    done = run("--out", str(tmp_path), "--division", "330100000000")
    assert done.exit_code == 2
    assert not list(tmp_path.iterdir())


def run(*arguments: str) -> Result:
    command = typer.Typer()
    command.command()(main)
    return CliRunner().invoke(command, arguments)
