"""Alembic's entry: the shared tables and those of rules."""

from services.rules.tables import METADATA
from shared.db.migrations import run
from shared.tables import SHARED_METADATA

run(SHARED_METADATA, METADATA)
