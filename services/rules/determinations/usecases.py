"""Making determinations."""

from services.rules.clients.registry import RegistryClient
from services.rules.determinations.domain import judgement_of
from services.rules.determinations.places import hold_in_place
from services.rules.determinations.records import DETERMINATION
from services.rules.determinations.schemas import NewDetermination
from services.rules.determinations.tables import DeterminationRow
from services.rules.evaluations.usecases import declared, explain, stated_by_asker
from services.rules.judging.statements import statement_of
from services.rules.releases.domain import APPROVED
from services.rules.releases.shelf import Release, Shelf
from shared.journal.records import create
from shared.problems import InvalidRequest
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.web.work import WorkToBegin


async def determine(
    to_begin: WorkToBegin,
    shelf: Shelf,
    registry: RegistryClient,
    caller: Caller,
    asked: NewDetermination,
) -> DeterminationRow:
    """Judge a subject of the registry and keep what was found, with the facts it was found from.

    Raises:
        NotFound: the subject is not in the register of the caller's division on that day, or there
            is no such release.
        InvalidRequest: the day is still to come, the release is not approved, or a fact is unknown,
            out of its range, or the registry's to state.
        Conflict: the id is taken.
        HouseholdMoving: the household moves at this very time.

    """
    if asked.as_of > to_begin.today:
        raise _refused("/as_of", "date-in-the-future", _STILL_TO_COME)
    release = await _release(shelf, asked)
    policy, kind = release.policy, asked.subject.kind
    stated = stated_by_asker(policy, kind, asked.facts, caller)
    statement = await statement_of(registry, caller, kind, asked.subject.id, asked.as_of)
    division = statement["subject"]["division"]
    facts = {**declared(policy, kind, statement["facts"]), **stated}
    explanation = explain(policy, kind, division, facts, asked.as_of)
    found = judgement_of(policy.plan(kind), explanation)
    work = await to_begin.begin()
    if kind == "household":
        await hold_in_place(work.session, statement["subject"]["id"], division)
    return await create(
        work,
        DETERMINATION,
        {
            "id": asked.id,
            "subject_kind": kind,
            "subject_id": statement["subject"]["id"],
            "division": division,
            "judged_in": division,
            "as_of": asked.as_of,
            "parameters_on": asked.as_of,
            "release_id": release.id,
            "release_digest": policy.release,
            "purpose": asked.purpose,
            "facts": facts,
            "outcomes": found.outcomes,
            "missing": found.missing,
            "stale": found.stale,
            "later": found.later,
            "undated": found.undated,
            "needs_digest": found.needs_digest,
        },
    )


async def _release(shelf: Shelf, asked: NewDetermination) -> Release:
    if asked.release is None:
        return await shelf.in_force(asked.as_of)
    release = await shelf.get(asked.release)
    if release.state not in APPROVED:
        raise _refused("/release", "release-not-approved", _NOT_APPROVED)
    return release


def _refused(pointer: str, code: str, detail: Bilingual) -> InvalidRequest:
    return InvalidRequest(detail, errors=[(pointer, code, detail)])


_STILL_TO_COME = Bilingual(
    "判定日期还没有到；请填今天或以前的日期，设想将来请用 /v1/what-ifs。",
    "That day is still to come; judge as of today or earlier, or ask /v1/what-ifs.",
)
_NOT_APPROVED = Bilingual(
    "这个政策版本尚未批准，不能据以作出判定；请选用已批准的版本，试算请用 /v1/what-ifs。",
    "This release is not approved, so nothing is determined by it; name one that is, or ask "
    "/v1/what-ifs.",
)
