"""Writing the journal."""

from dataclasses import dataclass
from typing import Any

from shared.journal.tables import JournalEntry
from shared.web.work import Work

SEALED = "_sealed"


@dataclass(frozen=True, slots=True)
class Subject:
    """The record that an entry is about, and the division that it belongs to."""

    kind: str
    id: str
    division: str


def record(
    work: Work,
    event: str,
    subject: Subject,
    *,
    version: int,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    """Append one entry to the journal in the transaction of ``work``.

    ``event`` is the CloudEvents type, such as ``qingling.registry.household.created``; ``before``
    and ``after`` are the record's JSON states; a record's first entry has no changes, since all of
    its state is new. Members named ``*_sealed`` hold ciphertext: they are
    kept here and never shown.
    """
    work.session.add(
        JournalEntry(
            type=event,
            subject_kind=subject.kind,
            subject_id=subject.id,
            division=subject.division,
            version=version,
            actor=work.actor,
            reason=work.reason,
            request_id=work.request_id,
            recorded_at=work.now,
            changes={} if before is None else changes(before, after),
            state=after,
        )
    )


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return ``{member: {"from": …, "to": …}}`` for each member that differs."""
    return {
        name: {"from": before.get(name), "to": after.get(name)}
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def shown(document: dict[str, Any]) -> dict[str, Any]:
    """Return a state or a set of changes without what is sealed."""
    return {name: value for name, value in document.items() if not name.endswith(SEALED)}
