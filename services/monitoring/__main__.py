"""``python -m services.monitoring``."""

from services.monitoring.cli import cli

cli()
