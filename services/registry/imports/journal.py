"""The journal's entries of imported records, as ``shared.journal.entries.record`` writes them.

Written as JSON text rather than from dictionaries: most of an entry is the same for every record of
an import, and much of the rest for many.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from services.registry.imports.importables import BESIDE_CONTENT, Importable
from services.registry.imports.outcomes import RowPlan
from services.registry.imports.register import columns_by_attribute
from shared.db.database import DriverConnection
from shared.ids import new_id
from shared.journal.entries import OWN_KEYS, changes
from shared.journal.tables import JournalEntry
from shared.web.work import Work

JOURNAL = tuple(name for name in columns_by_attribute(JournalEntry) if name not in OWN_KEYS)
REMEMBERED = 50_000
# Whoever has written to the journal holds the feed of all back until it commits. So the entries wait
# in a table of the transaction's own, and are written when nothing else is left to do.
WAITING = "waiting_entries"
_LISTED = ", ".join(f'"{name}"' for name in JOURNAL)
_BEGIN = f"""
CREATE TEMP TABLE {WAITING} ON COMMIT DROP AS
SELECT {_LISTED} FROM {JournalEntry.__tablename__} WITH NO DATA
"""  # noqa: S608 - our own names
_PUBLISH = f"""
INSERT INTO {JournalEntry.__tablename__} ({_LISTED}) SELECT {_LISTED} FROM {WAITING}
"""  # noqa: S608 - our own names


async def begin_entries(driver: DriverConnection) -> None:
    """Let entries wait, in the transaction that is open on ``driver``."""
    await driver.execute(_BEGIN)


async def publish_entries(driver: DriverConnection) -> None:
    """Write the entries that wait to the journal, in the order in which they came."""
    # A table of one's own is read from its beginning to its end, which is how it was filled.
    await driver.execute(_PUBLISH)


class JournalEntries:
    """Makes the entries of one kind of record in one import."""

    def __init__(self, work: Work, importable: Importable) -> None:
        self._work = work
        self._importable = importable
        self._names = (*importable.stamps, *importable.names)
        stamps = {
            "version": 1,
            "recorded_by": work.actor,
            "created_at": work.now,
            "updated_at": work.now,
        } | BESIDE_CONTENT
        # What every new record has in common, without the brace that ends it.
        self._state_stamps = _json(stamps)[:-1]
        self._contents: dict[tuple[Any, ...], str] = {}
        self._owners: dict[UUID, str] = {}

    def entry(self, plan: RowPlan, record: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the values of ``JOURNAL`` for a record as it will stand."""
        work, kind = self._work, self._importable.kind
        subject, left = str(plan.record_id), None
        if plan.before is None:
            version, event = 1, "created"
            changed, state = "{}", self._created(plan, subject)
        else:
            version, event = plan.before["version"] + 1, "amended"
            changed, state = self._amended(dict(plan.before), record)
            if plan.before["village_code"] != plan.village_code:
                event, left = "moved", plan.before["village_code"]
        return (
            new_id(),
            kind.event(event),
            kind.name,
            subject,
            plan.village_code,
            version,
            work.actor,
            work.reason,
            work.request_id,
            work.now,
            changed,
            state,
            left,
        )

    def _created(self, plan: RowPlan, subject: str) -> str:
        own = {"id": subject, "village_code": plan.village_code}
        if plan.household_id is not None:
            own["household_id"] = self._owner(plan.household_id)
        # Ids and division codes hold nothing that JSON would escape.
        states = "".join(f',"{name}":"{value}"' for name, value in own.items())
        return f"{self._state_stamps}{states},{self._content(plan.after or ())[1:]}"

    def _content(self, values: tuple[Any, ...]) -> str:
        """Return the members of a new record's state that hold its content."""
        known = self._contents.get(values) if self._importable.repeats else None
        if known is not None:
            return known
        made = _json(
            self._importable.content(dict(zip(self._importable.names, values, strict=True)))
        )
        if self._importable.repeats and len(self._contents) < REMEMBERED:
            self._contents[values] = made
        return made

    def _amended(self, before: Mapping[str, Any], record: tuple[Any, ...]) -> tuple[str, str]:
        after = {**before, **dict(zip(self._names, record, strict=True))}
        state = _json(self._importable.state(after))
        past = _json(self._importable.state(before))
        return _json(changes(orjson.loads(past), orjson.loads(state))), state

    def _owner(self, household_id: UUID) -> str:
        text = self._owners.get(household_id)
        if text is None:
            text = self._owners[household_id] = str(household_id)
        return text


def _json(document: Mapping[str, Any]) -> str:
    return orjson.dumps(document, default=str, option=orjson.OPT_UTC_Z).decode()
