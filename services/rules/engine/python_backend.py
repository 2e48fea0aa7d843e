"""The reference backend: the checked trees of one subject as two generated Python functions.

`judge` computes outcomes only. `explain` also computes the masks of what is missing and both sides of every comparison.
`judge_rule` computes one rule with those that it rests on, and is compiled when it is first asked for.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from services.rules.engine.declarations import FactValue
from services.rules.engine.plan import Need, Plan, Resolution, oldest_fresh
from services.rules.engine.python_source import Function, Writer

Truth = bool | None
Facts = Mapping[str, FactValue]


class Trace(NamedTuple):
    """Everything that one evaluation found, in the order of the plan.

    values, missing: a rule each; stale, later, undated: masks of the recorded facts that cannot be used, as they are too old, of a
    day after the one judged, or of no day although their age counts; conditions, condition_missing, leaves: a condition each, rule by rule.
    """

    values: tuple[Any, ...]
    missing: tuple[int, ...]
    stale: int
    later: int
    undated: int
    conditions: tuple[Truth, ...]
    condition_missing: tuple[int, ...]
    leaves: tuple[tuple[tuple[Any, Any, Truth], ...], ...]

    @property
    def unusable(self) -> int:
        """The mask of all facts that are recorded and cannot be used."""
        return self.stale | self.later | self.undated


class Program:
    """Compiled rules of one subject; parameters and dates are arguments."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.judge: Function = Writer(plan).judging(plan.rules)
        self.explain: Function = Writer(plan, traced=True).explaining()
        self._of_rules: dict[str, Function] = {}

    def judge_rule(
        self, rule: str, facts: Facts, arguments: tuple[Any, ...]
    ) -> tuple[Truth, tuple[Truth, ...]]:
        """The answer of one rule that decides, and those of its conditions."""
        function = self._of_rules.get(rule)
        if function is None:
            rules = self._plan.narrowed([rule]).rules
            function = self._of_rules[rule] = Writer(self._plan).judging_last(rules)
        answer, *conditions = function(facts.get, arguments)
        return answer, tuple(conditions)


def arguments(plan: Plan, resolution: Resolution) -> tuple[Any, ...]:
    """The arguments of a program: date, parameters, oldest fresh dates, rules in force, masks of stale facts."""
    as_of = resolution.as_of
    cutoffs: list[date] = []
    stale_masks: list[int] = []
    for fact in plan.facts:
        if fact.fresh_for is not None:
            days = resolution.values[fact.fresh_for]
            cutoffs.append(oldest_fresh(as_of, days))
            need = (
                Need("fact", fact.name) if days is not None else Need("parameter", fact.fresh_for)
            )
            stale_masks.append(plan.bit(*need))
    return (as_of, *resolution.values.values(), *cutoffs, *resolution.in_force, *stale_masks)
