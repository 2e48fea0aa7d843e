"""``python -m services.registry``."""

from shared.loading import loading

with loading():
    from services.registry.cli import cli

cli()
