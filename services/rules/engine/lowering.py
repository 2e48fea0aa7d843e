"""From checked trees to columns: what the columnar backends (Polars, Spark SQL) compute, each thing once.

Values and masks of a subject's rules become one graph of a dozen operators, in which equal expressions are the same node. What is
used more than once becomes a column of its own in a layer that refers only to the layers before. A backend writes the operators in
its own words and adds no meaning of its own.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from services.rules.engine import tree
from services.rules.engine.declarations import Fact, Parameter, Rule
from services.rules.engine.layers import (
    Call,
    ColumnKind,
    Constant,
    Expression,
    Input,
    Lowered,
    Operator,
    in_layers,
)
from services.rules.engine.plan import (
    BITS_A_WORD,
    Plan,
    Resolution,
    mask_column,
    oldest_fresh,
    resolve,
)
from services.rules.engine.units import Kind

Masks = Mapping[int, Expression]
"""A mask by word; a word that is absent is 0 in every row."""

STALE = "stale"
ZERO = Constant(0, "mask")
TRUE, FALSE = Constant(True, Kind.BOOLEAN), Constant(False, Kind.BOOLEAN)


def lower(plan: Plan, as_of: date, by_division: bool, rules: Collection[str]) -> Lowered:
    """The columns of the named rules and of their masks; `by_division` says that the table has the columns `parameter:<name>`."""
    lowering = _Lowering(plan, as_of, by_division)
    outputs: dict[str, Expression] = {}
    for rule in plan.rules:
        lowering.add(rule)
        if rule.name in rules:
            outputs[rule.name] = lowering.values[rule.name]
            outputs |= _mask_columns(f"missing:{rule.name}", lowering.masks[rule.name])
    outputs |= _mask_columns(STALE, lowering.stale())
    return in_layers(outputs, lowering.calls, lowering.named)


def _mask_columns(name: str, masks: Masks) -> dict[str, Expression]:
    return {mask_column(name, word): masks[word] for word in sorted(masks)}


def can_be_unset(parameter: Parameter, as_of: date, by_division: bool) -> bool:
    """True when some division has no value on that date."""
    divisions = {value.division for value in parameter.values} if by_division else set()
    resolved = [parameter.at(as_of, division) for division in (None, *divisions)]
    return any(value is None or value.value is None for value in resolved)


class _Lowering:
    def __init__(self, plan: Plan, as_of: date, by_division: bool) -> None:
        self._plan = plan
        self._resolution: Resolution = resolve(plan, as_of, None)
        self._parameters = {parameter.name: parameter for parameter in plan.parameters}
        self._by_division = by_division
        self._facts = {fact.name: fact for fact in plan.facts}
        self._calls: dict[tuple[Operator, tuple[Expression, ...]], Call] = {}
        self.named: dict[Call, str] = {}
        self.values: dict[str, Expression] = {}
        self.masks: dict[str, Masks] = {}

    @property
    def calls(self) -> Iterable[Call]:
        """Every call, after its operands."""
        return self._calls.values()

    def add(self, rule: Rule) -> None:
        if rule.in_force(self._resolution.as_of):
            self.values[rule.name] = self._value(rule.node)
            self.masks[rule.name] = self._masks(rule.node)
        else:
            self.values[rule.name] = Constant(None, rule.node.type.kind)
            self.masks[rule.name] = self._bits(self._plan.bit("rule", rule.name))
        self._name(f"rule:{rule.name}", self.values[rule.name])
        for word, mask in self.masks[rule.name].items():
            self._name(f"rule:{mask_column(f'missing:{rule.name}', word)}", mask)

    def stale(self) -> Masks:
        parts = [
            self._chosen(self._old(fact), self._bits(self._plan.bit("fact", fact.name)))
            for fact in self._plan.facts
            if fact.fresh_for is not None
        ]
        return self._union(parts)

    def _call(self, operator: Operator, kind: ColumnKind, *operands: Expression) -> Call:
        return self._calls.setdefault((operator, operands), Call(operator, operands, kind))

    def _name(self, name: str, column: Expression) -> None:
        if isinstance(column, Call):
            self.named.setdefault(column, name)

    def _truth(self, operator: Operator, *operands: Expression) -> Call:
        return self._call(operator, Kind.BOOLEAN, *operands)

    def _bits(self, bit: int) -> Masks:
        word = (bit.bit_length() - 1) // BITS_A_WORD
        return {word: Constant(bit >> (word * BITS_A_WORD), "mask")}

    def _union(self, masks: Iterable[Masks]) -> Masks:
        parts: dict[int, dict[Expression, None]] = {}
        for mask in masks:
            for word, part in mask.items():
                inner = part.operands if isinstance(part, Call) and part.operator == "bits" else ()
                parts.setdefault(word, {}).update(dict.fromkeys(inner or (part,)))
        return {
            word: self._call("bits", "mask", *found) if len(found) > 1 else next(iter(found))
            for word, found in parts.items()
        }

    def _chosen(self, guard: Expression, masks: Masks, otherwise: Masks | None = None) -> Masks:
        """The masks where the guard is true, the others (0) elsewhere."""
        otherwise = otherwise or {}
        if isinstance(guard, Constant):
            return masks if guard == TRUE else otherwise
        return {
            word: self._call(
                "choose", "mask", guard, masks.get(word, ZERO), otherwise.get(word, ZERO)
            )
            for word in sorted(masks.keys() | otherwise.keys())
        }

    def _unknown(self, value: Expression) -> Expression:
        if isinstance(value, Constant):
            return TRUE if value.value is None else FALSE
        return self._truth("unknown", value)

    def _parameter(self, name: str) -> Expression:
        parameter = self._parameters[name]
        if self._by_division and parameter.varies_by_division:
            return Input(f"parameter:{name}", parameter.type.kind)
        return Constant(self._resolution.values[name], parameter.type.kind)

    def _parameter_masks(self, name: str) -> Masks:
        if not can_be_unset(self._parameters[name], self._resolution.as_of, self._by_division):
            return {}
        return self._chosen(
            self._unknown(self._parameter(name)), self._bits(self._plan.bit("parameter", name))
        )

    def _recorded(self, fact: Fact) -> Input:
        return Input(fact.name, fact.type.kind)

    def _fresh(self, fact: Fact) -> Expression:
        """True where the value holds no later than the day of judgement and no longer ago than it stays fresh, else false."""
        if fact.dated_by is None or fact.fresh_for is None:
            return TRUE
        as_of = Constant(self._resolution.as_of, Kind.DATE)
        day, days = Input(fact.dated_by, Kind.DATE), self._parameter(fact.fresh_for)
        dated, begun = self._truth("known", day), self._truth("<=", day, as_of)
        if not isinstance(days, Constant):
            age = self._call("days_between", Kind.INTEGER, day, as_of)
            decided = self._truth("known", days)
            return self._truth("and", dated, decided, begun, self._truth("<=", age, days))
        if not isinstance(days.value, int):
            return FALSE
        oldest = Constant(oldest_fresh(self._resolution.as_of, days.value), Kind.DATE)
        return self._truth("and", dated, begun, self._truth(">=", day, oldest))

    def _old(self, fact: Fact) -> Expression:
        """True where a value is there and not fresh, else false."""
        recorded, fresh = self._truth("known", self._recorded(fact)), self._fresh(fact)
        return (
            recorded if fresh == FALSE else self._truth("and", recorded, self._truth("not", fresh))
        )

    def _fact(self, fact: Fact) -> Expression:
        """The usable value."""
        recorded, fresh = self._recorded(fact), self._fresh(fact)
        unknown = Constant(None, fact.type.kind)
        if fresh in (TRUE, FALSE):
            return recorded if fresh == TRUE else unknown
        usable = self._call("choose", fact.type.kind, fresh, recorded, unknown)
        self._name(f"fact:{fact.name}", usable)
        return usable

    def _fact_masks(self, fact: Fact) -> Masks:
        """The fact's bit where it is unknown, or its freshness parameter's where it is old because nobody set that."""
        own = self._bits(self._plan.bit("fact", fact.name))
        if fact.fresh_for is None:
            return self._chosen(self._unknown(self._recorded(fact)), own)
        unset = self._parameter_masks(fact.fresh_for)
        masks = self._chosen(self._unknown(self._fact(fact)), own)
        if not unset:
            return masks
        days = self._unknown(self._parameter(fact.fresh_for))
        undecided = self._old(fact) if days == TRUE else self._truth("and", self._old(fact), days)
        bit = self._bits(self._plan.bit("parameter", fact.fresh_for))
        return self._chosen(undecided, bit, masks)

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
                return self._truth("in", self._value(node.operand), *codes)
            case tree.Case():
                return self._case(node)
            case _:
                parts = (self._value(part) for part in tree.children(node))
                return self._call(_operator(node), node.type.kind, *parts)

    def _case(self, node: tree.Case) -> Expression:
        unknown = Constant(None, node.type.kind)
        parts: list[Expression] = []
        for guard_node, value in node.branches:
            guard = self._value(guard_node)
            parts += [self._unknown(guard), unknown, guard, self._value(value)]
        return self._call("choose", node.type.kind, *parts, unknown)

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
                waiting = self._union(self._masks(part) for part in node.operands)
                return self._chosen(self._unknown(self._value(node)), waiting)
            case tree.Case():
                masks: Masks = {}
                for guard_node, value in reversed(node.branches):
                    guard = self._value(guard_node)
                    taken = self._chosen(guard, self._masks(value), masks)
                    masks = self._chosen(self._unknown(guard), self._masks(guard_node), taken)
                return masks
            case _:
                return self._union(self._masks(part) for part in tree.children(node))


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
