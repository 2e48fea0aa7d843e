"""Entering persons tells who is registered elsewhere: it is counted, and a refusal is journalled.

Whether somebody can be entered depends on the whole register, of which a caller sees a part. So the
numbers that a caller enters are counted by likeness, whatever the answer, and refusals by
themselves; beyond the day's allowance no answer depends on the register any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn

from fastapi import Depends

from services.registry.allowances.domain import Guess, Use, likeness_of
from services.registry.allowances.usecases import (
    AllowancesInUse,
    count_guesses,
    exhausted,
    refusals_left,
    spend_refusal,
)
from services.registry.conflicts.usecases import Contested, open_conflict
from services.registry.households.members.domain import person_of
from services.registry.households.members.refusals import MemberRefusal
from services.registry.personal_data import SealerInUse
from services.registry.values.sealing import Sealer
from shared.problems import Conflict
from shared.values.bilingual import Bilingual
from shared.web.keeping import keep_so_far, undo_since_kept
from shared.web.work import CallersWork, work_in_hand


class PersonCannotBeEntered(Conflict):
    code = "person-cannot-be-entered"
    title = Bilingual("此人不能登记为成员", "The person cannot be entered")


@dataclass(frozen=True, slots=True)
class Entering:
    """What a write that may enter persons works with, and is counted against."""

    work: Annotated[CallersWork, Depends(work_in_hand)]
    sealer: SealerInUse
    allowances: AllowancesInUse


def guess_at(number: str, sealer: Sealer) -> Guess:
    """Return whom a number stands for and whom it might be a guess at, as digests."""
    likeness = sealer.digest(f"likeness {likeness_of(number)}")
    return Guess(person=sealer.digest(person_of(number)), likeness=likeness)


async def count_entered(entering: Entering, numbers: Sequence[str]) -> None:
    """Count numbers before the register is asked about them, for good.

    Raises:
        FindsExhausted: so many alike were entered today, or so many refused, that no answer may
            depend on the register.

    """
    work, allowances = entering.work, entering.allowances
    guesses = [guess_at(number, entering.sealer) for number in numbers]
    counted = await count_guesses(work, guesses, allowances.finds)
    told = {person for persons in counted for person in persons}
    await keep_so_far(work.session)
    if any(guess.person not in told for guess in guesses):
        raise exhausted(work, allowances, Use.FIND)
    if await refusals_left(work, allowances) <= 0:
        raise exhausted(work, allowances, Use.FIND)


async def require_told(entering: Entering) -> None:
    """Let nobody learn that a person could be entered once the last refusal has been told.

    Raises:
        FindsExhausted: other requests of the caller were refused meanwhile.

    """
    if await refusals_left(entering.work, entering.allowances, settle=True) <= 0:
        raise exhausted(entering.work, entering.allowances, Use.FIND)


async def refuse(entering: Entering, contested: Contested) -> NoReturn:
    """Count and journal that a person cannot be entered, and refuse it.

    Raises:
        PersonCannotBeEntered: carries the other household where the caller may see it.
        FindsExhausted: other requests of the caller were refused meanwhile.

    """
    work = entering.work
    await undo_since_kept(work.session)
    await keep_so_far(work.session)
    if not await spend_refusal(work, entering.allowances):
        raise exhausted(work, entering.allowances, Use.FIND)
    conflict = await open_conflict(work, contested)
    await keep_so_far(work.session)
    seen: dict[str, Any] = {}
    if entering.work.caller.covers(contested.registered_village):
        seen = {
            "household_id": str(contested.registered_household),
            "member_id": str(contested.registered_member),
        }
    told = MemberRefusal("person-cannot-be-entered").message
    raise PersonCannotBeEntered(told, conflict_id=str(conflict.id), **seen)
