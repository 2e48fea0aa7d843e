"""The smallest change of one fact that turns a statement over, where the statement is linear in that fact."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from services.rules.engine import tree
from services.rules.engine.declarations import Fact, FactValue, Value
from services.rules.engine.interpreter import COMPARISONS, Known, connected
from services.rules.engine.plan import Plan
from services.rules.engine.python_backend import Facts, Trace
from services.rules.engine.units import BOOLEAN


class Change(NamedTuple):
    """A fact that would have to be one of `values` instead of `current`."""

    fact: Fact
    current: Value
    values: tuple[Value, ...]


class _Move(NamedTuple):
    """A change that turns one leaf over; `aside` when it moves a threshold, or another unit than the one compared."""

    change: Change
    aside: tuple[bool, bool]
    distance: int


class _Found(NamedTuple):
    """What may turn a statement over, and whether each of the moves does so for sure."""

    moves: list[_Move]
    sure: bool


_NOTHING = _Found([], sure=True)
_STATEMENTS = (tree.Comparison, tree.Membership, tree.FactReference)
_FIXED = (tree.ParameterReference, tree.Constant)


class Turning:
    """Looks for the changes that turn the statements of one evaluation over."""

    def __init__(self, plan: Plan, trace: Trace, facts: Facts, known: Known) -> None:
        self._plan = plan
        self._trace = trace
        self._facts = facts
        self._known = known
        self._found: dict[tuple[tree.Node, bool], _Found] = {}

    def changes(
        self, node: tree.Node, wanted: bool, turned: Callable[[Facts], bool]
    ) -> Iterator[Change]:
        """Every change of one known fact that makes a yes-or-no statement be as wanted, one a fact, the least first.

        What is compared moves before its threshold, and in the unit compared before others; amounts of one unit are ordered by
        how far they move, units by where they first stand in the statement. `turned` judges again with the fact changed, so that
        a change that breaks another part of the statement does not count.
        """
        found = self._search(node, wanted)
        if not found.moves:
            return
        done: set[str] = set()
        for change in self._least_first(found.moves):
            if change.fact.name in done:
                continue
            values = change.values
            if not found.sure:
                values = tuple(value for value in values if turned(self._with(change.fact, value)))
            if values:
                done.add(change.fact.name)
                yield Change(change.fact, change.current, values)

    def least(
        self, node: tree.Node, wanted: bool, turned: Callable[[Facts], bool]
    ) -> Change | None:
        """The first of `changes`."""
        found = self._search(node, wanted)
        if found.sure and len(found.moves) == 1:
            return found.moves[0].change
        return next(self.changes(node, wanted, turned), None)

    def _least_first(self, moves: Sequence[_Move]) -> list[Change]:
        """Facts in the order of the best of their moves, and of each fact the smallest move first."""
        if len(moves) == 1:
            return [moves[0].change]
        units: dict[int, int] = {}
        unit_of = self._plan.unit_of
        of_facts: dict[str, list[tuple[tuple[bool, bool], int, int, int]]] = {}
        for place, move in enumerate(moves):
            name = move.change.fact.name
            unit = units.setdefault(unit_of[name], len(units))
            of_facts.setdefault(name, []).append((move.aside, unit, move.distance, place))
        return [
            moves[place].change
            for ranked in sorted(of_facts.values(), key=min)
            for *_, place in sorted(ranked, key=itemgetter(2))
        ]

    def _with(self, fact: Fact, value: Value) -> Facts:
        given = self._facts[fact.name]
        return {**self._facts, fact.name: FactValue(value, given.date, given.recorded_by)}

    def _search(self, node: tree.Node, wanted: bool) -> _Found:
        found = self._found.get((node, wanted))
        if found is None:
            found = self._found[node, wanted] = self._search_in(node, wanted)
        return found

    def _search_in(self, node: tree.Node, wanted: bool) -> _Found:
        if isinstance(node, _STATEMENTS):
            return self._search_leaf(node, wanted)
        match node:
            case tree.AllOf() | tree.AnyOf():
                if isinstance(node, tree.AllOf) is wanted:
                    return self._every(node.operands, wanted)
                return _any([self._search(part, wanted) for part in node.operands])
            case tree.Negation():
                return self._search(node.operand, not wanted)
            case tree.RuleReference():
                position = self._plan.positions[node.name]
                if self._trace.missing[position] == self._plan.bit("rule", node.name):
                    return _NOTHING  # not in force: it answers nothing, whatever the facts
                return self._search(self._plan.rules[position].node, wanted)
            case tree.Case():
                return self._branches(node)
        return _NOTHING

    def _search_leaf(self, node: tree.Node, wanted: bool) -> _Found:
        condition, place = self._plan.leaf_positions[node]
        left, right, outcome = self._trace.leaves[condition][place]
        if outcome is None or outcome is wanted:
            return _NOTHING
        return _Found(self._leaf_moves(node, left, right, outcome), sure=True)

    def _every(self, parts: Sequence[tree.Node], wanted: bool) -> _Found:
        """Every part must be as wanted: only a fact that all those have in common that are not so yet can do it."""
        if len(parts) == 1:
            return self._search(parts[0], wanted)
        unwanted = [part for part in parts if self._truth(part) is not wanted]
        found = [self._search(part, wanted) for part in unwanted]
        moves = found[0].moves
        for other in found[1:]:
            names = {move.change.fact.name for move in other.moves}
            names &= {move.change.fact.name for move in moves}
            moves = [one for one in (*moves, *other.moves) if one.change.fact.name in names]
        return _Found(moves, sure=False)

    def _branches(self, node: tree.Case) -> _Found:
        """Either another branch is taken, or the one taken turns over."""
        parts = [part for part in tree.children(node) if part.type == BOOLEAN]
        known = [(part, truth) for part in parts if (truth := self._truth(part)) is not None]
        found = _any([self._search(part, not truth) for part, truth in known])
        return _Found(found.moves, sure=False)

    def _truth(self, node: tree.Node) -> bool | None:
        place = self._plan.leaf_positions.get(node)
        if place is not None:
            outcome: bool | None = self._trace.leaves[place[0]][place[1]][2]
            return outcome
        match node:
            case tree.AllOf() | tree.AnyOf():
                return connected(node, [self._truth(part) for part in node.operands])
            case tree.Negation():
                truth = self._truth(node.operand)
                return None if truth is None else not truth
        value = self._known.value(node)
        return None if value is None else bool(value)

    def _leaf_moves(
        self, node: tree.Node, left: Value, right: Value | None, outcome: bool
    ) -> list[_Move]:
        match node:
            case tree.Comparison() if isinstance(left, int) and isinstance(right, int):
                return list(self._steps(node, left - right))
            case tree.FactReference():
                return [self._move(node.name, (not outcome,), 1)]
            case tree.Membership(operand=tree.FactReference(name=name)):
                codes = node.operand.type.codes
                others = tuple(code for code in codes if (code in node.codes) is not outcome)
                return [self._move(name, others, 1)] if others else []
        return []

    def _steps(self, node: tree.Comparison, difference: int) -> Iterator[_Move]:
        compared = self._plan.facts_of(node.left)
        plain = isinstance(node.right, _FIXED)
        if plain and isinstance(node.left, tree.FactReference):
            factors = {node.left.name: 1}
        else:
            factors = coefficients(node, self._plan, self._known)
        for name, factor in factors.items():
            type_, current = self._plan.fact_named[name].type, self._facts[name].value
            if not isinstance(current, int):
                continue
            for step in turning_steps(node.operator, difference, factor):
                if type_.low <= current + step <= type_.high:
                    aside = (name not in compared, type_.dimension != node.left.type.dimension)
                    yield self._move(name, (current + step,), abs(step), aside)
                    break

    def _move(
        self,
        name: str,
        values: tuple[Value, ...],
        distance: int,
        aside: tuple[bool, bool] = (False, False),
    ) -> _Move:
        fact = self._plan.fact_named[name]
        return _Move(Change(fact, self._facts[name].value, values), aside, distance)


def _any(found: Sequence[_Found]) -> _Found:
    """One part is enough."""
    moves = [move for part in found for move in part.moves]
    return _Found(moves, sure=all(part.sure for part in found))


def coefficients(  # noqa: C901 - one case a node type
    comparison: tree.Comparison, plan: Plan, known: Known
) -> dict[str, int]:
    """By fact, how much left minus right grows when the fact grows by one; facts that it is not linear in are left out."""
    result: dict[str, int] = {}
    curved: set[str] = set()

    def add(node: tree.Node, factor: int) -> None:
        match node:
            case tree.FactReference():
                result[node.name] = result.get(node.name, 0) + factor
            case tree.RuleReference():
                add(plan.rule_named[node.name].node, factor)
            case tree.Arithmetic(operator="*"):
                left, right = known.value(node.left), known.value(node.right)
                curved.update(plan.facts_of(node.left) & plan.facts_of(node.right))
                add(node.left, factor * int(right) if isinstance(right, int) else 0)
                add(node.right, factor * int(left) if isinstance(left, int) else 0)
            case tree.Arithmetic():
                add(node.left, factor)
                add(node.right, -factor if node.operator == "-" else factor)
            case tree.Case():
                for guard, value in node.branches:
                    curved.update(plan.facts_of(guard))
                    if known.value(guard):
                        add(value, factor)
                        break
            case tree.ZeroIfUnrecorded() if known.value(node.fact) is not None:
                add(node.fact, factor)
            case tree.PerCapita() | tree.DaysBetween() | tree.ZeroIfUnrecorded():
                curved.update(plan.facts_of(node))

    add(comparison.left, 1)
    add(comparison.right, -1)
    return {name: factor for name, factor in result.items() if factor and name not in curved}


def turning_steps(operator: tree.ComparisonOperator, difference: int, factor: int) -> list[int]:
    """The smallest steps of a fact by which a comparison turns over, the least first.

    `difference` is left minus right; moving the fact by s gives difference + factor * s.
    """
    compare = COMPARISONS[operator]
    wanted = not compare(difference, 0)
    exact = -difference // factor
    near: Iterable[int] = range(exact - 1, exact + 3)
    if exact < 1:
        near = sorted(near, key=abs)
    return [step for step in near if compare(difference + factor * step, 0) is wanted]
