"""The steps of a release after its draft: proposed, approved or rejected, scheduled, withdrawn."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.rules.releases.domain import STATES, ReleaseState
from services.rules.releases.impact import request_impact
from services.rules.releases.readiness import require_nothing_undone, unready
from services.rules.releases.records import RELEASE
from services.rules.releases.refusals import (
    DateTaken,
    ImpactNotComputed,
    ImpactOutdated,
    ReleaseNotReady,
    SecondPersonNeeded,
    StepNotPossible,
)
from services.rules.releases.schemas import JudgingDate, ReleaseScheduling, release_state
from services.rules.releases.shelf import Shelf
from services.rules.releases.storing import files_of, lock_releases
from services.rules.releases.tables import ImpactRow, ReleaseRow
from services.rules.scopes import Scope
from shared.db.locking import locked
from shared.journal.records import amend, find
from shared.problems import Forbidden, InvalidRequest
from shared.values.bilingual import Bilingual
from shared.web.etags import ExpectedVersion, require_version
from shared.web.work import CallersWork, Work

State = ReleaseState


async def propose(
    work: CallersWork,
    shelf: Shelf,
    release_id: UUID,
    expected: ExpectedVersion,
    asked: JudgingDate,
) -> ReleaseRow:
    """Propose a draft for approval and ask for its impact; its files stay as they are from now on.

    Raises:
        NotFound: the release does not exist for the caller.
        PreconditionFailed: it has changed since it was read.
        StepNotPossible: it is no draft.
        ReleaseNotReady: it lists what is missing.

    """
    row = await _in_state(work, release_id, expected, (State.DRAFT,))
    files = await files_of(work.session, row.id)
    errors = await unready(work, row, files)
    if errors:
        raise ReleaseNotReady(
            Bilingual(
                "该政策版本尚不能提请批准，见 errors；改正后再提请。",
                "The release cannot be proposed yet, see errors; correct them and propose it again.",
            ),
            errors=errors,
        )
    step = {"state": State.PROPOSED, "proposed_by": work.actor, "proposed_at": work.now}
    await _take(work, row, step)
    await request_impact(work, shelf, row, asked.judged_on or work.today)
    return row


async def assess(
    work: CallersWork,
    shelf: Shelf,
    release_id: UUID,
    expected: ExpectedVersion,
    asked: JudgingDate,
) -> ReleaseRow:
    """Ask for the impact of a proposed release again, on the facts as they are by now.

    Raises:
        NotFound: the release does not exist for the caller.
        PreconditionFailed: it has changed since it was read.
        StepNotPossible: it is not proposed.
        ImpactInProgress: it is being computed.

    """
    row = await _in_state(work, release_id, expected, (State.PROPOSED,))
    await request_impact(work, shelf, row, asked.judged_on or work.today)
    return row


async def approve(
    work: CallersWork, shelf: Shelf, release_id: UUID, expected: ExpectedVersion
) -> ReleaseRow:
    """Approve a proposed release whose impact is known.

    Raises:
        NotFound: the release does not exist for the caller.
        PreconditionFailed: it has changed since it was read.
        StepNotPossible: it is not proposed.
        SecondPersonNeeded: the caller proposed it or edited it.
        ReleaseNotReady: another was dated since it was proposed, whose changes it would undo.
        ImpactNotComputed: nobody knows yet what these files would change.
        ImpactOutdated: it was computed against a release that is not in force on that day.

    """
    row = await _in_state(work, release_id, expected, (State.PROPOSED,))
    if work.actor == row.proposed_by or work.actor in row.edited_by:
        raise SecondPersonNeeded(
            Bilingual(
                "您起草、编辑或提请了该版本，不能由您批准；请由另一人批准。",
                "You drafted, edited or proposed this release; another person has to approve it.",
            )
        )
    await require_nothing_undone(work.session, row)
    await _require_impact(work, shelf, row)
    step = {"state": State.APPROVED, "approved_by": work.actor, "approved_at": work.now}
    return await _take(work, row, step)


async def reject(
    work: CallersWork, release_id: UUID, expected: ExpectedVersion, reason: str
) -> ReleaseRow:
    """Send a proposed release back for good; a new draft takes up what was good in it.

    Raises:
        NotFound: the release does not exist for the caller.
        PreconditionFailed: it has changed since it was read.
        StepNotPossible: it is not proposed.

    """
    row = await _in_state(work, release_id, expected, (State.PROPOSED,))
    return await _take(work, row, {"state": State.REJECTED, "closed_reason": reason})


async def withdraw(
    work: CallersWork, release_id: UUID, expected: ExpectedVersion, reason: str
) -> ReleaseRow:
    """Take a release back before its day; one that is approved only by those who may approve.

    Raises:
        NotFound: the release does not exist for the caller.
        PreconditionFailed: it has changed since it was read.
        StepNotPossible: it is over, or its day has come.
        Forbidden: it is approved, and the caller may not approve.

    """
    open_states = (State.DRAFT, State.PROPOSED, State.APPROVED, State.SCHEDULED)
    row = await _in_state(work, release_id, expected, open_states)
    approved = row.state in (State.APPROVED, State.SCHEDULED)
    if approved and Scope.RELEASES_APPROVE not in work.caller.scopes:
        raise Forbidden(
            Bilingual(
                f"撤回已批准的版本需要权限 {Scope.RELEASES_APPROVE}；请向管理员申请。",
                f"Taking back an approved release needs the scope {Scope.RELEASES_APPROVE}; ask an "
                "administrator for it.",
            )
        )
    step = {"state": State.WITHDRAWN, "closed_reason": reason, "in_force_from": None}
    return await _take(work, row, step)


async def schedule(
    work: CallersWork,
    release_id: UUID,
    expected: ExpectedVersion,
    asked: ReleaseScheduling,
) -> ReleaseRow:
    """Set the day on which an approved release takes force, or another one while that has not come.

    Raises:
        NotFound: the release does not exist for the caller.
        PreconditionFailed: it has changed since it was read.
        StepNotPossible: it is not approved, or its day has come.
        InvalidRequest: the day is over.
        ReleaseNotReady: it would undo another dated release, or be undone by a later one.
        DateTaken: another release takes force on that day, and is not the one to give way.

    """
    # Two that are dated at once would each see nothing of the other.
    await lock_releases(work.session)
    row = await _in_state(work, release_id, expected, (State.APPROVED, State.SCHEDULED))
    if asked.in_force_from < work.today:
        detail = Bilingual(
            f"施行日期早于今天（{work.today}）；请改为今天或以后。",
            f"The day lies before today ({work.today}); give today or a later day.",
        )
        raise InvalidRequest(detail, errors=[("/in_force_from", "release-date-past", detail)])
    # What gives way for the day is not undone.
    await _clear_day(work, row, asked)
    await require_nothing_undone(work.session, row, asked.in_force_from)
    step = {
        "state": State.SCHEDULED,
        "in_force_from": asked.in_force_from,
        "scheduled_by": work.actor,
        "scheduled_at": work.now,
    }
    return await _take(work, row, step)


async def _in_state(
    work: CallersWork,
    release_id: UUID,
    expected: ExpectedVersion,
    states: Collection[State],
) -> ReleaseRow:
    row = await find(work.session, RELEASE, release_id, work.caller, for_update=True)
    require_version(expected, row.version, release_state(row))
    begun = row.in_force_from is not None and row.in_force_from <= work.today
    if row.state not in states or begun:
        now = STATES[row.state]
        possible = [STATES[state] for state in states]
        raise StepNotPossible(
            Bilingual(
                f"版本 {row.number} 现为“{now.zh}”{'，且施行日期已到' if begun else ''}；此步骤只适用于 "
                f"{'、'.join(f'“{state.zh}”' for state in possible)}的版本。",
                f"Release {row.number} is {now.en}{' and its day has come' if begun else ''}; this "
                f"step is for what is {' or '.join(state.en for state in possible)}.",
            ),
            state=row.state,
        )
    return row


async def _take(work: Work, row: ReleaseRow, step: dict[str, Any]) -> ReleaseRow:
    state: State = step["state"]
    await amend(work, RELEASE, row, step | {"state": state.value}, state.value)
    return row


async def _require_impact(work: Work, shelf: Shelf, row: ReleaseRow) -> None:
    impact = await work.session.get(ImpactRow, row.id)
    computed = impact is not None and impact.computed_at is not None
    if impact is None or not computed or impact.files_digest != row.files_digest:
        raise ImpactNotComputed(
            Bilingual(
                f"版本 {row.number} 的影响尚未测算完；请等测算任务结束，或用 :assess 重新测算。",
                f"The impact of release {row.number} is not computed; wait for its job, or ask again "
                "with :assess.",
            )
        )
    if (await shelf.in_force(impact.judged_on)).id != impact.against:
        raise ImpactOutdated(
            Bilingual(
                "影响是对照另一版本测算的，该日施行的版本已变；请用 :assess 重新测算。",
                "The impact was computed against another release than the one in force on that day by "
                "now; ask again with :assess.",
            )
        )


async def _clear_day(work: Work, row: ReleaseRow, asked: ReleaseScheduling) -> None:
    """Let the release scheduled for the day give way if that is asked for."""
    statement = locked(
        select(ReleaseRow).where(
            ReleaseRow.in_force_from == asked.in_force_from, ReleaseRow.id != row.id
        )
    )
    other = await work.session.scalar(statement)
    if other is None:
        return
    if other.id != asked.supersedes or other.in_force_from == work.today:
        raise DateTaken(
            Bilingual(
                f"版本 {other.number} 已定于 {asked.in_force_from} 施行；请换一天，或在该日之前用 "
                "supersedes 指明取代它。",
                f"Release {other.number} takes force on {asked.in_force_from}; choose another day, or "
                "before that day name it in supersedes.",
            ),
            release_id=str(other.id),
        )
    step = {"state": State.SUPERSEDED, "superseded_at": work.now, "in_force_from": None}
    await _take(work, other, step)
