"""Print a token for somebody: ``python -m deploy.token 330127000000 county-clerk``."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from deploy.environment import Installation


def main(
    division: Annotated[str, typer.Argument(help="12-digit code of the caller's division")],
    subject: Annotated[str, typer.Argument(help="Who the caller is")],
    folder: Annotated[
        Path, typer.Option(envvar="QINGLING_FOLDER", help="Folder of the local run")
    ] = Path(".local"),
    days: Annotated[int, typer.Option(min=1, max=365)] = 30,
) -> None:
    """Print a token with every scope for one division, signed with the local run's key."""
    installation = Installation(folder, {})
    typer.echo(installation.token(subject, division, lifetime=timedelta(days=days)))


if __name__ == "__main__":
    typer.run(main)
