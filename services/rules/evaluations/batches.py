"""Judging many subjects in one request, without keeping the service from others."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from services.rules.clients.registry import FactsStatement, RegistryClient
from services.rules.engine import Explanation, Policy
from services.rules.evaluations.choosing import ChosenRules, choose, require_known
from services.rules.evaluations.faults import first_of
from services.rules.evaluations.reasons import rule_outcome
from services.rules.evaluations.schemas import (
    BatchItem,
    BatchRequest,
    BatchSubject,
    FaultyField,
    JudgedSubject,
    RuleOutcome,
)
from services.rules.evaluations.usecases import declared, explain, stated_by_asker
from services.rules.judging.statements import not_in_register
from services.rules.releases.shelf import Release
from services.rules.subjects import KINDS
from services.rules.words import InTwoLanguages
from shared.problems import NotFound, Problem
from shared.security.access import Caller
from shared.values.bilingual import Bilingual
from shared.web.row_pages import as_json
from shared.web.validation import invalid_request

AT_ONCE = 250
"""Subjects whose facts are held at a time."""
SLICE = 4
"""Subjects judged, in some two milliseconds, before other requests have their turn."""

Statements = dict[tuple[str, str], FactsStatement]


async def evaluate_batch(
    release: Release, registry: RegistryClient, caller: Caller, asked: BatchRequest
) -> bytes:
    """Judge many subjects and return the JSON of a BatchAnswer; each has its own, in the order asked.

    A subject that cannot be read, found or judged is a failed item and keeps no other from its
    answer. Subjects are put into words a few at a time, and kept as JSON.

    Raises:
        InvalidRequest: a rule that the policy does not have for these subjects.

    """
    batch = _Batch(release.policy, caller, asked)
    items: list[orjson.Fragment] = []
    for start in range(0, len(asked.subjects), AT_ONCE):
        subjects = [_read(given) for given in asked.subjects[start : start + AT_ONCE]]
        statements = await _statements(registry, subjects, asked.as_of)
        for subject in subjects:
            item = dict(batch.item(len(items), subject, statements))
            items.append(orjson.Fragment(as_json(item)))
            if len(items) % SLICE == 0:
                await asyncio.sleep(0)
    return as_json(
        {
            "as_of": asked.as_of,
            "release": release.digest,
            "release_id": release.id,
            "items": items,
        }
    )


class _Unread(NamedTuple):
    """A subject that cannot be read: what was sent as far as it can be named, and why."""

    named: JudgedSubject | None
    problem: Problem


def _read(given: Any) -> BatchSubject | _Unread:
    try:
        return BatchSubject.model_validate(given)
    except ValidationError as error:
        named = None
        if isinstance(given, dict):
            kind, subject_id = given.get("kind"), given.get("id")
            if isinstance(kind, str) and isinstance(subject_id, str):
                named = JudgedSubject(kind=_whole(kind[:40]), id=_whole(subject_id[:40]))
        return _Unread(named, invalid_request(error.errors(), inside="body"))


async def _statements(
    registry: RegistryClient, subjects: Sequence[BatchSubject | _Unread], as_of: date
) -> Statements:
    statements: Statements = {}
    for kind in KINDS:
        ids = {
            one.id: None for one in subjects if not isinstance(one, _Unread) and one.kind == kind
        }
        found = await registry.facts_of_many(kind, list(ids), as_of)
        statements |= {(kind, subject_id): one for subject_id, one in found.items()}
    return statements


class _Batch:
    """Makes the items of one batch."""

    def __init__(self, policy: Policy, caller: Caller, asked: BatchRequest) -> None:
        require_known(policy, KINDS, asked.rules)
        self._policy = policy
        self._caller = caller
        self._asked = asked
        self._chosen: dict[str, ChosenRules] = {
            kind: choose(policy, kind, asked.families, asked.rules) for kind in KINDS
        }

    def item(
        self, index: int, subject: BatchSubject | _Unread, statements: Statements
    ) -> BatchItem:
        """Return what becomes of one subject."""
        if isinstance(subject, _Unread):
            return _failed(index, *subject)
        try:
            return self._evaluated(index, subject, statements.get((subject.kind, subject.id)))
        except Problem as problem:
            return _failed(index, JudgedSubject(kind=subject.kind, id=subject.id), problem)

    def _evaluated(
        self, index: int, subject: BatchSubject, statement: FactsStatement | None
    ) -> BatchItem:
        if statement is None or not self._caller.covers(statement["subject"]["division"]):
            raise NotFound(not_in_register(subject.id))
        policy, kind, chosen = self._policy, subject.kind, self._chosen[subject.kind]
        stated = stated_by_asker(policy, kind, subject.facts, self._caller)
        facts = {**declared(policy, kind, statement["facts"]), **stated}
        judged = JudgedSubject(**statement["subject"])
        explanation = explain(policy, kind, judged["division"], facts, self._asked.as_of)
        return BatchItem(
            index=index,
            subject=judged,
            status="evaluated",
            outcomes=[self._outcome(explanation, rule) for rule in chosen.deciding],
            figures={rule: explanation.page("zh").value(rule) for rule in chosen.figures},
        )

    def _outcome(self, explanation: Explanation, rule: str) -> RuleOutcome:
        if self._asked.explain:
            return rule_outcome(explanation, rule)
        return RuleOutcome(rule=rule, outcome=explanation.page("zh").outcome(rule))


def _failed(index: int, subject: JudgedSubject | None, problem: Problem) -> BatchItem:
    detail, faults = first_of(problem.detail, problem.errors)
    return BatchItem(
        index=index,
        subject=subject,
        status="failed",
        code=problem.errors[0][1] if problem.errors else problem.code,
        detail=_said(detail),
        errors=[
            FaultyField(pointer=_whole(pointer), code=code, detail=_said(words))
            for pointer, code, words in faults
        ],
    )


def _said(words: Bilingual) -> InTwoLanguages:
    return InTwoLanguages(zh=_whole(words.zh), en=_whole(words.en))


def _whole(text: str) -> str:
    """The text with half characters, which JSON can smuggle in and bytes cannot hold, written out."""
    return text.encode(errors="backslashreplace").decode()
