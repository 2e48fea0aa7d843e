"""A whole policy, and its rules as of a date in a division."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

import polars as pl

from services.rules.engine.declarations import Fact, FactValue, Parameter, Rule
from services.rules.engine.errors import EngineError
from services.rules.engine.explanation import Explanation
from services.rules.engine.facts import read_facts
from services.rules.engine.outcomes import OUTCOMES, Outcome
from services.rules.engine.plan import Need, Plan, Resolution, plan, resolve
from services.rules.engine.polars_backend import judge_columns
from services.rules.engine.python_backend import Facts, Program, Trace, arguments
from services.rules.engine.wording import Words
from shared.values.bilingual import Language

RULESETS_KEPT = 4096
"""As many villages as a large city has, of a few kilobytes each."""


@dataclass(frozen=True)
class Policy:
    """Checked and immutable. `release` is the digest of its content; `rules` stand after those that they refer to."""

    release: str
    facts: Mapping[str, Mapping[str, Fact]]
    parameters: Mapping[str, Parameter]
    rules: Mapping[str, Rule]

    @cached_property
    def plans(self) -> Mapping[str, Plan]:
        """The plan of each subject kind."""
        return {
            subject: plan(
                subject,
                facts.values(),
                self.parameters,
                (rule for rule in self.rules.values() if rule.subject == subject),
            )
            for subject, facts in self.facts.items()
        }

    @cached_property
    def programs(self) -> Mapping[str, Program]:
        return {subject: Program(plan) for subject, plan in self.plans.items()}

    @cached_property
    def words(self) -> Mapping[str, Mapping[Language, Words]]:
        """By subject and language."""
        languages: tuple[Language, ...] = ("zh", "en")
        return {
            subject: {language: Words(language, plan) for language in languages}
            for subject, plan in self.plans.items()
        }

    def ruleset(self, subject: str, as_of: date, division: str | None = None) -> "Ruleset":
        """The rules of a subject with the parameters in force on `as_of` in the 12-digit division. Raises an EngineError where the subject is unknown."""
        return self._rulesets(subject, as_of, division)

    @cached_property
    def _rulesets(self) -> Callable[[str, date, str | None], "Ruleset"]:
        """Kept: looking up every parameter takes longer than judging a household by them."""
        return lru_cache(RULESETS_KEPT)(self._resolved)

    def _resolved(self, subject: str, as_of: date, division: str | None) -> "Ruleset":
        plan = self.plan(subject)
        return Ruleset(self, plan, resolve(plan, as_of, division))

    def plan(self, subject: str) -> Plan:
        """The plan of a subject, or an EngineError where it is unknown."""
        if subject not in self.plans:
            raise EngineError("unknown-subject", name=subject, known=", ".join(self.plans))
        return self.plans[subject]

    def read_facts(
        self, subject: str, facts: Mapping[str, Mapping[str, object]]
    ) -> dict[str, FactValue]:
        """Facts in their wire form, checked. Raises an EngineError."""
        self.plan(subject)
        return read_facts(subject, self.facts[subject], facts)

    def judge_columns(
        self,
        subject: str,
        frame: pl.DataFrame | pl.LazyFrame,
        as_of: date,
        division_column: str | None = None,
        rules: Sequence[str] | None = None,
    ) -> pl.DataFrame:
        """Judge a table of facts; see polars_backend.judge_columns for columns and errors."""
        return judge_columns(self.plan(subject), frame, as_of, division_column, rules)


class Ruleset:
    """A subject's rules, resolved; cheap to make, and reusable for every subject of that date and division."""

    def __init__(self, policy: Policy, plan: Plan, resolution: Resolution) -> None:
        self.policy = policy
        self.plan = plan
        self.resolution = resolution
        self._program = policy.programs[plan.subject]
        self._words = policy.words[plan.subject]
        self._arguments = arguments(plan, resolution)
        self._deciding = [
            (position, rule.name) for position, rule in enumerate(plan.rules) if rule.decides
        ]

    def judge(self, facts: Facts) -> dict[str, Outcome]:
        """Outcomes only, by rule id. `facts` hold checked values within their declared ranges."""
        values = self._program.judge(facts.get, self._arguments)
        return {name: OUTCOMES[values[position]] for position, name in self._deciding}

    def explain(self, facts: Facts) -> Explanation:
        """Outcomes with their whole trace; words are made when the explanation is rendered."""
        return Explanation(
            self.policy.release,
            self.plan,
            self.resolution,
            facts,
            self._program,
            self._arguments,
            self._words,
        )

    def trace(self, facts: Facts) -> Trace:
        return Trace(*self._program.explain(facts.get, self._arguments))

    def named(self, mask: int) -> tuple[Need, ...]:
        """What the bits of a mask stand for."""
        return tuple(self.plan.named(mask))
