"""The kind of record that this feature keeps."""

from services.rules.releases.schemas import release_state
from services.rules.releases.tables import ReleaseRow
from shared.journal.records import RecordKind
from shared.values.bilingual import Bilingual

RELEASE = RecordKind(
    "rules",
    "release",
    Bilingual("政策版本", "release"),
    ReleaseRow,
    release_state,
    division="division",
)
