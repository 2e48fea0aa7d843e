"""Every table of rules, gathered for its migrations."""

from services.rules.base import RulesBase
from services.rules.determinations.tables import DeterminationRow, ReplayProgressRow
from services.rules.releases.tables import FlipCountRow, ImpactRow, ReleaseFileRow, ReleaseRow

METADATA = RulesBase.metadata
TABLES = (
    ReleaseRow,
    ReleaseFileRow,
    ImpactRow,
    FlipCountRow,
    DeterminationRow,
    ReplayProgressRow,
)
