"""An explanation in one language, part by part: what explanations of a plan have in common is put into words once."""

from typing import Any

from services.rules.engine.changes import Change
from services.rules.engine.declarations import Fact, Value
from services.rules.engine.facts import wire_value
from services.rules.engine.interpreter import Known
from services.rules.engine.outcomes import OUTCOMES, Outcome
from services.rules.engine.plan import Resolution
from services.rules.engine.python_backend import Facts, Trace
from services.rules.engine.units import dimension_name, is_money
from services.rules.engine.wording import ConditionWords, Words, wire_of

_KINDS = {
    "missing_facts": "fact",
    "stale_facts": "fact",
    "later_facts": "fact",
    "undated_facts": "fact",
    "undecided_parameters": "parameter",
    "rules_not_in_force": "rule",
}
_LACKS = {
    "fact": "missing_facts",
    "parameter": "undecided_parameters",
    "rule": "rules_not_in_force",
}

_NOTHING: dict[str, list[str]] = {what: [] for what in _KINDS}


class Page:
    """One subject's evaluation in one language; facts are put into words once, whichever rules use them."""

    def __init__(
        self, words: Words, resolution: Resolution, trace: Trace, facts: Facts, known: Known
    ) -> None:
        self._words = words
        self._plan = words.plan
        self._resolution = resolution
        self._trace = trace
        self._given = facts
        self._known = known
        self._unusable = {"stale": trace.stale, "later": trace.later, "undated": trace.undated}
        self._facts: dict[str, dict[str, Any]] = {}
        self._changes: dict[tuple[str, tuple[Value, ...]], dict[str, Any]] = {}

    def rule(self, name: str) -> dict[str, Any]:
        """A rule without its changes; see `Explanation.render_rule`."""
        position = self._plan.positions[name]
        rule = self._plan.rules[position]
        first = self._plan.first_conditions[position]
        return {
            **self._words.heading(rule),
            "outcome": OUTCOMES[self._trace.values[position]].value,
            "conditions": [
                self._condition(condition, index)
                for index, condition in enumerate(self._words.conditions(name), first)
            ],
            "parameters": self.parameters(name),
            "facts": self.facts(name),
            **self.missing(name),
        }

    def figure(self, name: str) -> dict[str, Any]:
        """A rule that gives an amount or a number instead of an answer, None while it is unknown."""
        rule = self._plan.rule_named[name]
        return {
            **self._words.heading(rule),
            "value": self.value(name),
            "unit": dimension_name(rule.node.type.dimension),
            "parameters": self.parameters(name),
            "facts": self.facts(name),
            **self.missing(name),
        }

    def value(self, name: str) -> object:
        """The figure of a rule in its wire form, None while it is unknown."""
        position = self._plan.positions[name]
        return wire_of(self._plan.rules[position].node.type)(self._trace.values[position])

    def outcome(self, rule: str) -> Outcome:
        return OUTCOMES[self._trace.values[self._plan.positions[rule]]]

    def title(self, rule: str) -> str:
        return self._words.say(self._plan.rule_named[rule].title)

    def citation(self, rule: str) -> dict[str, str]:
        citation: dict[str, str] = self._words.heading(self._plan.rule_named[rule])["citation"]
        return citation

    def facts(self, rule: str) -> list[dict[str, Any]]:
        """The facts that a rule and its figures use, known or not."""
        rendered = []
        for fact in self._plan.used_facts[rule]:
            if fact.name not in self._facts:
                self._facts[fact.name] = self._fact(fact)
            rendered.append(self._facts[fact.name])
        return rendered

    def parameters(self, rule: str) -> list[dict[str, Any]]:
        """The parameters that a rule and its figures use, as they are in force."""
        resolved = self._resolution.parameters
        return [
            self._words.parameter(parameter, resolved[parameter.name])
            for parameter in self._plan.used_parameters[rule]
        ]

    def missing(self, rule: str) -> dict[str, list[str]]:
        """By kind, the names of what an undetermined rule waits for."""
        return self._missing(self._trace.missing[self._plan.positions[rule]])

    def missing_titles(self, rule: str) -> dict[str, list[str]]:
        """The same by their titles."""
        return {
            what: [self._words.titles[_KINDS[what], name] for name in names]
            for what, names in self.missing(rule).items()
        }

    def reasons(self, rule: str) -> list[str]:
        """Why a rule came out as it did: the comparisons of the conditions that answer as the rule does, else their titles."""
        position = self._plan.positions[rule]
        first = self._plan.first_conditions[position]
        outcome = self._trace.values[position]
        texts: list[str] = []
        for index, condition in enumerate(self._words.conditions(rule), first):
            if self._trace.conditions[index] is outcome:
                found = [comparison["text"] for comparison in self._comparisons(condition, index)]
                texts += found or [condition.title]
        return texts

    def change(self, change: Change | None) -> dict[str, Any] | None:
        if change is None:
            return None
        key = (change.fact.name, change.values)
        if key not in self._changes:
            self._changes[key] = self._words.change(change)
        return self._changes[key]

    def _missing(self, mask: int) -> dict[str, list[str]]:
        if not mask:
            return _NOTHING
        found: dict[str, list[str]] = {what: [] for what in _KINDS}
        for state, unusable in self._unusable.items():
            found[f"{state}_facts"] = [need.name for need in self._plan.named(mask & unusable)]
        for need in self._plan.named(mask & ~self._trace.unusable):
            found[_LACKS[need.kind]].append(need.name)
        return found

    def _condition(self, condition: ConditionWords, index: int) -> dict[str, Any]:
        return {
            "title": condition.title,
            "outcome": OUTCOMES[self._trace.conditions[index]].value,
            "rule": condition.rule,
            "comparisons": self._comparisons(condition, index),
            **self._missing(self._trace.condition_missing[index]),
        }

    def _comparisons(self, condition: ConditionWords, index: int) -> list[dict[str, Any]]:
        found = self._trace.leaves[index]
        return [write(*found[place], self._known) for place, write in condition.leaves]

    def _state(self, fact: str) -> str:
        bit = self._plan.bit("fact", fact)
        return next((state for state, mask in self._unusable.items() if mask & bit), "known")

    def _fact(self, fact: Fact) -> dict[str, Any]:
        rendered: dict[str, Any] = {
            "name": fact.name,
            "title": self._words.titles["fact", fact.name],
            "value": None,
            "unit": fact.unit,
            "date": None,
            "recorded_by": None,
            "state": "missing",
        }
        if (given := self._given.get(fact.name)) is not None:
            rendered["value"] = wire_value(
                fact.type.kind, is_money(fact.type.dimension), given.value
            )
            rendered["date"] = None if given.date is None else given.date.isoformat()
            rendered["recorded_by"] = given.recorded_by
            rendered["state"] = self._state(fact.name)
        return rendered
