"""The states of a zero-out item, and what moves it: pure decisions.

open → ready → signed_village → signed_township → closed; back to open whenever the criterion fails, and
before the end also when it cannot be determined: nothing undetermined is ever signed off.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from shared.values.divisions import DivisionLevel, contains, level


class ItemState(StrEnum):
    """待解决 open, 待签 ready, 村已签, 乡已签, 已销号 closed, 已退出 withdrawn."""

    OPEN = "open"
    READY = "ready"
    SIGNED_VILLAGE = "signed_village"
    SIGNED_TOWNSHIP = "signed_township"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """达标 met, 未达标 not_met, 待判定 undetermined."""

    MET = "met"
    NOT_MET = "not_met"
    UNDETERMINED = "undetermined"


class Step(StrEnum):
    """What happens to an item."""

    OPENED = "opened"
    READIED = "ready"
    SIGNED_OFF = "signed_off"
    CLOSED = "closed"
    REOPENED = "reopened"
    JUDGED = "judged"
    WITHDRAWN = "withdrawn"


IN_SIGNING = frozenset({ItemState.READY, ItemState.SIGNED_VILLAGE, ItemState.SIGNED_TOWNSHIP})
# The level whose signature an item in a state waits for, and the state that it gives.
NEXT_SIGNATURE = {
    ItemState.READY: (DivisionLevel.VILLAGE, ItemState.SIGNED_VILLAGE),
    ItemState.SIGNED_VILLAGE: (DivisionLevel.TOWNSHIP, ItemState.SIGNED_TOWNSHIP),
    ItemState.SIGNED_TOWNSHIP: (DivisionLevel.COUNTY, ItemState.CLOSED),
}


@dataclass(frozen=True)
class Judgement:
    """What rules answered about one criterion of one subject."""

    outcome: Outcome
    reason: dict[str, str]
    missing: tuple[str, ...]
    stale: tuple[str, ...]
    evidence: tuple[dict[str, Any], ...]
    release: str
    as_of: date


class Move(NamedTuple):
    """The state after something happened, and the step to write down."""

    state: ItemState
    step: Step


def move_on_judgement(
    state: ItemState | None, judgement: Judgement, evidence_after: date | None
) -> Move | None:
    """Return where a judgement moves an item, None if it stays where it is.

    ``state`` is None for a criterion that has no item. ``evidence_after`` is set when somebody
    reopened the item because its evidence proved false: until a fact dated later than that day
    supports the criterion, it does not become ready again.
    """
    match state, judgement.outcome:
        case None, Outcome.NOT_MET:
            return Move(ItemState.OPEN, Step.OPENED)
        case ((ItemState.OPEN | ItemState.WITHDRAWN), Outcome.MET):
            if _supported(judgement, evidence_after):
                return Move(ItemState.READY, Step.READIED)
            return None if state is ItemState.OPEN else Move(ItemState.OPEN, Step.REOPENED)
        case ItemState.WITHDRAWN, _:
            return Move(ItemState.OPEN, Step.REOPENED)
        case ItemState.CLOSED, Outcome.NOT_MET:
            return Move(ItemState.OPEN, Step.REOPENED)
        case _, (Outcome.NOT_MET | Outcome.UNDETERMINED) if state in IN_SIGNING:
            return Move(ItemState.OPEN, Step.REOPENED)
        case _:
            return None


def move_on_leaving(state: ItemState) -> Move | None:
    """Return where an item goes whose subject is no longer in the register."""
    if state in (ItemState.CLOSED, ItemState.WITHDRAWN):
        return None
    return Move(ItemState.WITHDRAWN, Step.WITHDRAWN)


def next_signature(state: ItemState) -> tuple[DivisionLevel, ItemState] | None:
    """Return whose signature an item waits for and the state it gives; None if for nobody's."""
    return NEXT_SIGNATURE.get(state)


def may_sign(signer_division: str, wanted: DivisionLevel, village: str) -> bool:
    """Say whether a division signs at a level for a village: its own level, its own village."""
    return level(signer_division) is wanted and contains(signer_division, village)


def _supported(judgement: Judgement, evidence_after: date | None) -> bool:
    if evidence_after is None:
        return True
    dates = [fact["date"] for fact in judgement.evidence if fact.get("date")]
    return any(date.fromisoformat(found) > evidence_after for found in dates)
