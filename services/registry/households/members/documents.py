"""The number of a member's document: sealed in its row, and opened where it has to be known."""

from typing import Any
from uuid import UUID

from services.registry.households.members.domain import person_of
from services.registry.households.members.kind import MEMBER
from services.registry.households.tables import MemberRow
from services.registry.values.masking import mask
from services.registry.values.sealing import Sealer


def document_columns(number: str, member_id: UUID, sealer: Sealer) -> dict[str, Any]:
    """Return the columns of a member's row that stand for the number of the document."""
    return {
        "document_masked": mask(number),
        "document_sealed": sealer.seal(number, MEMBER.seal_context(member_id, "document")),
        "document_digest": sealer.digest(person_of(number)),
    }


def document_number(row: MemberRow, sealer: Sealer) -> str:
    """Return the number of a member's document."""
    return sealer.open(row.document_sealed, MEMBER.seal_context(row.id, "document"))
