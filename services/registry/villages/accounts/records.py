"""The kind of record that this feature keeps."""

from services.registry.villages.accounts.schemas import village_account_state
from services.registry.villages.tables import VillageAccountRow
from shared.journal.records import RecordKind
from shared.values.bilingual import Bilingual

VILLAGE_ACCOUNT = RecordKind(
    "registry",
    "village_account",
    Bilingual("村集体经济年度收支", "village account"),
    VillageAccountRow,
    village_account_state,
)
