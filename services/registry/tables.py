"""Every table of the registry, gathered for its migrations."""

from services.registry.allowances.tables import AllowanceRow, GuessRow
from services.registry.base import RegistryBase
from services.registry.conflicts.tables import ConflictRow
from services.registry.divisions.tables import DivisionRow
from services.registry.households.tables import HouseholdRow, MemberRow
from services.registry.imports.tables import ImportFileRow, ImportOutcomeRow, ImportRow
from services.registry.kinds import KINDS

METADATA = RegistryBase.metadata
TABLES = (
    DivisionRow,
    HouseholdRow,
    MemberRow,
    *(kind.table for kind in KINDS),
    ImportRow,
    ImportFileRow,
    ImportOutcomeRow,
    AllowanceRow,
    GuessRow,
    ConflictRow,
)
