"""The type checker: from a syntax tree to the checked tree, or a refusal that says what to write instead.

Every node gets a type, a unit and an interval. An interval that reaches 2^63 is refused, because columns wrap silently there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlglot import exp

from services.rules.engine import tree
from services.rules.engine.advice import INSTEAD, mismatch, suggestion
from services.rules.engine.declarations import Fact, Parameter
from services.rules.engine.errors import Place, PolicyError
from services.rules.engine.language import ARITHMETIC, COMPARISONS, Syntax
from services.rules.engine.units import (
    BOOLEAN,
    DAYS_APART,
    DIMENSIONLESS,
    PERSONS,
    Dimension,
    Kind,
    Type,
    dimension_name,
    multiplied,
    with_zero,
)

LIMIT = 2**63


def check(
    syntax: Syntax,
    facts: Mapping[str, Fact],
    parameters: Mapping[str, Parameter],
    rules: Mapping[str, Type],
) -> tree.Node:
    """Check one expression against the facts, parameters and rules (by name, with their types) of its subject."""
    return _Checker(syntax, facts, parameters, rules).node(syntax.root)


def expect(node: tree.Node, kind: Kind, place: Place, operation: str) -> tree.Node:
    """The node itself when it has the kind, else a PolicyError."""
    if node.type.kind is not kind:
        raise mismatch(place, operation, kind, node.type)
    return node


class _Checker:
    def __init__(
        self,
        syntax: Syntax,
        facts: Mapping[str, Fact],
        parameters: Mapping[str, Parameter],
        rules: Mapping[str, Type],
    ) -> None:
        self._syntax = syntax
        self._facts = facts
        self._parameters = parameters
        self._rules = rules

    def node(self, syntax: exp.Expr) -> tree.Node:  # noqa: C901 - one case a construct
        match syntax:
            case exp.Paren():
                return self.node(syntax.this)
            case exp.Column():
                return self._name(syntax)
            case exp.Placeholder():
                return self._parameter(syntax)
            case exp.Literal() if not syntax.is_string:
                value = int(syntax.name)
                return tree.Constant(value, Type(Kind.INTEGER, DIMENSIONLESS, value, value))
            case exp.Boolean():
                return tree.Constant(bool(syntax.this), BOOLEAN)
            case exp.Add() | exp.Sub() | exp.Mul():
                return self._arithmetic(syntax)
            case exp.EQ() | exp.NEQ() | exp.LT() | exp.LTE() | exp.GT() | exp.GTE():
                return self._comparison(syntax)
            case exp.And() | exp.Or():
                return self._connective(syntax)
            case exp.Not():
                return tree.Negation(self._boolean(syntax.this, "NOT"))
            case exp.In():
                return self._membership(syntax)
            case exp.Case():
                return self._case(syntax)
            case exp.Anonymous():
                return self._call(syntax)
        raise self._refused(syntax)

    def _refused(self, syntax: exp.Expr) -> PolicyError:
        zh, en = INSTEAD.get(
            type(syntax), ("请改用允许的写法", "write it with operators, IN, CASE and named parts")
        )
        return PolicyError(
            "expression-construct",
            self._syntax.place(syntax),
            construct=self._syntax.words(syntax),
            instead_zh=zh,
            instead_en=en,
        )

    def _name(self, syntax: exp.Column, *, asks_for_any: bool = False) -> tree.Node:
        if any(not isinstance(part, exp.Identifier) or part.quoted for part in syntax.parts):
            raise self._refused(syntax)
        name = ".".join(part.name for part in syntax.parts)
        if "." in name:
            if (type_ := self._rules.get(name)) is None:
                raise PolicyError(
                    "unknown-rule",
                    self._syntax.place(syntax),
                    name=name,
                    **suggestion(name, self._rules),
                )
            return tree.RuleReference(name, type_)
        if (fact := self._facts.get(name)) is None:
            raise PolicyError(
                "unknown-fact",
                self._syntax.place(syntax),
                name=name,
                **suggestion(name, self._facts),
            )
        if fact.at_least and not asks_for_any:
            raise PolicyError("expression-at-least", self._syntax.place(syntax), name=name)
        return tree.FactReference(name, fact.type)

    def _parameter(self, syntax: exp.Placeholder) -> tree.Node:
        name = syntax.name
        if (parameter := self._parameters.get(name)) is None:
            raise PolicyError(
                "unknown-parameter",
                self._syntax.place(syntax),
                name=name,
                **suggestion(name, self._parameters),
            )
        return tree.ParameterReference(name, parameter.type)

    def _typed(self, syntax: exp.Expr, kind: Kind, operation: str) -> tree.Node:
        return expect(self.node(syntax), kind, self._syntax.place(syntax), operation)

    def _boolean(self, syntax: exp.Expr, operation: str) -> tree.Node:
        return self._typed(syntax, Kind.BOOLEAN, operation)

    def _arithmetic(self, syntax: exp.Add | exp.Sub | exp.Mul) -> tree.Node:
        operator = ARITHMETIC[type(syntax)]
        left = self._typed(syntax.left, Kind.INTEGER, operator)
        right = self._typed(syntax.right, Kind.INTEGER, operator)
        a, b = left.type, right.type
        if operator == "*":
            dimension = multiplied(a.dimension, b.dimension)
            corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
        else:
            dimension = self._same_dimension(
                left, right, operator, self._syntax.place(syntax.right)
            )
            corners = (
                [a.low + b.low, a.high + b.high]
                if operator == "+"
                else [a.low - b.high, a.high - b.low]
            )
        type_ = Type(Kind.INTEGER, dimension, min(corners), max(corners))
        return tree.Arithmetic(operator, left, right, self._bounded(type_, syntax))

    def _bounded(self, type_: Type, syntax: exp.Expr) -> Type:
        bound = max(abs(type_.low), abs(type_.high))
        if bound >= LIMIT:
            raise PolicyError("range-too-wide", self._syntax.place(syntax), bound=bound)
        return type_

    def _same_dimension(
        self, left: tree.Node, right: tree.Node, operation: str, place: Place
    ) -> Dimension:
        """The unit of both; zero has every unit."""
        if _is_zero(left) or left.type.dimension == right.type.dimension:
            return right.type.dimension
        if _is_zero(right):
            return left.type.dimension
        raise PolicyError(
            "unit-mismatch",
            place,
            operation=operation,
            left=dimension_name(left.type.dimension),
            right=dimension_name(right.type.dimension),
        )

    def _comparison(self, syntax: exp.Binary) -> tree.Node:
        operator = COMPARISONS[type(syntax)]
        if isinstance(syntax.right, exp.Literal) and syntax.right.is_string:
            return self._code_comparison(syntax, operator)
        right = self.node(syntax.right)
        if isinstance(syntax.left, exp.Column):
            asks_for_any = operator in ("=", ">") and _is_zero(right)
            left = self._name(syntax.left, asks_for_any=asks_for_any)
        else:
            left = self.node(syntax.left)
        place = self._syntax.place(syntax.left)
        if left.type.kind not in (Kind.INTEGER, Kind.DATE):
            raise mismatch(place, operator, Kind.INTEGER, left.type)
        expect(right, left.type.kind, self._syntax.place(syntax.right), operator)
        self._same_dimension(left, right, operator, self._syntax.place(syntax.right))
        return tree.Comparison(operator, left, right)

    def _code_comparison(self, syntax: exp.Binary, operator: tree.ComparisonOperator) -> tree.Node:
        if operator not in ("=", "<>"):
            raise PolicyError(
                "type-mismatch",
                self._syntax.place(syntax.right),
                operation=operator,
                expected_zh="整数",
                expected_en="a whole number",
                found_zh="代码（代码没有大小）",
                found_en="a code (codes have no order)",
            )
        membership = tree.Membership(*self._codes(syntax.left, [syntax.right], operator))
        return membership if operator == "=" else tree.Negation(membership)

    def _codes(
        self, operand: exp.Expr, literals: Iterable[exp.Expr], operation: str
    ) -> tuple[tree.Node, tuple[str, ...]]:
        checked = self._typed(operand, Kind.CODE, operation)
        codes = []
        for literal in literals:
            if not (isinstance(literal, exp.Literal) and literal.is_string):
                raise self._refused(literal)
            if literal.name not in checked.type.codes:
                raise PolicyError(
                    "unknown-code",
                    self._syntax.place(literal),
                    name=operand.name,
                    value=literal.name,
                    codes=", ".join(checked.type.codes),
                )
            codes.append(literal.name)
        return checked, tuple(codes)

    def _membership(self, syntax: exp.In) -> tree.Node:
        if not syntax.expressions:
            raise self._refused(syntax)
        return tree.Membership(*self._codes(syntax.this, syntax.expressions, "IN"))

    def _connective(self, syntax: exp.And | exp.Or) -> tree.Node:
        operation = "AND" if isinstance(syntax, exp.And) else "OR"
        operands = tuple(self._boolean(part, operation) for part in syntax.flatten())
        return tree.AllOf(operands) if operation == "AND" else tree.AnyOf(operands)

    def _case(self, syntax: exp.Case) -> tree.Node:
        if syntax.this is not None or syntax.args.get("default") is not None:
            raise self._refused(syntax)
        branches = [
            (self._boolean(branch.this, "WHEN"), self.node(branch.args["true"]))
            for branch in syntax.args["ifs"]
        ]
        first = branches[0][1]
        for branch, (_, value) in zip(syntax.args["ifs"], branches, strict=True):
            place = self._syntax.place(branch.args["true"])
            expect(value, first.type.kind, place, "THEN")
            if first.type.kind is Kind.INTEGER:
                first = first if not _is_zero(first) else value
                self._same_dimension(first, value, "THEN", place)
        if first.type.kind not in (Kind.INTEGER, Kind.BOOLEAN):
            raise mismatch(self._syntax.place(syntax), "CASE", Kind.INTEGER, first.type)
        low = min(value.type.low for _, value in branches)
        high = max(value.type.high for _, value in branches)
        return tree.Case(tuple(branches), Type(first.type.kind, first.type.dimension, low, high))

    def _call(self, syntax: exp.Anonymous) -> tree.Node:
        name, arguments = str(syntax.this).lower(), syntax.expressions
        if name == "days_between" and len(arguments) == 2:
            start, end = (self._typed(argument, Kind.DATE, name) for argument in arguments)
            return tree.DaysBetween(start, end, DAYS_APART)
        if name == "per_capita" and len(arguments) == 2:
            return self._per_capita(syntax, *arguments)
        if name == "zero_if_unrecorded" and len(arguments) == 2:
            return self._zero_if_unrecorded(*arguments)
        raise self._refused(syntax)

    def _zero_if_unrecorded(self, fact_syntax: exp.Expr, excused_syntax: exp.Expr) -> tree.Node:
        fact = self._typed(fact_syntax, Kind.INTEGER, "zero_if_unrecorded")
        if not isinstance(fact, tree.FactReference):
            raise self._refused(fact_syntax)
        excused = self._boolean(excused_syntax, "zero_if_unrecorded")
        return tree.ZeroIfUnrecorded(fact, excused, with_zero(fact.type))

    def _per_capita(
        self, syntax: exp.Anonymous, amount_syntax: exp.Expr, persons_syntax: exp.Expr
    ) -> tree.Node:
        amount = self._typed(amount_syntax, Kind.INTEGER, "per_capita")
        persons = self._typed(persons_syntax, Kind.INTEGER, "per_capita")
        if persons.type.dimension != PERSONS:
            raise PolicyError(
                "unit-mismatch",
                self._syntax.place(persons_syntax),
                operation="per_capita",
                left="persons",
                right=dimension_name(persons.type.dimension),
            )
        if persons.type.low < 1:
            raise PolicyError("divisor-may-be-zero", self._syntax.place(persons_syntax))
        widest = 2 * max(abs(amount.type.low), abs(amount.type.high)) + 2 * persons.type.high
        self._bounded(Type(Kind.INTEGER, DIMENSIONLESS, -widest, widest), syntax)
        dimension = multiplied(amount.type.dimension, (("persons", -1),))
        return tree.PerCapita(amount, persons, replace(with_zero(amount.type), dimension=dimension))


def _is_zero(node: tree.Node) -> bool:
    return isinstance(node, tree.Constant) and node.value == 0 and node.type.kind is Kind.INTEGER
