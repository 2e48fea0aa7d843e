"""The kind of record that a run is."""

from services.rules.runs.schemas import run_state
from services.rules.runs.tables import RunRow
from shared.journal.records import RecordKind
from shared.values.bilingual import Bilingual

RUN = RecordKind("rules", "run", Bilingual("批量判定", "run"), RunRow, run_state, "division")
