"""Evaluate one node directly. Slow and obvious: for the figures that only an explanation shows, and as an oracle in tests."""

import operator
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import date
from typing import Any, cast

from services.rules.engine import tree
from services.rules.engine.declarations import Value

_ARITHMETIC: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def connected(node: tree.AllOf | tree.AnyOf, values: Sequence[Value | None]) -> bool | None:
    """What AND or OR answers for the values of its operands."""
    deciding = isinstance(node, tree.AnyOf)
    if deciding in values:
        return deciding
    return None if None in values else not deciding


class Known:
    """What is known: usable facts, parameters in force, and the values of rules; a missing key is unknown.

    `recorded` are the names of all facts that somebody recorded, usable or not.
    """

    def __init__(
        self,
        facts: Mapping[str, Value],
        recorded: Container[str],
        parameters: Mapping[str, int | None],
        rules: Mapping[str, Value | None],
    ) -> None:
        self._facts = facts
        self._recorded = recorded
        self._parameters = parameters
        self._rules = rules

    def value(self, node: tree.Node) -> Value | None:
        """The value of a node, None when it is unknown."""
        match node:
            case tree.Constant():
                return node.value
            case tree.FactReference():
                return self._facts.get(node.name)
            case tree.ParameterReference():
                return self._parameters.get(node.name)
            case tree.RuleReference():
                return self._rules.get(node.name)
            case tree.ZeroIfUnrecorded():
                return self._zero_if_unrecorded(node)
            case tree.AllOf() | tree.AnyOf():
                return connected(node, [self.value(part) for part in node.operands])
            case tree.Case():
                return self._case(node)
            case _:
                return self._strict(node)

    def _strict(self, node: tree.Node) -> Value | None:
        values = [self.value(part) for part in tree.children(node)]
        if any(value is None for value in values):
            return None
        match node:
            case tree.Arithmetic():
                left, right = cast("list[int]", values)
                return _ARITHMETIC[node.operator](left, right)
            case tree.PerCapita():
                amount, persons = cast("list[int]", values)
                return (2 * amount + persons) // (2 * persons)
            case tree.DaysBetween():
                start, end = cast("list[date]", values)
                return (end - start).days
            case tree.Comparison():
                return COMPARISONS[node.operator](*values)
            case tree.Membership():
                return values[0] in node.codes
            case tree.Negation():
                return not values[0]
            case _:
                raise AssertionError(node)

    def _zero_if_unrecorded(self, node: tree.ZeroIfUnrecorded) -> Value | None:
        if node.fact.name in self._recorded:
            return self.value(node.fact)
        return 0 if self.value(node.excused) else None

    def _case(self, node: tree.Case) -> Value | None:
        for guard, value in node.branches:
            truth = self.value(guard)
            if truth is None:
                return None
            if truth:
                return self.value(value)
        return None
