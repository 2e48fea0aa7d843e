"""The Python source that checked trees are compiled to.

Unknown is None; a mask is 0 wherever its value is known, so that the mask of a strict operation is the union of its operands'.
Names in the source are made here and constants are checked numbers and codes, so nothing of a policy's text is executed.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from services.rules.engine import tree
from services.rules.engine.declarations import FactValue, Rule
from services.rules.engine.plan import Plan
from services.rules.engine.units import BOOLEAN

_OPERATORS = {"=": "==", "<>": "!="}

Function = Callable[[Callable[[str], FactValue | None], tuple[Any, ...]], tuple[Any, ...]]
"""Compiled rules: takes `facts.get` and the arguments of a resolution."""


class _Term(NamedTuple):
    """Python source of a value, the variables that make it unknown when None, and the variables of their masks."""

    code: str
    unknowns: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()


class Writer:
    def __init__(self, plan: Plan, *, traced: bool = False) -> None:
        self._plan = plan
        self._traced = traced
        self._lines: list[str] = []
        self._count = 0
        self._facts = {fact.name: f"f{i}" for i, fact in enumerate(plan.facts)}
        self._parameters = {parameter.name: f"p{i}" for i, parameter in enumerate(plan.parameters)}
        self._rules = {rule.name: f"r{i}" for i, rule in enumerate(plan.rules)}
        self._leaves: dict[int, str] = {}

    def judging(self, rules: Sequence[Rule]) -> Function:
        """A function that gives the value of every rule."""
        self._rules_of(rules)
        return self._compiled(_tuple(self._rules[rule.name] for rule in rules))

    def judging_last(self, rules: Sequence[Rule]) -> Function:
        """A function that gives the value of the last of the rules and of each of its conditions."""
        conditions = self._rules_of(rules)
        last = rules[-1]
        own = conditions[len(conditions) - len(last.conditions) :]
        return self._compiled(_tuple([self._rules[last.name], *own]))

    def explaining(self) -> Function:
        """A function that gives the fields of a Trace."""
        conditions = self._rules_of(self._plan.rules)
        variables = self._rules.values()
        leaves = _tuple(
            _tuple(self._leaves[id(leaf)] for leaf in leaves) for leaves in self._plan.leaves
        )
        return self._compiled(
            f"({_tuple(variables)}, {_tuple(f'm{rule}' for rule in variables)}, "
            f"stale, later, undated, {_tuple(conditions)}, {_tuple(f'm{condition}' for condition in conditions)}, {leaves})"
        )

    def _rules_of(self, rules: Sequence[Rule]) -> list[str]:
        """Write the rules, which rest on no others, with their facts; gives the variables of their conditions."""
        dated = [fact for fact in self._plan.facts if fact.fresh_for is not None]
        names = [
            "as_of",
            *self._parameters.values(),
            *(f"c{self._facts[fact.name]}" for fact in dated),
            *(f"k{rule}" for rule in self._rules.values()),
            *(f"s{self._facts[fact.name]}" for fact in dated),
        ]
        self._add(f"({', '.join(names)},) = arguments")
        if self._traced:
            self._add("stale = later = undated = 0")
            for name, variable in self._parameters.items():
                self._add(
                    f"m{variable} = {self._plan.bit('parameter', name)} if {variable} is None else 0"
                )
        used = {
            part.name
            for rule in rules
            for part in tree.walk(rule.node)
            if isinstance(part, tree.FactReference)
        }
        for fact in self._plan.facts:
            if fact.name in used:
                self._load(fact.name, dated=fact.fresh_for is not None)
        conditions: list[str] = []
        for rule in rules:
            conditions += self._rule(rule.name, rule.node, [part.node for part in rule.conditions])
        return conditions

    def _compiled(self, answer: str) -> Function:
        self._add(f"return {answer}")
        source = "def evaluate(get, arguments):\n" + "".join(
            f"    {line}\n" for line in self._lines
        )
        namespace: dict[str, Any] = {}
        exec(compile(source, f"<rules of {self._plan.subject}>", "exec"), namespace)  # noqa: S102
        function: Function = namespace["evaluate"]
        return function

    def _add(self, line: str) -> None:
        self._lines.append(line)

    def _variable(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def _load(self, name: str, *, dated: bool) -> None:
        variable = self._facts[name]
        bit = self._plan.bit("fact", name)
        absent = f"; m{variable} = {bit}" if self._traced else ""
        present = f"; m{variable} = 0" if self._traced else ""
        self._add(f"f = get({name!r})")
        self._add("if f is None:")
        self._add(f"    {variable} = None{absent}")
        for condition, mask, why in self._unusable(variable, bit, dated=dated):
            named = f"; m{variable} = {mask}; {why} |= {bit}" if self._traced else ""
            self._add(f"elif {condition}:")
            self._add(f"    {variable} = None{named}")
        self._add("else:")
        self._add(f"    {variable} = f[0]{present}")

    def _unusable(self, variable: str, bit: int, *, dated: bool) -> list[tuple[str, object, str]]:
        """When a recorded fact cannot be used: the condition, what is waited for then, and the mask that says why."""
        if not self._traced:
            unfit = f"f[1] is None or not c{variable} <= f[1] <= as_of"
            return [(unfit if dated else "f[1] is not None and f[1] > as_of", bit, "")]
        if not dated:
            return [("f[1] is not None and f[1] > as_of", bit, "later")]
        return [
            ("f[1] is None", bit, "undated"),
            ("f[1] > as_of", bit, "later"),
            (f"f[1] < c{variable}", f"s{variable}", "stale"),
        ]

    def _rule(self, name: str, node: tree.Node, conditions: list[tree.Node]) -> list[str]:
        """Write a rule; gives the variables of its conditions."""
        variable = self._rules[name]
        if isinstance(node, tree.AllOf | tree.AnyOf) and tuple(conditions) == node.operands:
            terms = [self._named(self._term(part)) for part in conditions]
            whole = self._connective(terms, isinstance(node, tree.AllOf))
        else:
            whole = self._named(self._term(node))
            terms = [whole]
        self._add(f"{variable} = {whole.code} if k{variable} else None")
        if self._traced:
            bit = self._plan.bit("rule", name)
            self._add(f"m{variable} = m{whole.code} if k{variable} else {bit}")
        return [term.code for term in terms]

    def _named(self, term: _Term) -> _Term:
        """The term as one variable with its mask."""
        if term.unknowns == (term.code,) and term.masks == (f"m{term.code}",):
            return term
        variable = self._variable()
        self._add(f"{variable} = {_guarded(term)}")
        self._mask(variable, " | ".join(term.masks))
        return _Term(variable, (variable,), (f"m{variable}",))

    def _mask(self, variable: str, code: str) -> None:
        if self._traced:
            self._add(f"m{variable} = {code or '0'}")

    def _term(self, node: tree.Node) -> _Term:
        term = self._unrecorded(node)
        if node.type == BOOLEAN and isinstance(node, tree.Reference):
            self._leaves[id(node)] = f"({term.code}, None, {term.code})"
        return term

    def _unrecorded(self, node: tree.Node) -> _Term:  # noqa: C901, PLR0912 - one case a node type
        match node:
            case tree.Constant():
                return _Term(repr(node.value))
            case tree.FactReference():
                return _reference(self._facts[node.name])
            case tree.ParameterReference():
                return _reference(self._parameters[node.name])
            case tree.RuleReference():
                return _reference(self._rules[node.name])
            case tree.Arithmetic():
                return self._strict("({} " + node.operator + " {})", node)
            case tree.PerCapita():
                return self._strict("((2 * {0} + {1}) // (2 * {1}))", node)
            case tree.ZeroIfUnrecorded():
                return self._zero_if_unrecorded(node)
            case tree.DaysBetween():
                return self._strict("({1} - {0}).days", node)
            case tree.Comparison():
                return self._comparison(node)
            case tree.Membership():
                operand = self._named(self._term(node.operand))
                term = self._named(operand._replace(code=f"({operand.code} in {node.codes!r})"))
                self._leaves[id(node)] = f"({operand.code}, None, {term.code})"
                return term
            case tree.Negation():
                operand = self._named(self._term(node.operand))
                return self._named(operand._replace(code=f"(not {operand.code})"))
            case tree.AllOf() | tree.AnyOf():
                terms = [self._named(self._term(part)) for part in node.operands]
                return self._connective(terms, isinstance(node, tree.AllOf))
            case tree.Case():
                return self._case(node)

    def _strict(self, template: str, node: tree.Node) -> _Term:
        terms = [self._term(part) for part in tree.children(node)]
        return _Term(
            template.format(*(term.code for term in terms)),
            _union(term.unknowns for term in terms),
            _union(term.masks for term in terms),
        )

    def _zero_if_unrecorded(self, node: tree.ZeroIfUnrecorded) -> _Term:
        fact, excused = self._facts[node.fact.name], self._named(self._term(node.excused))
        variable, waiting = self._variable(), f"m{fact} | {' | '.join(excused.masks) or '0'}"
        self._add(f"{variable} = {fact}")
        self._mask(variable, f"m{fact}")
        self._add(f"if get({node.fact.name!r}) is None:")
        zero = f"; m{variable} = 0 if {excused.code} else {waiting}" if self._traced else ""
        self._add(f"    {variable} = 0 if {excused.code} else None{zero}")
        return _Term(variable, (variable,), (f"m{variable}",))

    def _comparison(self, node: tree.Comparison) -> _Term:
        operator = _OPERATORS.get(node.operator, node.operator)
        left, right = self._term(node.left), self._term(node.right)
        if self._traced:
            left, right = self._named(left), self._named(right)
        term = self._named(
            _Term(
                f"({left.code} {operator} {right.code})",
                _union((left.unknowns, right.unknowns)),
                _union((left.masks, right.masks)),
            )
        )
        self._leaves[id(node)] = f"({left.code}, {right.code}, {term.code})"
        return term

    def _connective(self, terms: list[_Term], conjunction: bool) -> _Term:
        deciding = str(not conjunction)
        decided = " or ".join(f"{term.code} is {deciding}" for term in terms)
        unknown = " or ".join(f"{term.code} is None" for term in terms)
        variable = self._variable()
        self._add(f"{variable} = {deciding} if {decided} else None if {unknown} else {conjunction}")
        masks = " | ".join(_union(term.masks for term in terms))
        self._mask(variable, f"({masks}) if {variable} is None else 0")
        return _Term(variable, (variable,), (f"m{variable}",))

    def _case(self, node: tree.Case) -> _Term:
        branches = [
            (self._named(self._term(guard)), self._named(self._term(value)))
            for guard, value in node.branches
        ]
        variable = self._variable()
        self._add(f"{variable} = None")
        self._mask(variable, "0")
        word = "if"
        for guard, value in branches:
            mask = f"m{variable} = {{}}" if self._traced else "pass"
            self._add(f"{word} {guard.code} is None:")
            self._add("    " + mask.format(f"m{guard.code}"))
            self._add(f"elif {guard.code}:")
            self._add(f"    {variable} = {value.code}; " + mask.format(f"m{value.code}"))
            word = "elif"
        return _Term(variable, (variable,), (f"m{variable}",))


def _reference(variable: str) -> _Term:
    return _Term(variable, (variable,), (f"m{variable}",))


def _guarded(term: _Term) -> str:
    if not term.unknowns:
        return term.code
    unknown = " or ".join(f"{name} is None" for name in term.unknowns)
    return f"None if {unknown} else {term.code}"


def _union(groups: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group))


def _tuple(parts: Any) -> str:
    return "(" + "".join(f"{part}, " for part in parts) + ")"
