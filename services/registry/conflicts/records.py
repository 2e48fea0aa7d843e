"""The kind of record that this feature keeps."""

from services.registry.conflicts.schemas import conflict_state
from services.registry.conflicts.tables import ConflictRow
from shared.journal.records import RecordKind
from shared.values.bilingual import Bilingual

CONFLICT = RecordKind(
    "registry",
    "conflict",
    Bilingual("登记冲突", "conflict of registration"),
    ConflictRow,
    conflict_state,
    division="division",
)
