"""The time of the local run, which may be moved forward: ``python -m deploy.clock advance 5d``."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from deploy.environment import Installation
from shared.clock import CHINA, ClockUnreadable, DemonstrationClock

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_STEP = re.compile(r"([0-9]{1,4})([hdw])")
app = typer.Typer(add_completion=False, help=__doc__)
Folder = Annotated[Path, typer.Option(envvar="QINGLING_FOLDER", help="Folder of the local run")]


def step(text: str) -> timedelta:
    """Return how far to move. Raises typer.BadParameter."""
    said = _STEP.fullmatch(text)
    if said is None:
        raise typer.BadParameter("say how far as 12h, 5d or 2w; the clock goes forward only")
    return int(said[1]) * _UNITS[said[2]]


@app.callback(invoke_without_command=True)
def show(context: typer.Context, folder: Folder = Path(".local")) -> None:
    """Show what time it is in the local run."""
    context.obj = folder
    if context.invoked_subcommand is None:
        _tell(_clock_of(folder).now())


@app.command()
def advance(
    context: typer.Context,
    by: Annotated[timedelta, typer.Argument(parser=step, metavar="STEP", help="12h, 5d, 2w")],
) -> None:
    """Move the clock forward; what falls due by then is looked at within a minute or two."""
    _tell(_clock_of(context.obj).advance(by))


@app.command()
def today(context: typer.Context) -> None:
    """Move the clock forward to the machine's time."""
    clock = _clock_of(context.obj)
    behind = datetime.now(UTC) - clock.now()
    _tell(clock.advance(max(behind, timedelta())))


def _clock_of(folder: Path) -> DemonstrationClock:
    file = Installation(folder, {}).clock_file
    if not file.exists():
        raise typer.BadParameter(
            f"{folder} has no clock; start the system there first (make run), or name its folder with "
            "--folder"
        )
    try:
        return DemonstrationClock(file)
    except ClockUnreadable as error:
        raise typer.BadParameter(str(error)) from error


def _tell(moment: datetime) -> None:
    typer.echo(f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M} in China")


if __name__ == "__main__":
    app()
