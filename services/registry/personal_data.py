"""Personal data in the registry: sealed in the table, masked on the wire, revealed for a purpose."""

from dataclasses import replace
from typing import Annotated, TypeVar

from pydantic import Field

from services.registry.values.sealing import Sealer
from shared.journal.entries import JournalSubject, record
from shared.journal.records import RecordColumns, RecordKind
from shared.values.text import Note
from shared.web.reading import of_application
from shared.web.work import Work

Row = TypeVar("Row", bound=RecordColumns)
NO_STORE = {"Cache-Control": "no-store"}
"""Headers of an answer that reveals personal data."""

Purpose = Annotated[
    str,
    Note(500, least=4),
    Field(
        description="用途 why the data is needed; kept in the record's history for all to see",
        examples=["入户核实医保参保情况"],
    ),
]


SealerInUse = Annotated[Sealer, of_application("sealer")]
"""What seals and opens personal data."""


def record_read(
    work: Work, kind: RecordKind[Row], row: Row, purpose: str, what: str = "revealed"
) -> None:
    """Journal that a record's sealed data was shown to the caller or found it, and for what."""
    state = kind.state(row)
    record(
        replace(work, reason=purpose),
        kind.event(what),
        JournalSubject(kind.name, str(row.id), kind.division_of(row)),
        version=row.version,
        before=state,
        after=state,
    )
