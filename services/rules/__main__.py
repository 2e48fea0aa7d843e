"""``python -m services.rules``."""

from shared.loading import loading

with loading():
    from services.rules.cli import cli

cli()
