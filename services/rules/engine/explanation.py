"""Why an answer is what it is: structured at once, put into words on demand."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from services.rules.engine import tree
from services.rules.engine.changes import Change, Turning
from services.rules.engine.interpreter import Known
from services.rules.engine.outcomes import OUTCOMES, Outcome
from services.rules.engine.page import Page
from services.rules.engine.plan import Need, Plan, Resolution
from services.rules.engine.python_backend import Facts, Program, Trace
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
        program: Program,
        arguments: tuple[Any, ...],
        words: Mapping[Language, Words],
    ) -> None:
        self.release = release
        self.facts = facts
        self.trace = Trace(*program.explain(facts.get, arguments))
        self._plan = plan
        self._resolution = resolution
        self._program = program
        self._arguments = arguments
        self._words = words
        self._pages: dict[Language, Page] = {}
        self._smallest: dict[str, Change | None] = {}

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
        return tuple(self._plan.named(self.trace.missing[self._plan.positions[rule]]))

    def stale(self, rule: str) -> tuple[str, ...]:
        """Those of `missing` that are recorded, and too old."""
        return self._waiting(rule, self.trace.stale)

    def later(self, rule: str) -> tuple[str, ...]:
        """Those of `missing` that are recorded, and of a day after `as_of`."""
        return self._waiting(rule, self.trace.later)

    def undated(self, rule: str) -> tuple[str, ...]:
        """Those of `missing` that are recorded without the day by which they age."""
        return self._waiting(rule, self.trace.undated)

    def _waiting(self, rule: str, among: int) -> tuple[str, ...]:
        mask = self.trace.missing[self._plan.positions[rule]] & among
        return tuple(need.name for need in self._plan.named(mask))

    def changes(self, rule: str) -> Iterator[Change]:
        """Every change of one known fact that alone turns the whole rule over, the least first; none while it is undetermined.

        A fact is changed in all the rules that this one rests on, and the whole is judged again, so that what is found holds.
        A fact in which a comparison is not linear (one that chooses a branch, say) is not tried.
        """
        answer = self.trace.values[self._plan.positions[rule]]
        return iter(()) if answer is None else self._turning.changes(*self._turn(rule, answer))

    def smallest_change(self, rule: str) -> Change | None:
        """The first of `changes`."""
        if rule not in self._smallest:
            answer = self.trace.values[self._plan.positions[rule]]
            self._smallest[rule] = (
                None if answer is None else self._turning.least(*self._turn(rule, answer))
            )
        return self._smallest[rule]

    def _turn(self, rule: str, answer: bool) -> tuple[tree.Node, bool, Callable[[Facts], bool]]:
        """What has to turn over for a rule to answer otherwise, to what, and how to tell that it does."""
        node = self._plan.rule_named[rule].node
        return node, not answer, lambda facts: self._judge(rule, facts)[0] is (not answer)

    def smallest_condition_change(self, rule: str, place: int) -> Change | None:
        """The smallest change that turns the condition at a place of the rule over, whatever becomes of the rule."""
        declared = self._plan.rule_named[rule]
        node = declared.conditions[place].node
        if isinstance(node, tree.RuleReference):
            return self.smallest_change(node.name)
        if len(declared.conditions) == 1:
            return self.smallest_change(rule)
        index = self._plan.first_conditions[self._plan.positions[rule]] + place
        answer = self.trace.conditions[index]
        if answer is None:
            return None
        return self._turning.least(
            node, not answer, lambda facts: self._judge(rule, facts)[1][place] is (not answer)
        )

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

        `smallest_change` of the rule turns the whole rule over, that of a condition the condition only. Money is a decimal
        string, dates are ISO strings. The parts that explanations have in common are shared: do not change them in place.
        """
        page = self.page(language)
        rendered = page.rule(name)
        rendered["smallest_change"] = page.change(self.smallest_change(name))
        for place, condition in enumerate(rendered["conditions"]):
            least = self.smallest_condition_change(name, place)
            condition["smallest_change"] = page.change(least)
        return rendered

    def page(self, language: Language) -> Page:
        """The words of this explanation without the changes, rule by rule or part by part."""
        if language not in self._pages:
            self._pages[language] = Page(
                self._words[language], self._resolution, self.trace, self.facts, self.known
            )
        return self._pages[language]

    @cached_property
    def known(self) -> Known:
        """Usable facts, parameters in force and the values of rules."""
        usable = {name: fact.value for name, fact in self.facts.items()}
        for need in self._plan.named(self.trace.unusable):
            del usable[need.name]
        return Known(
            usable,
            self.facts,
            self._resolution.values,
            dict(zip(self._plan.positions, self.trace.values, strict=True)),
        )

    @cached_property
    def _turning(self) -> Turning:
        return Turning(self._plan, self.trace, self.facts, self.known)

    def _judge(self, rule: str, facts: Facts) -> tuple[bool | None, tuple[bool | None, ...]]:
        return self._program.judge_rule(rule, facts, self._arguments)
