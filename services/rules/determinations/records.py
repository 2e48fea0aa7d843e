"""The kind of record that a determination is."""

from services.rules.determinations.schemas import determination_state
from services.rules.determinations.tables import DeterminationRow
from shared.journal.records import RecordKind
from shared.values.bilingual import Bilingual

DETERMINATION = RecordKind(
    "rules",
    "determination",
    Bilingual("判定存档", "determination"),
    DeterminationRow,
    determination_state,
    division="division",
)
