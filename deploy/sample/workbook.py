"""Writing sample households as the files that a county imports."""

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import xlsxwriter

from deploy.sample.households import SampleHousehold
from services.registry.imports.columns import SHEETS


def headers() -> dict[str, list[str]]:
    """Return the headers of each sheet, as the importer knows them."""
    return {sheet.name.value: [column.header for column in sheet.columns] for sheet in SHEETS}


def write_workbook(path: Path, households: Iterable[SampleHousehold]) -> int:
    """Write one .xlsx workbook; return how many households it holds."""
    kept = list(households)
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(str(path), options) as book:
        for title, names in headers().items():
            sheet = book.add_worksheet(title)
            sheet.write_row(0, 0, names)
            rows = (row for one in kept for row in one.rows.get(title, ()))
            for place, row in enumerate(rows, start=1):
                for column, name in enumerate(names):
                    value = row.get(name)
                    if isinstance(value, date):
                        sheet.write_datetime(place, column, value)
                    elif isinstance(value, str):
                        sheet.write_string(place, column, value)
                    elif value is not None:
                        sheet.write_number(place, column, value)
    return len(kept)


def write_csv_folder(folder: Path, households: Iterable[SampleHousehold]) -> int:
    """Write one UTF-8 .csv file a sheet (with a byte order mark, as spreadsheets expect)."""
    kept = list(households)
    folder.mkdir(parents=True, exist_ok=True)
    for title, names in headers().items():
        with (folder / f"{title}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            for one in kept:
                writer.writerows(one.rows.get(title, ()))
    return len(kept)
