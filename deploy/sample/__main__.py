"""Write a synthetic county's files: ``python -m deploy.sample --out folder``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from deploy.sample.households import county_households
from deploy.sample.places import CountyUnknown
from deploy.sample.workbook import write_csv_folder, write_workbook


class Format(StrEnum):
    """One workbook, or a file for each of its sheets."""

    XLSX = "xlsx"
    CSV = "csv"


def main(
    out: Annotated[Path, typer.Option(help="Folder to write to")],
    division: Annotated[str, typer.Option(help="12-digit code of a county")] = "330127000000",
    households: Annotated[int, typer.Option(min=1, max=100_000)] = 600,
    file_format: Annotated[Format, typer.Option("--format")] = Format.XLSX,
    seed: Annotated[int, typer.Option(help="The same seed makes the same households")] = 1,
) -> None:
    """Write invented households of a real county, ready to import."""
    out.mkdir(parents=True, exist_ok=True)
    try:
        made = county_households(division, households, seed)
    except CountyUnknown as error:
        raise typer.BadParameter(str(error), param_hint="--division") from error
    if file_format is Format.XLSX:
        count = write_workbook(out / f"{division}.xlsx", made)
    else:
        count = write_csv_folder(out, made)
    typer.echo(f"{count} synthetic households in {out}")


if __name__ == "__main__":
    typer.run(main)
