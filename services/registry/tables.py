"""Every table of the registry, gathered for its migrations."""

from services.registry.allowances.tables import AllowanceRow, GuessRow
from services.registry.base import RegistryBase
from services.registry.circumstances.tables import CircumstancesRow
from services.registry.conflicts.tables import ConflictRow
from services.registry.divisions.tables import DivisionFigureRow, DivisionRow
from services.registry.guarantees.tables import GuaranteeCheckRow
from services.registry.households.tables import HouseholdRow, MemberRow
from services.registry.imports.tables import ImportFileRow, ImportOutcomeRow, ImportRow
from services.registry.income.tables import IncomeEntryRow
from services.registry.villages.tables import VillageAccountRow

METADATA = RegistryBase.metadata
TABLES = (
    DivisionRow,
    DivisionFigureRow,
    VillageAccountRow,
    HouseholdRow,
    MemberRow,
    IncomeEntryRow,
    CircumstancesRow,
    GuaranteeCheckRow,
    ImportRow,
    ImportFileRow,
    ImportOutcomeRow,
    AllowanceRow,
    GuessRow,
    ConflictRow,
)
