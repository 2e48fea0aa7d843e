"""Where households are: how they were judged is read by whoever may read them now.

The worker follows the moves that the registry tells. A household that moves takes its determinations
along, each with its journal entry; what runs found of it is hidden and shown by its place.
"""

from collections.abc import Collection, Mapping
from typing import Self

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.rules.determinations.records import DETERMINATION
from services.rules.determinations.schemas import determination_state
from services.rules.determinations.tables import DeterminationRow, HouseholdPlaceRow
from shared.clock import Clock
from shared.db.columns import within
from shared.db.lists import any_of, insert_all
from shared.db.locking import locked
from shared.ids import new_id
from shared.journal.applying import Apply, Event
from shared.journal.entries import JournalSubject, record
from shared.problems import Problem
from shared.values.bilingual import Bilingual
from shared.web.work import Work

ACTOR = "service:rules"


class HouseholdMoving(Problem):
    """What the registry stated and where it last told that the household is do not agree."""

    status, code = 503, "household-moving"
    title = Bilingual("农户正在迁移", "The household is moving")

    @classmethod
    def of(cls, household_id: str) -> Self:
        """Return the failure for a household."""
        return cls(
            Bilingual(
                f"农户 {household_id} 刚刚转至另一村，交接尚未完成；请稍后重试。",
                f"Household {household_id} has just moved to another village; try again in a moment.",
            )
        )


async def hold_in_place(session: AsyncSession, household_id: str, division: str) -> None:
    """Hold a household where the registry stated it to be, until the transaction ends.

    Raises:
        HouseholdMoving: it was told to be elsewhere; asked a little later, the registry and what is
            known here agree.

    """
    stated = insert(HouseholdPlaceRow).values(household_id=household_id, division=division)
    known = await session.scalar(
        stated.on_conflict_do_update(
            index_elements=[HouseholdPlaceRow.household_id],
            set_={"division": HouseholdPlaceRow.division},
        ).returning(HouseholdPlaceRow.division)
    )
    if known != division:
        raise HouseholdMoving.of(household_id)


def lies_within(
    subject_id: InstrumentedAttribute[str], judged_in: InstrumentedAttribute[str], division: str
) -> ColumnElement[bool]:
    """Return the condition that a subject belongs to a division now, wherever it was judged."""
    known = (
        select(HouseholdPlaceRow.division)
        .where(HouseholdPlaceRow.household_id == subject_id)
        .scalar_subquery()
    )
    return within(func.coalesce(known, judged_in), division)


async def moved_out(
    session: AsyncSession, household_ids: Collection[str], division: str
) -> frozenset[str]:
    """Return those of the households that are known to belong to no village of a division now."""
    place = HouseholdPlaceRow
    found = await session.scalars(
        select(place.household_id).where(
            any_of(place.household_id, household_ids), ~within(place.division, division)
        )
    )
    return frozenset(found)


class Mover:
    """Follows the moves of households."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def plan(self, events: list[Event]) -> Apply:
        """Let what was determined of the households that moved go with them."""
        moved = {event["subject"].partition("/")[2]: event["division"] for event in events}

        async def apply(session: AsyncSession) -> None:
            await take_along(Work(session, ACTOR, self._clock.now(), str(new_id())), moved)

        return apply


async def take_along(work: Work, moved: Mapping[str, str]) -> None:
    """Let the determinations of households follow them; ``moved`` names each one's new village."""
    await _note_places(work.session, moved)
    rows = await work.session.scalars(
        locked(
            select(DeterminationRow)
            .where(
                DeterminationRow.subject_kind == "household",
                any_of(DeterminationRow.subject_id, moved),
            )
            .order_by(DeterminationRow.id)
        )
    )
    for row in rows:
        if row.division != moved[row.subject_id]:
            _move(work, row, moved[row.subject_id])
    await work.session.flush()


async def _note_places(session: AsyncSession, moved: Mapping[str, str]) -> None:
    # In their order, so that two who write places never wait for each other.
    rows = [{"household_id": one, "division": moved[one]} for one in sorted(moved)]
    told = insert_all(HouseholdPlaceRow, rows)
    await session.execute(
        told.on_conflict_do_update(
            index_elements=[HouseholdPlaceRow.household_id],
            set_={"division": told.excluded.division},
        )
    )


def _move(work: Work, row: DeterminationRow, division: str) -> None:
    # Who determined it stays on the record: moving it is no work of theirs, and changes nothing else.
    before, left = determination_state(row), row.division
    row.division, row.updated_at = division, work.now
    row.version += 1
    record(
        work,
        DETERMINATION.event("moved"),
        JournalSubject(DETERMINATION.name, str(row.id), division),
        version=row.version,
        before=before,
        after=determination_state(row),
        left=left,
    )
