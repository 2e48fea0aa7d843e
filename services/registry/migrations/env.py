"""Alembic's entry: the shared tables and the registry's."""

from services.registry.tables import METADATA
from shared.db.migrations import run
from shared.tables import SHARED_METADATA

run(SHARED_METADATA, METADATA)
