"""The checked tree that every backend compiles: nothing in it is untyped, and nothing else exists."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from services.rules.engine.units import BOOLEAN, Type

ArithmeticOperator = Literal["+", "-", "*"]
ComparisonOperator = Literal["=", "<>", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    value: int | bool | str
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class FactReference:
    name: str
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class ParameterReference:
    name: str
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class RuleReference:
    name: str
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic:
    operator: ArithmeticOperator
    left: "Node"
    right: "Node"
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class PerCapita:
    """`per_capita(amount, persons)`: to the fen, half a fen rounds up (towards plus infinity)."""

    amount: "Node"
    persons: "Node"
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class DaysBetween:
    """`days_between(start, end)`: days from `start` to `end`, negative when `end` is earlier."""

    start: "Node"
    end: "Node"
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class ZeroIfUnrecorded:
    """`zero_if_unrecorded(fact, excused)`: the fact's value; 0 where nobody recorded it and `excused` holds.

    What is recorded always counts, and what is recorded but unusable stays unknown. It is the one place where learning a fact
    may overturn an answer, and is for figures that a text presumes to be nothing.
    """

    fact: FactReference
    excused: "Node"
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    operator: ComparisonOperator
    left: "Node"
    right: "Node"
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True, eq=False)
class Membership:
    operand: "Node"
    codes: tuple[str, ...]
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True, eq=False)
class Negation:
    operand: "Node"
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True, eq=False)
class AllOf:
    operands: tuple["Node", ...]
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True, eq=False)
class AnyOf:
    operands: tuple["Node", ...]
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Guards in order: the first true one gives the value; an unknown guard before it, or no true guard, gives unknown.

    SQL lets an unknown guard fall through to the next branch, so that learning a fact could overturn an answer; this does not.
    """

    branches: tuple[tuple["Node", "Node"], ...]
    type: Type


Reference = FactReference | ParameterReference | RuleReference
Node = (
    Constant
    | FactReference
    | ParameterReference
    | RuleReference
    | Arithmetic
    | PerCapita
    | DaysBetween
    | ZeroIfUnrecorded
    | Comparison
    | Membership
    | Negation
    | AllOf
    | AnyOf
    | Case
)


def children(node: Node) -> tuple[Node, ...]:
    """The operands of a node, in the order in which they are written."""
    match node:
        case Arithmetic() | Comparison():
            return (node.left, node.right)
        case PerCapita():
            return (node.amount, node.persons)
        case DaysBetween():
            return (node.start, node.end)
        case ZeroIfUnrecorded():
            return (node.fact, node.excused)
        case Membership() | Negation():
            return (node.operand,)
        case AllOf() | AnyOf():
            return node.operands
        case Case():
            return tuple(part for branch in node.branches for part in branch)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything under it, in the order in which it is written."""
    yield node
    for child in children(node):
        yield from walk(child)


def leaves(node: Node) -> Iterator[Node]:
    """The smallest yes-or-no statements of a condition: comparisons, memberships, yes-or-no facts, parameters and rules."""
    for part in walk(node):
        match part:
            case Comparison() | Membership():
                yield part
            case FactReference() | ParameterReference() | RuleReference() if part.type == BOOLEAN:
                yield part
