"""Print a token for somebody: ``python -m deploy.token 330127000000 county-clerk``."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from deploy.environment import Installation
from shared.values.divisions import parse_division_code
from shared.values.refusal import InvalidValue


def division_code(text: str) -> str:
    """Return a division's code, or say what is wrong with it and which one may be meant.

    Raises typer.BadParameter.
    """
    try:
        return parse_division_code(text)
    except InvalidValue as refusal:
        filled = text.ljust(12, "0")
        try:
            meant = f" Did you mean {parse_division_code(filled)}?"
        except InvalidValue:
            meant = ""
        raise typer.BadParameter(f"{refusal.message.en}{meant}") from refusal


def main(
    division: Annotated[
        str,
        typer.Argument(
            help="12-digit code of the caller's division", parser=division_code, metavar="DIVISION"
        ),
    ],
    subject: Annotated[str, typer.Argument(help="Who the caller is")],
    folder: Annotated[
        Path, typer.Option(envvar="QINGLING_FOLDER", help="Folder of the local run")
    ] = Path(".local"),
    days: Annotated[int, typer.Option(min=1, max=365)] = 30,
) -> None:
    """Print a token with every scope for one division, signed with the local run's key."""
    if not (folder / "keys" / "signing.jwk").exists():
        raise typer.BadParameter(
            f"{folder} holds no key to sign with; start the system there first (make run), or name "
            "its folder with --folder"
        )
    installation = Installation(folder, {})
    typer.echo(installation.token(subject, division, lifetime=timedelta(days=days)))


if __name__ == "__main__":
    typer.run(main)
