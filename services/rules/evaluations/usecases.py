"""Judging subjects of the registry, or facts as given."""

from collections.abc import Sequence
from datetime import date
from typing import Any, get_args

from services.rules.clients.registry import FactsStatement, RegistryClient, SubjectKind
from services.rules.engine import EngineError, Explanation, Policy
from services.rules.evaluations.reasons import rule_outcome
from services.rules.evaluations.schemas import (
    BatchAnswer,
    BatchItem,
    BatchRequest,
    Evaluation,
    EvaluationRequest,
    JudgedSubject,
    RuleOutcome,
)
from shared.problems import InvalidRequest, NotFound
from shared.security.access import Caller
from shared.values.bilingual import Bilingual, Language


async def evaluate(
    policy: Policy,
    registry: RegistryClient,
    caller: Caller,
    asked: EvaluationRequest,
    language: Language,
) -> Evaluation:
    """Judge one subject, or the facts given, and explain every rule.

    Raises:
        NotFound: the subject is not in the register on that day, or outside the caller's division.
        InvalidRequest: a fact or a rule that the policy does not know, or a value out of range.

    """
    if asked.subject is not None:
        statement = await registry.facts_of(asked.subject.kind, asked.subject.id, asked.as_of)
        if statement is None or not caller.covers(statement["subject"]["division"]):
            raise NotFound(_not_in_register(asked.subject.id))
        subject: JudgedSubject | None = JudgedSubject(**statement["subject"])
        kind: str = asked.subject.kind
        division, facts = statement["subject"]["division"], statement["facts"]
    else:
        assert asked.subject_kind is not None  # noqa: S101 - the request's own check
        assert asked.division is not None  # noqa: S101
        assert asked.facts is not None  # noqa: S101
        subject, kind, division = None, asked.subject_kind, asked.division
        facts = {name: fact.model_dump() for name, fact in asked.facts.items()}
    explanation = explain(policy, kind, division, facts, asked.as_of)
    rules = _chosen(explanation, asked.rules)
    return Evaluation(
        subject=subject,
        subject_kind=kind,
        division=division,
        as_of=asked.as_of,
        release=policy.release,
        rules=[explanation.render_rule(rule, language) for rule in rules],
    )


async def evaluate_batch(
    policy: Policy, registry: RegistryClient, caller: Caller, asked: BatchRequest
) -> BatchAnswer:
    """Judge many subjects; each gets its own answer, in the order asked."""
    statements: dict[tuple[str, str], FactsStatement] = {}
    for kind in get_args(SubjectKind):
        ids = [subject.id for subject in asked.subjects if subject.kind == kind]
        found = await registry.facts_of_many(kind, ids, asked.as_of)
        statements |= {(kind, subject_id): one for subject_id, one in found.items()}
    items = []
    for subject in asked.subjects:
        statement = statements.get((subject.kind, subject.id))
        if statement is None or not caller.covers(statement["subject"]["division"]):
            detail = _not_in_register(subject.id)
            items.append(
                BatchItem(
                    subject=JudgedSubject(kind=subject.kind, id=subject.id),
                    status="failed",
                    code=NotFound.code,
                    detail={"zh": detail.zh, "en": detail.en},
                )
            )
        else:
            items.append(_judged(policy, statement, asked.as_of, explained=asked.explain))
    return BatchAnswer(as_of=asked.as_of, release=policy.release, items=items)


def explain(
    policy: Policy, kind: str, division: str, facts: dict[str, dict[str, Any]], as_of: date
) -> Explanation:
    """Return the explained judgement of one subject's facts.

    Raises:
        InvalidRequest: a fact that the policy does not know, or a value out of its range.

    """
    try:
        return policy.ruleset(kind, as_of, division).explain(policy.read_facts(kind, facts))
    except EngineError as error:
        detail = Bilingual(error.message("zh"), error.message("en"))
        raise InvalidRequest(detail, errors=[("/facts", error.code, detail)]) from error


def _judged(
    policy: Policy, statement: FactsStatement, as_of: date, *, explained: bool
) -> BatchItem:
    subject = JudgedSubject(**statement["subject"])
    explanation = explain(policy, subject["kind"], subject["division"], statement["facts"], as_of)
    outcomes = [
        rule_outcome(explanation, rule) if explained else RuleOutcome(rule=rule, outcome=outcome)
        for rule, outcome in explanation.outcomes.items()
    ]
    return BatchItem(subject=subject, status="evaluated", outcomes=outcomes)


def _chosen(explanation: Explanation, wanted: Sequence[str] | None) -> Sequence[str]:
    known = explanation.outcomes
    if wanted is None:
        return list(known)
    unknown = [rule for rule in wanted if rule not in known]
    if unknown:
        detail = Bilingual(
            f"没有规则 {'、'.join(unknown)}；可用规则：{'、'.join(known)}。",
            f"There is no rule {', '.join(unknown)}; the rules are {', '.join(known)}.",
        )
        raise InvalidRequest(detail, errors=[("/rules", "unknown-rule", detail)])
    return wanted


def _not_in_register(subject_id: str) -> Bilingual:
    return Bilingual(
        f"该日期在您的区划范围内没有在册对象 {subject_id}；请核对编号和日期。",
        f"{subject_id} is not in the register of your division on that day; check id and date.",
    )
