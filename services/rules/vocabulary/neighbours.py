"""Threshold neighbours: for every comparison with a parameter, facts one unit below, at and one unit above where it turns over."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.rules.engine import FactValue, Policy, Ruleset, tree
from services.rules.engine.changes import coefficients
from services.rules.engine.interpreter import COMPARISONS, Known
from services.rules.vocabulary.cases import Case


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Facts near a threshold; the comparison stands at `leaf` of `condition` in the trace and must answer `holds`."""

    rule: str
    fact: str
    condition: int
    leaf: int
    facts: Mapping[str, FactValue]
    holds: bool


def neighbours(policy: Policy, case: Case) -> Iterator[Neighbour]:
    """Three neighbours for each comparison of the case's rule with a parameter, as far as the case's facts decide it."""
    ruleset = policy.ruleset(policy.rules[case.rule].subject, case.as_of, case.division)
    known = ruleset.explain(case.facts).known
    for condition, leaf, comparison in compared(ruleset, case.rule):
        yield from _around(ruleset, case, condition, leaf, comparison, known)


def compared(ruleset: Ruleset, rule: str) -> Iterator[tuple[int, int, tree.Comparison]]:
    """A rule's comparisons with a parameter: condition and leaf in the trace, and the comparison."""
    condition = 0
    for other in ruleset.plan.rules:
        for part in other.conditions:
            for leaf, node in enumerate(tree.leaves(part.node)):
                thresholds = any(isinstance(n, tree.ParameterReference) for n in tree.walk(node))
                if other.name == rule and isinstance(node, tree.Comparison) and thresholds:
                    yield condition, leaf, node
            condition += 1


def _around(
    ruleset: Ruleset,
    case: Case,
    condition: int,
    leaf: int,
    comparison: tree.Comparison,
    known: Known,
) -> Iterator[Neighbour]:
    left, right = known.value(comparison.left), known.value(comparison.right)
    dictionary = {fact.name: fact for fact in ruleset.plan.facts}
    for name, factor in coefficients(comparison, ruleset.plan, known).items():
        given = case.facts.get(name)
        if given is None or not (
            isinstance(given.value, int) and isinstance(left, int) and isinstance(right, int)
        ):
            continue
        turning = given.value - (left - right) // factor
        values = range(turning - 1, turning + 2)
        if min(values) < dictionary[name].type.low or max(values) > dictionary[name].type.high:
            continue
        for value in values:
            difference = left - right + factor * (value - given.value)
            facts = {**case.facts, name: given._replace(value=value)}
            holds = COMPARISONS[comparison.operator](difference, 0)
            yield Neighbour(case.rule, name, condition, leaf, facts, holds)
        return
