"""A journal to write to, and entries for it."""

from typing import Any, Protocol

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shared.journal.entries import JournalSubject, record
from shared.testing.clock import FrozenClock
from shared.web.work import Work

VILLAGE = "330127100219"


class Entry(Protocol):
    """Appends an entry to the journal in a session's transaction."""

    def __call__(
        self, session: AsyncSession, name: str, *, division: str = ..., kind: str = ...
    ) -> None: ...


@pytest.fixture
def entry(clock: FrozenClock) -> Entry:
    def append(
        session: AsyncSession, name: str, *, division: str = VILLAGE, kind: str = "created"
    ) -> None:
        state: dict[str, Any] = {"name": name, "phone_sealed": "ciphertext"}
        record(
            Work(session, "clerk", clock.now(), "request-1"),
            f"qingling.test.note.{kind}",
            JournalSubject("note", name, division),
            version=1,
            before=None,
            after=state,
        )

    return append
