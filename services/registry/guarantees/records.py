"""The kind of record that this feature keeps."""

from services.registry.guarantees.schemas import guarantee_check_state
from services.registry.guarantees.tables import GuaranteeCheckRow
from services.registry.households.records import moving_with_household
from shared.journal.records import RecordKind
from shared.values.bilingual import Bilingual

GUARANTEE_CHECK = moving_with_household(
    RecordKind(
        "registry",
        "guarantee_check",
        Bilingual("保障核查", "guarantee check"),
        GuaranteeCheckRow,
        guarantee_check_state,
    )
)
