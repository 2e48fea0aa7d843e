"""How divisions stand in the journal: as records whose id is their code."""

from typing import Any

from services.registry.divisions.schemas import Division
from services.registry.divisions.tables import DivisionRow
from shared.journal.entries import JournalSubject, record
from shared.problems import NotFound
from shared.values.bilingual import Bilingual
from shared.web.work import Work

KIND = "division"


def division_state(row: DivisionRow) -> dict[str, Any]:
    """Return a division's JSON state."""
    return Division.of(row).model_dump(mode="json")


def journal_division(
    work: Work, row: DivisionRow, what: str, before: dict[str, Any] | None
) -> None:
    """Append what happened to a division to the journal: opened, amended or closed."""
    record(
        work,
        f"qingling.registry.{KIND}.{what}",
        JournalSubject(KIND, row.code, row.code),
        version=row.version,
        before=before,
        after=division_state(row),
    )


def division_not_found(code: str) -> NotFound:
    """Return the failure for a code that no division has."""
    return NotFound(
        Bilingual(
            f"没有代码为 {code} 的区划；请在 /v1/divisions 中查询。",
            f"No division has the code {code}; look it up in /v1/divisions.",
        )
    )
