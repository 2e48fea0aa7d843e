"""``python -m services.registry``."""

from services.registry.cli import cli

cli()
