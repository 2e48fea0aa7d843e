"""``python -m services.monitoring``."""

from shared.loading import loading

with loading():
    from services.monitoring.cli import cli

cli()
