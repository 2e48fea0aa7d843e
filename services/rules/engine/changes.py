"""The smallest change of one fact that turns a statement over, where the statement is linear in that fact."""

from dataclasses import dataclass

from services.rules.engine import tree
from services.rules.engine.declarations import Fact, Value
from services.rules.engine.interpreter import COMPARISONS, Known
from services.rules.engine.plan import Plan
from services.rules.engine.python_backend import Leaf
from services.rules.engine.units import BOOLEAN


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that would have to be one of `values` instead of `current`."""

    fact: Fact
    current: Value
    values: tuple[Value, ...]


def change_of_leaf(leaf: Leaf, plan: Plan, known: Known) -> Change | None:
    """The smallest change of one known fact that turns the leaf over, or None when no fact of it does so alone."""
    if leaf.outcome is None:
        return None
    facts = {fact.name: fact for fact in plan.facts}
    match leaf.node:
        case tree.FactReference(name=name):
            return Change(facts[name], leaf.outcome, (not leaf.outcome,))
        case tree.Membership(operand=tree.FactReference(name=name)) as node:
            current = known.value(node.operand)
            others = tuple(
                code for code in node.operand.type.codes if (code in node.codes) != leaf.outcome
            )
            return Change(facts[name], current, others) if current is not None and others else None
        case tree.Comparison() as comparison:
            return _smallest(comparison, plan, known, facts)
    return None


def _smallest(
    comparison: tree.Comparison, plan: Plan, known: Known, facts: dict[str, Fact]
) -> Change | None:
    """The fact that must move least: of those compared before those of the threshold, in the unit compared before others."""
    compared = _facts_of(comparison.left, {rule.name: rule.node for rule in plan.rules})
    best: tuple[bool, bool, int, Change] | None = None
    for name, factor in coefficients(comparison, plan, known).items():
        current = known.value(tree.FactReference(name, facts[name].type))
        target = turning_value(comparison, known, current, factor)
        if target is None or not isinstance(current, int):
            continue
        if facts[name].type.low <= target <= facts[name].type.high:
            other_unit = facts[name].type.dimension != comparison.left.type.dimension
            rank = (
                name not in compared,
                other_unit,
                abs(target - current),
                Change(facts[name], current, (target,)),
            )
            if best is None or rank[:3] < best[:3]:
                best = rank
    return None if best is None else best[3]


def coefficients(comparison: tree.Comparison, plan: Plan, known: Known) -> dict[str, int]:
    """By fact, how much left minus right grows when the fact grows by one; facts that it is not linear in are left out."""
    rules = {rule.name: rule.node for rule in plan.rules}
    result: dict[str, int] = {}
    curved: set[str] = set()

    def add(node: tree.Node, factor: int) -> None:
        match node:
            case tree.FactReference():
                result[node.name] = result.get(node.name, 0) + factor
            case tree.RuleReference():
                add(rules[node.name], factor)
            case tree.Arithmetic(operator="*"):
                left, right = known.value(node.left), known.value(node.right)
                both = _facts_of(node.left, rules) & _facts_of(node.right, rules)
                curved.update(both)
                add(node.left, factor * int(right) if isinstance(right, int) else 0)
                add(node.right, factor * int(left) if isinstance(left, int) else 0)
            case tree.Arithmetic():
                add(node.left, factor)
                add(node.right, -factor if node.operator == "-" else factor)
            case tree.Case():
                for guard, value in node.branches:
                    curved.update(_facts_of(guard, rules))
                    if known.value(guard):
                        add(value, factor)
                        break
            case tree.PerCapita() | tree.DaysBetween():
                curved.update(_facts_of(node, rules))

    add(comparison.left, 1)
    add(comparison.right, -1)
    return {name: factor for name, factor in result.items() if factor and name not in curved}


def _facts_of(node: tree.Node, rules: dict[str, tree.Node]) -> set[str]:
    names: set[str] = set()
    for part in tree.walk(node):
        if isinstance(part, tree.FactReference):
            names.add(part.name)
        elif isinstance(part, tree.RuleReference) and part.type != BOOLEAN:
            names |= _facts_of(rules[part.name], rules)
    return names


def turning_value(
    comparison: tree.Comparison, known: Known, current: Value | None, factor: int
) -> int | None:
    """The value of a fact nearest to `current` for which the comparison turns over, given its coefficient.

    With d = left - right, moving the fact by s gives d + factor * s.
    """
    left, right = known.value(comparison.left), known.value(comparison.right)
    if not (isinstance(left, int) and isinstance(right, int) and isinstance(current, int)):
        return None
    difference = left - right
    compare = COMPARISONS[comparison.operator]
    wanted = not compare(difference, 0)
    exact = -difference // factor
    for step in sorted((exact - 1, exact, exact + 1, exact + 2), key=abs):
        if compare(difference + factor * step, 0) is wanted:
            return current + step
    return None
