"""The kind of record that this feature keeps."""

from services.monitoring.zero_outs.schemas import item_state
from services.monitoring.zero_outs.tables import ZeroOutItemRow
from shared.journal.records import RecordKind
from shared.values.bilingual import Bilingual

ZERO_OUT_ITEM = RecordKind(
    "monitoring",
    "zero_out_item",
    Bilingual("清零事项", "zero-out item"),
    ZeroOutItemRow,
    item_state,
)
