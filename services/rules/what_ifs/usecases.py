"""Judging twice: as it is, and with something supposed to be different."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.rules.clients.registry import FactsStatement, RegistryClient
from services.rules.engine import FactValue, Policy
from services.rules.evaluations.schemas import GivenFact
from services.rules.evaluations.usecases import declared, read_facts
from services.rules.judging.statements import not_in_register, statement_of
from services.rules.releases.shelf import Release, Shelf
from services.rules.subjects import SubjectKind
from services.rules.what_ifs.answer import Compared, answer
from services.rules.what_ifs.domain import (
    ChangedFacts,
    Cohort,
    SupposedSubject,
    changed,
    chosen,
    compare_columns,
    compare_subjects,
)
from services.rules.what_ifs.effects import Supposed, Unchanged, without_effect
from services.rules.what_ifs.schemas import Explained, NotJudged, WhatIf, WhatIfRequest
from services.rules.what_ifs.variants import Variant, Variants
from services.rules.words import in_two_languages
from shared.problems import InvalidRequest, NotFound
from shared.security.access import Caller
from shared.values.bilingual import Bilingual, Language
from shared.values.divisions import DivisionLevel, level

AT_ONCE = 1000
"""How many subjects the registry is asked about in one request."""


class Comparison:
    """One what-if under way: the policy as it is, the policy supposed, and the facts supposed."""

    def __init__(
        self,
        asked: WhatIfRequest,
        policies: tuple[Policy, Policy],
        registry: RegistryClient,
        caller: Caller,
        language: Language,
    ) -> None:
        self._asked = asked
        self._policies = policies
        self._registry = registry
        self._caller = caller
        self._language = language
        self._wanted = _wanted(policies, asked)
        self._changes: dict[str, ChangedFacts] = {}

    async def compared(self) -> Compared:
        """Judge whoever is asked about before and after."""
        asked = self._asked
        if asked.subject is not None:
            kind = asked.subject.kind
            statement = await statement_of(
                self._registry, self._caller, kind, asked.subject.id, asked.as_of
            )
            return self._explained(kind, self._subject(statement))
        if asked.subjects is not None:
            return await self._of_many()
        assert asked.subject_kind is not None  # noqa: S101 - the request's own check
        assert asked.division is not None  # noqa: S101
        if asked.facts is not None:
            given = {name: vars(fact) for name, fact in asked.facts.items()}
            facts = read_facts(self._policies[0], asked.subject_kind, given)
            return self._explained(asked.subject_kind, SupposedSubject(None, asked.division, facts))
        assert asked.subject_kind != "division"  # noqa: S101
        return await self._of_division(asked.subject_kind, asked.division)

    def without_effect(self, variant: Variant, compared: Compared) -> list[Unchanged]:
        """Return the changes that changed nothing, and why."""
        facts: dict[str, FactValue | None] = {}
        for cohort in compared.cohorts:
            facts |= self._changed(cohort.kind)
        supposed = Supposed(variant.parameters, variant.rules, facts)
        return without_effect(
            self._policies, supposed, compared.cohorts, self._wanted, self._asked.as_of
        )

    def _explained(self, kind: str, subject: SupposedSubject) -> Compared:
        changes = self._changed(kind)
        cohort = compare_subjects(
            kind, self._policies, [subject], changes, self._asked.as_of, self._wanted
        )
        before, after = self._policies
        explained = Explained(
            before=self._reasons(before, kind, subject.division, subject.facts),
            after=self._reasons(after, kind, subject.division, changed(subject.facts, changes)),
        )
        return Compared([cohort], explained=explained)

    async def _of_many(self) -> Compared:
        asked = self._asked.subjects or []
        compared = Compared([])
        for kind in dict.fromkeys(one.kind for one in asked):
            ids = list(dict.fromkeys(one.id for one in asked if one.kind == kind))
            statements = await self._statements(kind, ids)
            compared.not_judged += [_not_judged(kind, one) for one in ids if one not in statements]
            cohort = await asyncio.to_thread(self._compare, kind, list(statements.values()))
            compared.cohorts.append(cohort)
        return compared

    async def _of_division(self, kind: SubjectKind, division: str) -> Compared:
        changes = self._changed(kind)
        facts = await self._registry.facts_of_division(kind, division, self._asked.as_of)
        below = level(division) is not DivisionLevel.VILLAGE
        children = await self._registry.children(division) if below else []
        cohort = await asyncio.to_thread(
            compare_columns,
            kind,
            self._policies,
            facts,
            changes,
            self._asked.as_of,
            self._wanted,
        )
        return Compared([cohort], division=division, children=children)

    async def _statements(self, kind: SubjectKind, ids: Sequence[str]) -> dict[str, FactsStatement]:
        found: dict[str, FactsStatement] = {}
        for start in range(0, len(ids), AT_ONCE):
            part = ids[start : start + AT_ONCE]
            found |= await self._registry.facts_of_many(kind, part, self._asked.as_of)
        return {
            subject_id: one
            for subject_id, one in found.items()
            if self._caller.covers(one["subject"]["division"])
        }

    def _compare(self, kind: str, statements: Sequence[FactsStatement]) -> Cohort:
        subjects = [self._subject(one) for one in statements]
        changes = self._changed(kind)
        return compare_subjects(
            kind, self._policies, subjects, changes, self._asked.as_of, self._wanted
        )

    def _subject(self, statement: FactsStatement) -> SupposedSubject:
        subject, policy = statement["subject"], self._policies[0]
        kind = subject["kind"]
        facts = read_facts(policy, kind, declared(policy, kind, statement["facts"]))
        return SupposedSubject(subject["id"], subject["division"], facts)

    def _changed(self, kind: str) -> ChangedFacts:
        """The facts supposed, checked for a kind of subject; found out on the day of judgement."""
        if kind not in self._changes:
            as_of, supposed = self._asked.as_of, self._asked.changes.facts
            self._changes[kind] = _changed_facts(self._policies[0], kind, supposed, as_of)
        return self._changes[kind]

    def _reasons(
        self, policy: Policy, kind: str, division: str, facts: Mapping[str, FactValue]
    ) -> list[dict[str, Any]]:
        explanation = policy.ruleset(kind, self._asked.as_of, division).explain(facts)
        rules = chosen(policy, kind, self._wanted)
        return [explanation.render_rule(rule, self._language) for rule in rules]


async def suppose(
    shelf: Shelf,
    variants: Variants,
    registry: RegistryClient,
    caller: Caller,
    asked: WhatIfRequest,
    language: Language,
) -> WhatIf:
    """Judge by a release, and by what is supposed instead, and say what flips.

    Raises:
        NotFound: the subject or the division is outside the caller's, or there is no such release.
        InvalidRequest: the reform or a supposed fact is refused, or a rule is unknown.

    """
    base = await _base(shelf, asked)
    variant = await variants.of(shelf, base, asked.changes.reform)
    policies = base.policy, variant.policy
    comparison = Comparison(asked, policies, registry, caller, language)
    compared = await comparison.compared()
    compared.without_effect = comparison.without_effect(variant, compared)
    return answer(base, variant, compared, asked)


async def _base(shelf: Shelf, asked: WhatIfRequest) -> Release:
    if asked.release is None:
        return await shelf.in_force(asked.as_of)
    return await shelf.get(asked.release)


def _changed_facts(
    policy: Policy, kind: str, supposed: Mapping[str, GivenFact | None], as_of: date
) -> ChangedFacts:
    given = {
        name: vars(fact) | {"date": fact.date or as_of}
        for name, fact in supposed.items()
        if fact is not None
    }
    unknown = supposed.keys() - given.keys() - policy.facts[kind].keys()
    nothing: dict[str, Any] = {"value": None}
    try:
        replaced = read_facts(policy, kind, given | dict.fromkeys(sorted(unknown), nothing))
    except InvalidRequest as refused:
        errors = [(f"/changes{pointer}", code, words) for pointer, code, words in refused.errors]
        raise InvalidRequest(refused.detail, errors=errors) from refused
    return {**dict.fromkeys(supposed.keys() - given.keys()), **replaced}


def _wanted(policies: tuple[Policy, Policy], asked: WhatIfRequest) -> frozenset[str] | None:
    """The rules asked for, by name or family; None for all that decide."""
    rules = [rule for policy in policies for rule in policy.rules.values() if rule.decides]
    unknown = sorted(set(asked.rules or ()) - {rule.name for rule in rules})
    if unknown:
        detail = Bilingual(
            f"没有判定规则 {'、'.join(unknown)}；请在 /v1/rules 中查询。",
            f"There is no deciding rule {', '.join(unknown)}; look it up in /v1/rules.",
        )
        raise InvalidRequest(detail, errors=[("/rules", "unknown-rule", detail)])
    if asked.rules is None and asked.families is None:
        return None
    of_families = {rule.name for rule in rules if rule.family in (asked.families or ())}
    return frozenset(of_families.union(asked.rules or ()))


def _not_judged(kind: SubjectKind, subject_id: str) -> NotJudged:
    detail = not_in_register(subject_id)
    return NotJudged(kind=kind, id=subject_id, code=NotFound.code, detail=in_two_languages(detail))
