"""Making determinations."""

from typing import Any

from services.rules.clients.registry import RegistryClient
from services.rules.determinations.domain import judgement_of
from services.rules.determinations.records import DETERMINATION
from services.rules.determinations.schemas import NewDetermination
from services.rules.determinations.tables import DeterminationRow
from services.rules.engine import Policy, StatedBy
from services.rules.evaluations.usecases import explain
from services.rules.judging import statement_of
from services.rules.releases.domain import APPROVED
from services.rules.releases.shelf import Release, Shelf
from shared.journal.records import create
from shared.problems import InvalidRequest
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.web.work import Work


async def determine(
    work: Work,
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

    """
    if asked.as_of > work.today:
        raise _refused("/as_of", "date-in-the-future", _STILL_TO_COME)
    release = await _release(shelf, asked)
    policy, kind = release.policy, asked.subject.kind
    statement = await statement_of(registry, caller, kind, asked.subject.id, asked.as_of)
    division = statement["subject"]["division"]
    # A release judges by the facts that it knows; the registry may have learnt more since.
    facts = {
        name: fact for name, fact in statement["facts"].items() if name in policy.facts[kind]
    } | _stated(policy, caller, asked)
    explanation = explain(policy, kind, division, facts, asked.as_of)
    found = judgement_of(policy.plan(kind), explanation)
    return await create(
        work,
        DETERMINATION,
        {
            "id": asked.id,
            "subject_kind": kind,
            "subject_id": statement["subject"]["id"],
            "division": division,
            "as_of": asked.as_of,
            "parameters_on": asked.as_of,
            "release_id": release.id,
            "release_digest": policy.release,
            "purpose": asked.purpose,
            "facts": facts,
            "outcomes": found.outcomes,
            "missing": found.missing,
            "stale": found.stale,
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


def _stated(policy: Policy, caller: Caller, asked: NewDetermination) -> dict[str, dict[str, Any]]:
    """The facts that the asker states, as the caller's own word."""
    stated = {}
    for name, given in asked.facts.items():
        fact = policy.facts[asked.subject.kind].get(name)
        if fact is not None and fact.stated_by is not StatedBy.ASKER:
            raise _refused(f"/facts/{name}", "fact-of-the-registry", _OF_THE_REGISTRY)
        stated[name] = given.model_dump(mode="json") | {"recorded_by": caller.subject}
    return stated


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
_OF_THE_REGISTRY = Bilingual(
    "这项事实以登记为准，不能随判定申报；请先在 registry 中登记或更正。",
    "The registry states this fact; record or correct it there first.",
)
