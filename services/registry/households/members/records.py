"""The kind of record that this feature keeps."""

from services.registry.households.members.schemas import member_state
from services.registry.households.tables import MemberRow
from shared.journal.records import RecordKind
from shared.values.bilingual import Bilingual

MEMBER = RecordKind(
    "registry", "member", Bilingual("家庭成员", "household member"), MemberRow, member_state
)
