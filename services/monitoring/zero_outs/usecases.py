"""Signing zero-out items off, and sending them back."""

from datetime import date
from typing import Any
from uuid import UUID

from services.monitoring.cases.timeline import note
from services.monitoring.clients.rules import RulesClient, Subject
from services.monitoring.zero_outs.domain import (
    ItemState,
    Outcome,
    Step,
    may_sign,
    next_signature,
)
from services.monitoring.zero_outs.judging import carry_out, judgement_of, take_judgement
from services.monitoring.zero_outs.records import ZERO_OUT_ITEM
from services.monitoring.zero_outs.refusals import (
    CriterionNotMet,
    CriterionUndetermined,
    NotReady,
    NotReopenable,
    SignerRepeated,
    SignOffLevel,
)
from services.monitoring.zero_outs.schemas import SignOffRequest, ZeroOutItem
from services.monitoring.zero_outs.tables import ZeroOutItemRow
from shared.journal.records import amend, find
from shared.problems import Problem
from shared.security.access import Caller
from shared.values.divisions import DivisionLevel, level
from shared.web.etags import require_version
from shared.web.work import Work

LEVELS_THAT_REOPEN = (DivisionLevel.COUNTY, DivisionLevel.CITY, DivisionLevel.PROVINCE)


async def sign_off(
    work: Work,
    caller: Caller,
    rules: RulesClient,
    item_id: UUID,
    expected_version: int,
    asked: SignOffRequest,
    as_of: date,
) -> ZeroOutItemRow | Problem:
    """Sign an item off at the caller's level, once rules says again that its criterion is met.

    Where rules finds that it is not, the item goes back to open and that is kept: the problem is
    returned, not raised, so that the transaction commits.

    Raises:
        NotFound: the item does not exist for the caller.
        PreconditionFailed: it has changed since it was read.
        NotReady, SignOffLevel, SignerRepeated: it is not this caller's turn.
        DependencyUnavailable: rules cannot be asked; nothing is signed.

    """
    row = await find(work.session, ZERO_OUT_ITEM, item_id, caller, for_update=True)
    require_version(expected_version, row.version, ZeroOutItem.of(row).model_dump(mode="json"))
    turn = next_signature(ItemState(row.state))
    if turn is None:
        raise NotReady(row.state)
    wanted, signed = turn
    if not may_sign(caller.division, wanted, row.village_code):
        raise SignOffLevel(wanted)
    if any(one["signed_by"] == caller.subject for one in row.sign_offs):
        raise SignerRepeated
    refused = await _judge_now(work, rules, row, as_of)
    if refused is not None:
        return refused
    evidence = [one.model_dump() for one in asked.evidence]
    signature = {
        "level": wanted.value,
        "signed_by": caller.subject,
        "division": caller.division,
        "signed_at": work.now.isoformat(),
        "evidence": evidence,
        "comment": asked.comment,
    }
    changed: dict[str, Any] = {"state": signed, "sign_offs": [*row.sign_offs, signature]}
    step = Step.SIGNED_OFF
    if signed is ItemState.CLOSED:
        step = Step.CLOSED
        changed["closed_at"] = work.now
    await amend(work, ZERO_OUT_ITEM, row, changed, step)
    comment = {"zh": asked.comment, "en": asked.comment} if asked.comment else None
    note(work, row.id, step, level=wanted.value, reason=comment, evidence=evidence)
    return row


async def reopen(
    work: Work, caller: Caller, item_id: UUID, expected_version: int, reason: str, as_of: date
) -> ZeroOutItemRow:
    """Send an item back to open because its evidence proved false.

    It becomes ready again only on a fact dated after this day, and is signed anew from the village up.

    Raises:
        NotFound: the item does not exist for the caller.
        PreconditionFailed: it has changed since it was read.
        SignOffLevel: the caller is below the county.
        NotReopenable: it is open or withdrawn already.

    """
    row = await find(work.session, ZERO_OUT_ITEM, item_id, caller, for_update=True)
    require_version(expected_version, row.version, ZeroOutItem.of(row).model_dump(mode="json"))
    if level(caller.division) not in LEVELS_THAT_REOPEN:
        raise SignOffLevel(DivisionLevel.COUNTY)
    if row.state in (ItemState.OPEN, ItemState.WITHDRAWN):
        raise NotReopenable(row.state)
    changed = {
        "state": ItemState.OPEN,
        "evidence_after": as_of,
        "sign_offs": [],
        "reopened": row.reopened + 1,
        "ready_at": None,
        "closed_at": None,
        "needs_check": False,
    }
    await amend(work, ZERO_OUT_ITEM, row, changed, Step.REOPENED)
    note(work, row.id, Step.REOPENED, reason={"zh": reason, "en": reason})
    return row


async def _judge_now(
    work: Work, rules: RulesClient, row: ZeroOutItemRow, as_of: date
) -> Problem | None:
    """Ask rules once more and take the answer in; return why nothing can be signed, if so."""
    judged = await rules.evaluate([Subject(row.subject_kind, row.subject_id)], as_of)
    one = judged[0]
    if one["status"] != "evaluated":
        await carry_out(work, judged, as_of)
        return CriterionUndetermined(one["detail"])
    outcome = next(found for found in one["outcomes"] if found["rule"] == row.criterion)
    judgement = judgement_of(outcome, one["release"], as_of)
    await take_judgement(work, row, judgement)
    if judgement.outcome is Outcome.NOT_MET:
        return CriterionNotMet(judgement.reason)
    if judgement.outcome is Outcome.UNDETERMINED:
        return CriterionUndetermined(judgement.reason)
    return None
