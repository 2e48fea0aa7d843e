"""Judging a subject of the registry, or facts as given."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.rules.clients.registry import RegistryClient
from services.rules.engine import EngineError, Explanation, FactValue, Policy, StatedBy
from services.rules.evaluations.choosing import choose, require_known
from services.rules.evaluations.faults import Fault, first_of
from services.rules.evaluations.schemas import (
    Evaluation,
    EvaluationRequest,
    GivenFact,
    JudgedSubject,
)
from services.rules.judging.statements import statement_of
from services.rules.releases.shelf import Release
from shared.problems import InvalidRequest
from shared.security.access import Caller
from shared.values.bilingual import Bilingual, Language

WireFacts = Mapping[str, Mapping[str, Any]]


async def evaluate(
    release: Release,
    registry: RegistryClient,
    caller: Caller,
    asked: EvaluationRequest,
    language: Language,
) -> Evaluation:
    """Judge one subject, or the facts given, and explain the rules asked for.

    Raises:
        NotFound: the subject is not in the register on that day, or outside the caller's division.
        InvalidRequest: a fact or a rule that the policy does not know, a value out of range, or a
            fact of a subject that is the registry's to state.

    """
    policy = release.policy
    kind = asked.subject.kind if asked.subject else str(asked.subject_kind)
    require_known(policy, [kind], asked.rules)
    subject: JudgedSubject | None = None
    division = str(asked.division)
    facts: WireFacts = {name: vars(fact) for name, fact in (asked.facts or {}).items()}
    if asked.subject is not None:
        stated = stated_by_asker(policy, kind, asked.facts or {}, caller)
        statement = await statement_of(
            registry, caller, asked.subject.kind, asked.subject.id, asked.as_of
        )
        subject = JudgedSubject(**statement["subject"])
        division = subject["division"]
        facts = {**declared(policy, kind, statement["facts"]), **stated}
    chosen = choose(policy, kind, asked.families, asked.rules)
    explanation = explain(policy, kind, division, facts, asked.as_of)
    page = explanation.page(language)
    return Evaluation(
        subject=subject,
        subject_kind=kind,
        division=division,
        as_of=asked.as_of,
        release=release.digest,
        release_id=release.id,
        rules=[explanation.render_rule(rule, language) for rule in chosen.deciding],
        figures=[page.figure(rule) for rule in chosen.figures],
    )


def explain(policy: Policy, kind: str, division: str, facts: WireFacts, as_of: date) -> Explanation:
    """Return the explained judgement of one subject's facts.

    Raises:
        InvalidRequest: facts that the policy does not know, or values out of their range.

    """
    return policy.ruleset(kind, as_of, division).explain(read_facts(policy, kind, facts))


def read_facts(policy: Policy, kind: str, facts: WireFacts) -> dict[str, FactValue]:
    """Return facts in their wire form as checked values.

    Raises:
        InvalidRequest: facts that the policy does not know, or values out of their range.

    """
    try:
        return policy.read_facts(kind, facts)
    except EngineError as first:
        faults = [fault for name in facts if (fault := _fault(policy, kind, name, facts[name]))]
        detail, listed = first_of(faults[0][2] if len(faults) == 1 else _SEVERAL, faults)
        raise InvalidRequest(detail, errors=listed) from first


def declared(policy: Policy, kind: str, facts: WireFacts) -> WireFacts:
    """Return what a release can judge by: the registry may have learnt to state more since."""
    return {name: fact for name, fact in facts.items() if name in policy.facts[kind]}


def stated_by_asker(
    policy: Policy, kind: str, facts: Mapping[str, GivenFact], caller: Caller
) -> WireFacts:
    """Return the facts that the asker states beside those of the registry, as the caller's word.

    Raises:
        InvalidRequest: the registry states some of them.

    """
    known = policy.facts[kind]
    overridden = [
        name for name in facts if name in known and known[name].stated_by is not StatedBy.ASKER
    ]
    if overridden:
        faults = [(_pointer(name), "fact-of-the-registry", _REGISTRY_STATES) for name in overridden]
        detail, listed = first_of(_REGISTRY_STATES, faults)
        raise InvalidRequest(detail, errors=listed)
    return {
        name: {"value": fact.value, "date": fact.date, "recorded_by": caller.subject}
        for name, fact in facts.items()
    }


def _fault(policy: Policy, kind: str, name: str, fact: Mapping[str, Any]) -> Fault | None:
    try:
        policy.read_facts(kind, {name: fact})
    except EngineError as error:
        detail = Bilingual(error.message("zh"), error.message("en"))
        return _pointer(name), error.code, detail
    return None


def _pointer(name: str) -> str:
    return f"/facts/{name.replace('~', '~0').replace('/', '~1')}"


_SEVERAL = Bilingual(
    "有几项事实不合要求，见 errors；改正后重发。",
    "Several facts are refused, see errors; correct them and send again.",
)
_REGISTRY_STATES = Bilingual(
    "这项事实以登记为准，不能在判定时另行陈述；请先在 registry 中登记或更正，假设不同的值请用 /v1/what-ifs。",
    "The registry states this fact; record or correct it there first, or suppose another value in "
    "/v1/what-ifs.",
)
