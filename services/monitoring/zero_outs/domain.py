"""The states of a zero-out item, and what moves it: pure decisions.

open → ready → signed_village → signed_township → closed; back to open whenever the criterion fails,
and before the end also when it cannot be determined: nothing undetermined is ever signed off. Every
move but a signature voids the signatures given so far.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from shared.values.bilingual import Bilingual
from shared.values.divisions import DivisionLevel, contains, level


class ItemState(StrEnum):
    """待解决 open, 待签 ready, 村已签 signed_village, 乡已签 signed_township, 已销号 closed, 已退出 withdrawn."""

    OPEN = "open"
    READY = "ready"
    SIGNED_VILLAGE = "signed_village"
    SIGNED_TOWNSHIP = "signed_township"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


STATES: Mapping[str, Bilingual] = {
    ItemState.OPEN: Bilingual("待解决", "open"),
    ItemState.READY: Bilingual("待签", "ready to be signed"),
    ItemState.SIGNED_VILLAGE: Bilingual("村已签", "signed by the village"),
    ItemState.SIGNED_TOWNSHIP: Bilingual("乡镇已签", "signed by the township"),
    ItemState.CLOSED: Bilingual("已销号", "closed"),
    ItemState.WITHDRAWN: Bilingual("已退出", "withdrawn"),
}
"""In words."""


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


class Refused(StrEnum):
    """Why somebody may not sign an item."""

    NOT_IN_SIGNING = "not_in_signing"
    OTHER_LEVEL = "other_level"
    SIGNED_BEFORE = "signed_before"


IN_SIGNING = frozenset({ItemState.READY, ItemState.SIGNED_VILLAGE, ItemState.SIGNED_TOWNSHIP})


@dataclass(frozen=True)
class Judgement:
    """What rules answered about one criterion of one subject."""

    outcome: Outcome
    reason: dict[str, str]
    missing: list[str]
    stale: list[str]
    evidence: list[dict[str, Any]]
    release: str
    as_of: date


class Move(NamedTuple):
    """The state after something happened, and the step to write down."""

    state: ItemState
    step: Step


class Signature(NamedTuple):
    """The level that signs, the state that its signature gives, and the step to write down."""

    level: DivisionLevel
    state: ItemState
    step: Step


# The signature that an item in a state waits for.
AWAITED = {
    ItemState.READY: Signature(DivisionLevel.VILLAGE, ItemState.SIGNED_VILLAGE, Step.SIGNED_OFF),
    ItemState.SIGNED_VILLAGE: Signature(
        DivisionLevel.TOWNSHIP, ItemState.SIGNED_TOWNSHIP, Step.SIGNED_OFF
    ),
    ItemState.SIGNED_TOWNSHIP: Signature(DivisionLevel.COUNTY, ItemState.CLOSED, Step.CLOSED),
}
REOPENING = Move(ItemState.OPEN, Step.REOPENED)


def move_on_judgement(
    state: ItemState | None, judgement: Judgement, evidence_after: date | None
) -> Move | None:
    """Return where a judgement moves an item, None if it stays where it is.

    ``state`` is None for a criterion that has no item. ``evidence_after`` is set when somebody
    reopened the item because its evidence proved false: unless a fact dated later than that day
    supports the criterion, met proves nothing.
    """
    proven = judgement.outcome is Outcome.MET and _supported(judgement, evidence_after)
    match state:
        case None:
            unmet = judgement.outcome is Outcome.NOT_MET
            return Move(ItemState.OPEN, Step.OPENED) if unmet else None
        case ItemState.OPEN:
            return Move(ItemState.READY, Step.READIED) if proven else None
        case ItemState.WITHDRAWN:
            return Move(ItemState.READY, Step.READIED) if proven else REOPENING
        case ItemState.CLOSED:
            stays = proven or judgement.outcome is Outcome.UNDETERMINED
            return None if stays else REOPENING
        case _:
            return None if proven else REOPENING


def move_on_transfer(state: ItemState) -> Move | None:
    """Return where an item goes whose subject now belongs to another village.

    That village and its township sign for themselves; whoever signed so far signed for others.
    """
    partly_signed = state in (ItemState.SIGNED_VILLAGE, ItemState.SIGNED_TOWNSHIP)
    return Move(ItemState.READY, Step.READIED) if partly_signed else None


def move_on_leaving(state: ItemState) -> Move | None:
    """Return where an item goes whose subject is no longer in the register."""
    if state in (ItemState.CLOSED, ItemState.WITHDRAWN):
        return None
    return Move(ItemState.WITHDRAWN, Step.WITHDRAWN)


def move_on_false_evidence(state: ItemState) -> Move | None:
    """Return where an item goes whose evidence proved false, None if it rests on none."""
    return REOPENING if state in IN_SIGNING or state is ItemState.CLOSED else None


def needs_check(state: ItemState, outcome: Outcome) -> bool:
    """Say whether somebody has to look: it is closed, and can no longer be determined."""
    return state is ItemState.CLOSED and outcome is Outcome.UNDETERMINED


def sign(
    state: ItemState, signed_by: Collection[str], signer: str, division: str, village: str
) -> Signature | Refused:
    """Return the signature that somebody gives, or why they may not.

    The signer acts for ``division``, which must be the awaited level and hold the item's village;
    ``signed_by`` are those who signed the levels below, none of whom signs twice.
    """
    awaited = AWAITED.get(state)
    if awaited is None:
        return Refused.NOT_IN_SIGNING
    if level(division) is not awaited.level or not contains(division, village):
        return Refused.OTHER_LEVEL
    if signer in signed_by:
        return Refused.SIGNED_BEFORE
    return awaited


def newest_date(evidence: Iterable[Mapping[str, Any]]) -> date | None:
    """Return the latest date that a fact of some evidence bears; None if none bears any."""
    dates = [date.fromisoformat(fact["date"]) for fact in evidence if fact.get("date")]
    return max(dates, default=None)


def _supported(judgement: Judgement, evidence_after: date | None) -> bool:
    if evidence_after is None:
        return True
    newest = newest_date(judgement.evidence)
    return newest is not None and newest > evidence_after
