"""What an import may tell of persons: no more than entering them one by one, and nothing unseen.

Whether a row can be imported depends on the whole register. So the numbers of a file are counted
before the register is asked, and refusals are counted and journalled when they are told; see
``households.members.entering``.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

from services.registry.allowances.domain import SHARE, Allowances, Guess, Use
from services.registry.allowances.usecases import (
    count_guesses,
    exhausted,
    refusals_left,
    spend_refusal,
)
from services.registry.conflicts.queries import persons_in_conflict
from services.registry.conflicts.usecases import Contested, open_conflict
from services.registry.households.members.entering import guess_at
from services.registry.households.members.schemas import NUMBER
from services.registry.imports.members import MemberJudge
from services.registry.imports.outcomes import Outcome, RowPlan
from services.registry.imports.parsing import ParsedRow, ParsedSheet
from services.registry.imports.refusals import RowRefusal
from services.registry.values.masking import mask
from services.registry.values.sealing import Sealer
from shared.web.work import Work

OpenWork: TypeAlias = Callable[[], AbstractAsyncContextManager[Work]]


class Telling:
    """What one import may tell of the persons in its file, and what it tells."""

    def __init__(self, work: Work, allowances: Allowances, division: str) -> None:
        self._work = work
        self._allowances = allowances
        self._division = division
        self._rows: list[tuple[ParsedRow, Guess | None]] = []
        self._sheet: ParsedSheet | None = None
        self._strictly: frozenset[bytes] = frozenset()
        self._refused: dict[int, Contested] = {}
        self._known: frozenset[bytes] = frozenset()

    async def count(
        self, apart: OpenWork, sheet: ParsedSheet, sealer: Sealer, *, lasting: bool
    ) -> list[bytes | None]:
        """Count the numbers of a sheet, for good; return by row the person that may be told of.

        Of persons alike so many are told of as of finds a day. Where what is told is recorded, and
        so stands for all to see who asked, that may be more: the more persons a file has, the more
        of them are born on the same day.
        """
        guesses = await asyncio.to_thread(_guesses, sheet, sealer)
        self._sheet, self._rows = sheet, list(zip(sheet.rows, guesses, strict=True))
        entered = [guess for guess in guesses if guess is not None]
        finds = self._allowances.finds
        share = len({guess.person for guess in entered}) // SHARE
        async with apart() as work:
            counted = await count_guesses(work, entered, max(finds, share) if lasting else finds)
        told = frozenset(person for persons in counted for person in persons)
        self._strictly = frozenset(person for persons in counted for person in persons[:finds])
        for row, guess in self._rows:
            if guess is not None and guess.person not in told:
                row.problems = (
                    *row.problems,
                    sheet.problem(row, RowRefusal("finds-exhausted"), NUMBER),
                )
        return [guess.person if guess and guess.person in told else None for guess in guesses]

    async def cut(self, judge: MemberJudge, plans: Sequence[RowPlan]) -> None:
        """Leave undecided what would tell of a person once no refusal is left for the day.

        A conflict that the division has been told of costs nothing again.
        """
        refusals = {
            plan.row: judge.against[plan.row]
            for plan in plans
            if any(each.code == "person-cannot-be-entered" for each in plan.problems)
        }
        persons = {other["document_digest"] for _, other in refusals.values()}
        session = self._work.session
        self._known = await persons_in_conflict(session, persons, self._division)
        left = await refusals_left(self._work, self._allowances)
        for plan, (row, guess) in zip(plans, self._rows, strict=True):
            if guess is None or row.number not in judge.claims:
                continue
            known = row.number in refusals and guess.person in self._known
            if left <= 0 and not known:
                self._leave_undecided(plan, row)
            elif row.number in refusals:
                owner, other = refusals[row.number]
                self._refused[row.number] = Contested(
                    person=guess.person,
                    document_masked=mask(row.fields[NUMBER]),
                    asking_village=owner.village_code,
                    asking_household=owner.id if owner.recorded else None,
                    registered_village=other["village_code"],
                    registered_household=other["household_id"],
                    registered_member=other["id"],
                )
                left -= not known

    def withhold(self, plans: Sequence[RowPlan]) -> None:
        """Tell of no more persons alike than of finds a day, since nothing will be recorded."""
        for plan, (row, guess) in zip(plans, self._rows, strict=True):
            if guess is not None and guess.person not in self._strictly:
                self._leave_undecided(plan, row)

    async def settle(self) -> None:
        """Count the refusals that are told, and journal each as a conflict.

        Raises:
            FindsExhausted: they cannot be told any more, since others were meanwhile.

        """
        told = self._refused.values()
        new = sum(contested.person not in self._known for contested in told)
        if new and not await spend_refusal(self._work, self._allowances, new):
            raise exhausted(self._work, self._allowances, Use.FIND)
        for contested in told:
            await open_conflict(self._work, contested)

    def _leave_undecided(self, plan: RowPlan, row: ParsedRow) -> None:
        assert self._sheet is not None  # noqa: S101 - rows have a sheet
        told = {"person-cannot-be-entered", "finds-exhausted"}
        own = tuple(each for each in plan.problems if each.code not in told)
        plan.outcome, plan.record_id, plan.after = Outcome.FAILED, None, None
        plan.problems = (*own, self._sheet.problem(row, RowRefusal("finds-exhausted"), NUMBER))
        self._refused.pop(row.number, None)


def _guesses(sheet: ParsedSheet, sealer: Sealer) -> list[Guess | None]:
    return [
        guess_at(row.fields[NUMBER], sealer) if NUMBER in row.fields else None for row in sheet.rows
    ]
