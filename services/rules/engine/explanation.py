"""Why an answer is what it is: structured at once, put into words on demand."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from services.rules.engine import tree
from services.rules.engine.changes import Change, change_of_leaf
from services.rules.engine.declarations import Condition, Fact, Parameter, Rule
from services.rules.engine.declarations import ParameterValue as Resolved
from services.rules.engine.facts import wire_value
from services.rules.engine.interpreter import Known
from services.rules.engine.outcomes import OUTCOMES, Outcome
from services.rules.engine.plan import Need, Plan, Resolution
from services.rules.engine.python_backend import Facts, Leaf, Trace
from services.rules.engine.units import is_money
from services.rules.engine.wording import Words
from shared.values.bilingual import Language


class Explanation:
    """One subject's evaluation. Reading outcomes and missing needs is cheap; `render` makes the words."""

    def __init__(
        self,
        release: str,
        plan: Plan,
        resolution: Resolution,
        facts: Facts,
        evaluate: Callable[[Facts], Trace],
    ) -> None:
        self.release = release
        self.facts = facts
        self.trace = evaluate(facts)
        self._plan = plan
        self._resolution = resolution
        self._evaluate = evaluate
        # Found by evaluating again, and the same in every language.
        self._changes: dict[int, Change | None] = {}

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """By the id of every rule that decides."""
        return {
            rule.name: OUTCOMES[value]
            for rule, value in zip(self._plan.rules, self.trace.values, strict=True)
            if rule.decides
        }

    def missing(self, rule: str) -> tuple[Need, ...]:
        """What would decide an undetermined rule (stale facts included); empty when it is determined."""
        return tuple(self._plan.named(self.trace.missing[self._position(rule)]))

    def stale(self, rule: str) -> tuple[str, ...]:
        """Those of `missing` that are recorded, and too old or dated after `as_of`."""
        return self._stale(self.trace.missing[self._position(rule)])

    def render(self, language: Language) -> dict[str, Any]:
        """Every rule that decides, in words: see `render_rule`."""
        return {
            "release": self.release,
            "as_of": self._resolution.as_of.isoformat(),
            "division": self._resolution.division,
            "rules": [
                self.render_rule(rule.name, language) for rule in self._plan.rules if rule.decides
            ],
        }

    def render_rule(self, name: str, language: Language) -> dict[str, Any]:
        """One rule as plain data: outcome, conditions with comparisons in words, parameters, facts, what is missing.

        Money is a decimal string, dates are ISO strings.
        """
        position = self._position(name)
        rule = self._plan.rules[position]
        words = self._words(language)
        first = sum(len(before.conditions) for before in self._plan.rules[:position])
        return {
            "rule": rule.name,
            "title": rule.title.in_language(language),
            "outcome": OUTCOMES[self.trace.values[position]].value,
            "combination": rule.combination.value,
            "in_force_from": rule.start.isoformat(),
            "citation": _citation(rule),
            "conditions": [
                self._render_condition(condition, first + i, words, language)
                for i, condition in enumerate(rule.conditions)
            ],
            "parameters": [
                self._render_parameter(parameter, resolved, language)
                for parameter, resolved in self._used_parameters(rule)
            ],
            "facts": [self._render_fact(fact, language) for fact in self._used_facts(rule)],
            **self._render_missing(self.trace.missing[position]),
        }

    def _position(self, name: str) -> int:
        for position, rule in enumerate(self._plan.rules):
            if rule.name == name:
                return position
        raise KeyError(name)

    def _stale(self, mask: int) -> tuple[str, ...]:
        return tuple(need.name for need in self._plan.named(mask & self.trace.stale))

    def _render_missing(self, mask: int) -> dict[str, list[str]]:
        needs = tuple(self._plan.named(mask))
        stale = self._stale(mask)
        return {
            "missing_facts": [
                need.name for need in needs if need.kind == "fact" and need.name not in stale
            ],
            "stale_facts": list(stale),
            "undecided_parameters": [need.name for need in needs if need.kind == "parameter"],
            "rules_not_in_force": [need.name for need in needs if need.kind == "rule"],
        }

    def _render_condition(
        self, condition: Condition, index: int, words: Words, language: Language
    ) -> dict[str, Any]:
        node = condition.node
        recorded = zip(self._plan.leaves[index], self.trace.leaves[index], strict=True)
        leaves = [Leaf(leaf, *values) for leaf, values in recorded]
        outcome = self.trace.conditions[index]
        if index not in self._changes:
            self._changes[index] = self._smallest_change(index, leaves)
        change = self._changes[index]
        return {
            "title": condition.title.in_language(language),
            "outcome": OUTCOMES[outcome].value,
            "rule": node.name if isinstance(node, tree.RuleReference) else None,
            "comparisons": [
                words.leaf(leaf, condition.shown if leaf.node is node else None)
                for leaf in leaves
                if not isinstance(leaf.node, tree.RuleReference)
            ],
            "smallest_change": None if change is None else words.change(change),
            **self._render_missing(self.trace.condition_missing[index]),
        }

    def _smallest_change(self, index: int, leaves: list[Leaf]) -> Change | None:
        """The first leaf's change of one fact that turns the whole condition over when it is evaluated again."""
        if self.trace.conditions[index] is None:
            return None
        wanted = not self.trace.conditions[index]
        for leaf in leaves:
            change = change_of_leaf(leaf, self._plan, self.known)
            if change is not None:
                old = self.facts[change.fact.name]
                changed = {**self.facts, change.fact.name: old._replace(value=change.values[0])}
                if self._evaluate(changed).conditions[index] is wanted:
                    return change
        return None

    @cached_property
    def known(self) -> Known:
        """Usable facts, parameters in force and the values of rules."""
        usable = {
            fact.name: self.facts[fact.name].value
            for fact in self._plan.facts
            if fact.name in self.facts and not self.trace.stale & self._plan.bit("fact", fact.name)
        }
        rules = dict(zip((rule.name for rule in self._plan.rules), self.trace.values, strict=True))
        return Known(usable, self._resolution.values, rules)

    def _words(self, language: Language) -> Words:
        return Words(language, self._plan, self.known)

    def _used_facts(self, rule: Rule) -> list[Fact]:
        used = self._plan.uses[rule.name]
        return [fact for fact in self._plan.facts if ("fact", fact.name) in used]

    def _used_parameters(self, rule: Rule) -> list[tuple[Parameter, Resolved | None]]:
        used = self._plan.uses[rule.name]
        return [
            (parameter, self._resolution.parameters[parameter.name])
            for parameter in self._plan.parameters
            if ("parameter", parameter.name) in used
        ]

    def _render_fact(self, fact: Fact, language: Language) -> dict[str, Any]:
        given = self.facts.get(fact.name)
        stale = bool(self.trace.stale & self._plan.bit("fact", fact.name))
        value = None if given is None else given.value
        return {
            "name": fact.name,
            "title": fact.title.in_language(language),
            "value": wire_value(fact.type.kind, is_money(fact.type.dimension), value),
            "unit": fact.unit,
            "date": None if given is None or given.date is None else given.date.isoformat(),
            "recorded_by": None if given is None else given.recorded_by,
            "state": "missing" if given is None else "stale" if stale else "known",
        }

    def _render_parameter(
        self, parameter: Parameter, resolved: Resolved | None, language: Language
    ) -> dict[str, Any]:
        money = is_money(parameter.type.dimension)
        value = None if resolved is None else resolved.value
        rendered: dict[str, Any] = {
            "name": parameter.name,
            "title": parameter.title.in_language(language),
            "value": wire_value(parameter.type.kind, money, value),
            "unit": parameter.unit,
        }
        if resolved is None:
            return {
                **rendered,
                "in_force_from": None,
                "division": None,
                "citation": None,
                "illustrative": False,
            }
        return {
            **rendered,
            "in_force_from": resolved.start.isoformat(),
            "division": resolved.division,
            "citation": _citation(resolved),
            "illustrative": resolved.illustrative,
        }


def _citation(cited: Rule | Resolved) -> Mapping[str, str]:
    citation = cited.citation
    return {
        "document": citation.document,
        "article": citation.article,
        "source": citation.source.value,
    }
