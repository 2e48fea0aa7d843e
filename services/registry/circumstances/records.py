"""The kind of record that this feature keeps."""

from services.registry.circumstances.schemas import circumstances_state
from services.registry.circumstances.tables import CircumstancesRow
from services.registry.households.records import moving_with_household
from shared.journal.records import RecordKind
from shared.values.bilingual import Bilingual

CIRCUMSTANCES = moving_with_household(
    RecordKind(
        "registry",
        "circumstances",
        Bilingual("家庭状况核对", "check of circumstances"),
        CircumstancesRow,
        circumstances_state,
    )
)
