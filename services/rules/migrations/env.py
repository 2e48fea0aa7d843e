"""Alembic's entry: the shared tables and those of rules."""

from services.rules.base import RulesBase
from shared.db.migrations import run
from shared.tables import SHARED_METADATA

run(SHARED_METADATA, RulesBase.metadata)
