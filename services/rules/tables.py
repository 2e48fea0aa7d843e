"""Every table of rules, gathered for its migrations."""

from services.rules.base import RulesBase
from services.rules.determinations.tables import (
    DeterminationRow,
    HouseholdPlaceRow,
    ReplayProgressRow,
)
from services.rules.releases.tables import FlipCountRow, ImpactRow, ReleaseFileRow, ReleaseRow
from services.rules.runs.tables import (
    RunFindingRow,
    RunFlipRow,
    RunOutcomeRow,
    RunPartRow,
    RunRow,
    RunTotalRow,
)

METADATA = RulesBase.metadata
TABLES = (
    ReleaseRow,
    ReleaseFileRow,
    ImpactRow,
    FlipCountRow,
    DeterminationRow,
    HouseholdPlaceRow,
    ReplayProgressRow,
    RunRow,
    RunPartRow,
    RunOutcomeRow,
    RunTotalRow,
    RunFlipRow,
    RunFindingRow,
)
