"""From checked trees to columns: what the columnar backends (Polars, Spark SQL) compute, each thing once.

Values and masks of a subject's rules become one graph of a dozen operators, in which equal expressions are the same node. What is
used more than once becomes a column of its own in a layer that refers only to the layers before. A backend writes the operators in
its own words and adds no meaning of its own.
"""

from collections.abc import Collection
from datetime import date

from services.rules.engine import tree
from services.rules.engine.declarations import Fact, Parameter, Rule
from services.rules.engine.graph import FALSE, TRUE, Graph, Masks
from services.rules.engine.layers import (
    Constant,
    Expression,
    Input,
    Lowered,
    Operator,
    in_layers,
)
from services.rules.engine.plan import (
    Plan,
    Resolution,
    mask_column,
    oldest_fresh,
    resolve,
)
from services.rules.engine.units import Kind

UNUSABLE = ("stale", "later", "undated")
"""The masks of recorded facts that cannot be used: too old, of a day after the one judged, of no day although their age counts."""


def lower(plan: Plan, as_of: date, by_division: bool, rules: Collection[str]) -> Lowered:
    """The columns of the named rules and of their masks; `by_division` says that the table has the columns `parameter:<name>`."""
    lowering = _Lowering(plan, as_of, by_division)
    outputs: dict[str, Expression] = {}
    for rule in plan.rules:
        lowering.add(rule)
        if rule.name in rules:
            outputs[rule.name] = lowering.values[rule.name]
            outputs |= _mask_columns(f"missing:{rule.name}", lowering.masks[rule.name])
    for name, masks in zip(UNUSABLE, lowering.unusable(), strict=True):
        outputs |= _mask_columns(name, masks)
    return in_layers(outputs, lowering.calls, lowering.named)


def _mask_columns(name: str, masks: Masks) -> dict[str, Expression]:
    return {mask_column(name, word): masks[word] for word in sorted(masks)}


def can_be_unset(parameter: Parameter, as_of: date, by_division: bool) -> bool:
    """True when some division has no value on that date."""
    divisions = {value.division for value in parameter.values} if by_division else set()
    resolved = [parameter.at(as_of, division) for division in (None, *divisions)]
    return any(value is None or value.value is None for value in resolved)


class _Lowering(Graph):
    def __init__(self, plan: Plan, as_of: date, by_division: bool) -> None:
        super().__init__()
        self._plan = plan
        self._resolution: Resolution = resolve(plan, as_of, None)
        self._parameters = {parameter.name: parameter for parameter in plan.parameters}
        self._by_division = by_division
        self._facts = {fact.name: fact for fact in plan.facts}
        self.values: dict[str, Expression] = {}
        self.masks: dict[str, Masks] = {}

    def add(self, rule: Rule) -> None:
        if rule.in_force(self._resolution.as_of):
            self.values[rule.name] = self._value(rule.node)
            self.masks[rule.name] = self._masks(rule.node)
        else:
            self.values[rule.name] = Constant(None, rule.node.type.kind)
            self.masks[rule.name] = self.bits(self._plan.bit("rule", rule.name))
        self.name(f"rule:{rule.name}", self.values[rule.name])
        for word, mask in self.masks[rule.name].items():
            self.name(f"rule:{mask_column(f'missing:{rule.name}', word)}", mask)

    def unusable(self) -> tuple[Masks, ...]:
        """The masks of UNUSABLE. Facts that are found out together share what says so."""
        together: dict[tuple[str, str | None], list[Fact]] = {}
        for fact in self._plan.facts:
            if fact.dated_by is not None:
                together.setdefault((fact.dated_by, fact.fresh_for), []).append(fact)
        found: list[list[Masks]] = [[] for _ in UNUSABLE]
        for facts in together.values():
            recorded = self.union(
                self.chosen(
                    self.truth("known", self._recorded(fact)),
                    self.bits(self._plan.bit("fact", fact.name)),
                )
                for fact in facts
            )
            for masks, guard in zip(found, self._unfit(facts[0]), strict=True):
                masks.append(self.chosen(guard, recorded))
        return tuple(map(self.union, found))

    def _parameter(self, name: str) -> Expression:
        parameter = self._parameters[name]
        if self._by_division and parameter.varies_by_division:
            return Input(f"parameter:{name}", parameter.type.kind)
        return Constant(self._resolution.values[name], parameter.type.kind)

    def _parameter_masks(self, name: str) -> Masks:
        if not can_be_unset(self._parameters[name], self._resolution.as_of, self._by_division):
            return {}
        return self.chosen(
            self.unknown(self._parameter(name)), self.bits(self._plan.bit("parameter", name))
        )

    def _recorded(self, fact: Fact) -> Input:
        return Input(fact.name, fact.type.kind)

    def _fresh(self, fact: Fact) -> Expression:
        """True where the value holds no later than the day of judgement and no longer ago than it stays fresh, else false."""
        if fact.dated_by is None:
            return TRUE
        if fact.fresh_for is None:
            dated, begun = self._timely(fact)
            return self.truth("or", self.truth("not", dated), begun)
        young = self._young(fact)
        if young == FALSE:
            return FALSE
        return self.truth("and", *self._timely(fact), young)

    def _unfit(self, fact: Fact) -> tuple[Expression, Expression, Expression]:
        """When a recorded fact is stale, later than the day of judgement, undated; unknown counts as false."""
        day, as_of = self._day(fact), Constant(self._resolution.as_of, Kind.DATE)
        later = self.truth(">", day, as_of)
        if fact.fresh_for is None:
            return FALSE, later, FALSE
        young = self._young(fact)
        old = () if young == FALSE else (self.truth("not", young),)
        stale = self.truth("and", *self._timely(fact), *old)
        return stale, later, self.truth("unknown", day)

    def _timely(self, fact: Fact) -> tuple[Expression, Expression]:
        day, as_of = self._day(fact), Constant(self._resolution.as_of, Kind.DATE)
        return self.truth("known", day), self.truth("<=", day, as_of)

    def _young(self, fact: Fact) -> Expression:
        """True where a dated value is no older than it stays fresh; never where nobody decided how long that is."""
        as_of, day = self._resolution.as_of, self._day(fact)
        days = self._parameter(str(fact.fresh_for))
        if not isinstance(days, Constant):
            age = self.call("days_between", Kind.INTEGER, day, Constant(as_of, Kind.DATE))
            return self.truth("and", self.truth("known", days), self.truth("<=", age, days))
        if not isinstance(days.value, int):
            return FALSE
        return self.truth(">=", day, Constant(oldest_fresh(as_of, days.value), Kind.DATE))

    def _day(self, fact: Fact) -> Input:
        return Input(str(fact.dated_by), Kind.DATE)

    def _fact(self, fact: Fact) -> Expression:
        """The usable value."""
        recorded, fresh = self._recorded(fact), self._fresh(fact)
        unknown = Constant(None, fact.type.kind)
        if fresh in (TRUE, FALSE):
            return recorded if fresh == TRUE else unknown
        usable = self.call("choose", fact.type.kind, fresh, recorded, unknown)
        self.name(f"fact:{fact.name}", usable)
        return usable

    def _fact_masks(self, fact: Fact) -> Masks:
        """The fact's bit where it is unknown, or its freshness parameter's where its age is open because nobody set that."""
        own = self.bits(self._plan.bit("fact", fact.name))
        masks = self.chosen(self.unknown(self._fact(fact)), own)
        if fact.fresh_for is None or not self._parameter_masks(fact.fresh_for):
            return masks
        days = self.unknown(self._parameter(fact.fresh_for))
        recorded = self.truth("known", self._recorded(fact))
        open_for = () if days == TRUE else (days,)
        undecided = self.truth("and", recorded, *self._timely(fact), *open_for)
        bit = self.bits(self._plan.bit("parameter", fact.fresh_for))
        return self.chosen(undecided, bit, masks)

    def _value(self, node: tree.Node) -> Expression:
        match node:
            case tree.Constant():
                return Constant(node.value, node.type.kind)
            case tree.FactReference():
                return self._fact(self._facts[node.name])
            case tree.ParameterReference():
                return self._parameter(node.name)
            case tree.RuleReference():
                return self.values[node.name]
            case tree.Membership():
                codes = (Constant(code, Kind.CODE) for code in node.codes)
                return self.truth("in", self._value(node.operand), *codes)
            case tree.Case():
                return self._case(node)
            case tree.ZeroIfUnrecorded():
                fact, kind = self._facts[node.fact.name], node.type.kind
                recorded = self.truth("known", self._recorded(fact))
                excused = self._value(node.excused)
                counted = (recorded, self._fact(fact), excused, Constant(0, kind))
                return self.call("choose", kind, *counted, Constant(None, kind))
            case _:
                parts = (self._value(part) for part in tree.children(node))
                return self.call(_operator(node), node.type.kind, *parts)

    def _case(self, node: tree.Case) -> Expression:
        unknown = Constant(None, node.type.kind)
        parts: list[Expression] = []
        for guard_node, value in node.branches:
            guard = self._value(guard_node)
            parts += [self.unknown(guard), unknown, guard, self._value(value)]
        return self.call("choose", node.type.kind, *parts, unknown)

    def _masks(self, node: tree.Node) -> Masks:
        """The needs that an unknown value waits for; 0 where the value is known."""
        match node:
            case tree.FactReference():
                return self._fact_masks(self._facts[node.name])
            case tree.ParameterReference():
                return self._parameter_masks(node.name)
            case tree.RuleReference():
                return self.masks[node.name]
            case tree.AllOf(operands=(only,)) | tree.AnyOf(operands=(only,)):
                return self._masks(only)
            case tree.AllOf() | tree.AnyOf():
                waiting = self.union(self._masks(part) for part in node.operands)
                return self.chosen(self.unknown(self._value(node)), waiting)
            case tree.Case():
                masks: Masks = {}
                for guard_node, value in reversed(node.branches):
                    guard = self._value(guard_node)
                    taken = self.chosen(guard, self._masks(value), masks)
                    masks = self.chosen(self.unknown(guard), self._masks(guard_node), taken)
                return masks
            case tree.ZeroIfUnrecorded():
                fact = self._facts[node.fact.name]
                recorded = self.truth("known", self._recorded(fact))
                own = self.bits(self._plan.bit("fact", fact.name))
                waiting = self.union((own, self._masks(node.excused)))
                unrecorded = self.chosen(self._value(node.excused), {}, waiting)
                return self.chosen(recorded, self._fact_masks(fact), unrecorded)
            case _:
                return self.union(self._masks(part) for part in tree.children(node))


def _operator(node: tree.Node) -> Operator:
    match node:
        case tree.Arithmetic() | tree.Comparison():
            return node.operator
        case tree.Negation():
            return "not"
        case tree.AllOf():
            return "and"
        case tree.AnyOf():
            return "or"
        case tree.PerCapita():
            return "per_capita"
        case _:
            return "days_between"
