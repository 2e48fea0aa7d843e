"""Every table of rules, gathered for its migrations."""

from services.rules.base import RulesBase
from services.rules.determinations.tables import DeterminationRow, ReplayProgressRow

METADATA = RulesBase.metadata
TABLES = (DeterminationRow, ReplayProgressRow)
