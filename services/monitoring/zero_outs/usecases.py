"""Signing zero-out items off, and sending them back."""

from datetime import date
from uuid import UUID

from services.monitoring.cases.timeline import note
from services.monitoring.clients.rules import Answer, Evaluated, RulesClient, Subject
from services.monitoring.zero_outs.domain import (
    AWAITED,
    ItemState,
    Refused,
    Signature,
    move_on_false_evidence,
    newest_date,
    sign,
)
from services.monitoring.zero_outs.judging import AnswersOfRules, carry_out, lock_subjects, moved
from services.monitoring.zero_outs.records import ZERO_OUT_ITEM
from services.monitoring.zero_outs.refusals import (
    CountyLevelRequired,
    NotReopenable,
    SignerRepeated,
    SignOffLevel,
    SubjectNotJudged,
    not_signable,
)
from services.monitoring.zero_outs.schemas import SignOffRequest, ZeroOutItem
from services.monitoring.zero_outs.tables import ZeroOutItemRow
from shared.db.database import Database
from shared.journal.records import amend, find
from shared.problems import Problem
from shared.security.access import Caller
from shared.values.divisions import DivisionLevel, level
from shared.web.etags import ExpectedVersion, require_version
from shared.web.work import CallersWork, WorkToBegin

SENDING_BACK = (DivisionLevel.COUNTY, DivisionLevel.CITY, DivisionLevel.PROVINCE)


async def sign_off(
    database: Database,
    to_begin: WorkToBegin,
    rules: RulesClient,
    item_id: UUID,
    expected_version: ExpectedVersion,
    asked: SignOffRequest,
    as_of: date,
) -> ZeroOutItemRow | Problem:
    """Sign an item off at the caller's level, once rules says again that its criterion is met.

    Rules is asked before the transaction opens: nothing is locked or held back meanwhile, and the
    version tells whether anything changed. What it answers is taken in like any judgement and kept
    even where nothing can be signed; the problem is then returned, not raised, so that the
    transaction commits.

    Raises:
        NotFound: the item does not exist for the caller.
        PreconditionFailed: it has changed since it was read.
        ItemRefused: it waits for nobody's signature.
        SignOffLevel, SignerRepeated: it is not this caller's turn.
        DependencyUnavailable: rules cannot be asked; nothing is signed.

    """
    async with database.session() as session:
        row = await find(session, ZERO_OUT_ITEM, item_id, to_begin.caller)
        _require_version(row, expected_version)
        turn = _turn_of(row, to_begin.caller)
        if isinstance(turn, Problem):
            raise turn
    subject = Subject(row.subject_kind, row.subject_id)
    (answer,) = await rules.evaluate([subject], as_of)
    work = await to_begin.begin()
    await lock_subjects(work.session, [subject])
    row = await find(work.session, ZERO_OUT_ITEM, item_id, to_begin.caller, for_update=True)
    _require_version(row, expected_version)
    await carry_out(work, AnswersOfRules([answer], {subject: row.village_code}, work.now, as_of))
    # The judgement may have moved the item, to another state or another village.
    turn = _turn_of(row, to_begin.caller)
    if isinstance(turn, Problem):
        return turn
    # An earlier judgement may say met while rules has just failed, or left this criterion out.
    if not _speaks_of(answer, row.criterion):
        return SubjectNotJudged(row)
    await _write_down(work, row, turn, asked)
    return row


async def send_back(
    work: CallersWork,
    item_id: UUID,
    expected_version: ExpectedVersion,
    reason: str,
    as_of: date,
) -> ZeroOutItemRow:
    """Send an item back to open because its evidence proved false.

    It is ready again only on a fact dated later than every fact of the evidence refused, and signed
    anew from the village up.

    Raises:
        NotFound: the item does not exist for the caller.
        PreconditionFailed: it has changed since it was read.
        CountyLevelRequired: the caller is below the county.
        NotReopenable: nobody has found its criterion met.

    """
    row = await find(work.session, ZERO_OUT_ITEM, item_id, work.caller, for_update=True)
    _require_version(row, expected_version)
    if level(work.caller.division) not in SENDING_BACK:
        raise CountyLevelRequired
    move = move_on_false_evidence(ItemState(row.state))
    if move is None:
        raise NotReopenable(row)
    content = moved(row, move, work.now) | {
        "evidence_after": newest_date(row.evidence) or as_of,
        "needs_check": False,
    }
    await amend(work, ZERO_OUT_ITEM, row, content, move.step)
    note(
        work,
        row.id,
        move.step,
        level=level(work.caller.division),
        reason={"zh": reason, "en": reason},
        evidence=row.evidence,
    )
    return row


def _require_version(row: ZeroOutItemRow, expected: ExpectedVersion) -> None:
    require_version(expected, row.version, ZeroOutItem.of(row).model_dump(mode="json"))


def _turn_of(row: ZeroOutItemRow, caller: Caller) -> Signature | Problem:
    refused = not_signable(row)
    if refused is not None:
        return refused
    state = ItemState(row.state)
    signed_by = [one["signed_by"] for one in row.sign_offs]
    match sign(state, signed_by, caller.subject, caller.division, row.village_code):
        case Signature() as signature:
            return signature
        case Refused.SIGNED_BEFORE:
            return SignerRepeated()
        case _:
            return SignOffLevel(AWAITED[state].level)


def _speaks_of(answer: Answer, criterion: str) -> bool:
    return isinstance(answer, Evaluated) and any(
        outcome["rule"] == criterion for outcome in answer.outcomes
    )


async def _write_down(
    work: CallersWork, row: ZeroOutItemRow, signature: Signature, asked: SignOffRequest
) -> None:
    evidence = [one.model_dump() for one in asked.evidence]
    signed = {
        "level": signature.level,
        "signed_by": work.caller.subject,
        "division": work.caller.division,
        "signed_at": work.now.isoformat(),
        "evidence": evidence,
        "comment": asked.comment,
    }
    content = {
        "state": signature.state,
        "sign_offs": [*row.sign_offs, signed],
        "closed_at": work.now if signature.state is ItemState.CLOSED else None,
    }
    await amend(work, ZERO_OUT_ITEM, row, content, signature.step)
    comment = {"zh": asked.comment, "en": asked.comment} if asked.comment else None
    note(work, row.id, signature.step, level=signature.level, reason=comment, evidence=evidence)
