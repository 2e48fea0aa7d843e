"""Writing the journal."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import inspect

from shared.db.database import DriverConnection
from shared.ids import new_id
from shared.journal.tables import JournalEntry
from shared.web.work import RECORDED, Work

SEALED = "_sealed"
OWN_KEYS = frozenset({"transaction", "sequence"})
"""Columns of the journal that the database fills in."""


@dataclass(frozen=True, slots=True)
class JournalSubject:
    """The record that an entry is about, and the division that it belongs to."""

    kind: str
    id: str
    division: str


def record(
    work: Work,
    event: str,
    subject: JournalSubject,
    *,
    version: int,
    before: dict[str, Any] | None,
    after: dict[str, Any],
    left: str | None = None,
) -> None:
    """Append one entry to the journal in the transaction of ``work``; see :func:`entry`."""
    work.session.info.setdefault(RECORDED, []).append((subject.kind, subject.id, subject.division))
    work.session.add(
        entry(work, event, subject, version=version, before=before, after=after, left=left)
    )


def entry(
    work: Work,
    event: str,
    subject: JournalSubject,
    *,
    version: int,
    before: dict[str, Any] | None,
    after: dict[str, Any],
    left: str | None = None,
) -> JournalEntry:
    """Return an entry that is not written yet.

    ``event`` is the CloudEvents type, such as ``qingling.registry.household.created``; ``before``
    and ``after`` are the record's JSON states; a record's first entry has no changes, since all of
    its state is new. Members named ``*_sealed`` hold ciphertext: they are
    kept here and never shown. ``left`` is the division that the record belonged to until now, if it
    moved with this entry.
    """
    return JournalEntry(
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
        left_division=left,
    )


async def copy_entries(
    driver: DriverConnection,
    entries: Iterable[JournalEntry],
    into: str = JournalEntry.__tablename__,
) -> None:
    """Write many entries at once, in the transaction that is open on ``driver``.

    ``into`` is the journal, or a table in which they wait for it.
    """
    names = [each.key for each in inspect(JournalEntry).column_attrs if each.key not in OWN_KEYS]
    await driver.copy_records_to_table(
        into,
        columns=names,
        records=[[_copied(each, name) for name in names] for each in entries],
    )


def _copied(written: JournalEntry, name: str) -> Any:
    value = getattr(written, name)
    if name == "id":
        return value or new_id()
    return orjson.dumps(value).decode() if isinstance(value, dict) else value


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
