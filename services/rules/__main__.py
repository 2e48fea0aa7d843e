"""``python -m services.rules``."""

from services.rules.cli import cli

cli()
