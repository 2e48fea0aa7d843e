"""Columns to compute, layer by layer: the small language between a subject's rules and the columnar backends."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.rules.engine.units import Kind

Operator = Literal[
    "+", "-", "*", "=", "<>", "<", "<=", ">", ">=",
    "and", "or", "not", "in", "known", "unknown", "choose", "per_capita", "days_between", "bits",
]  # fmt: skip
"""and, or, not: Kleene's. known, unknown: true or false. in: an operand, then codes. choose: guard, value, …, otherwise; an unknown guard counts
as false. per_capita: amount, persons; floor((2 amount + persons) / (2 persons)). days_between: start, end. bits: union of masks."""
ColumnKind = Kind | Literal["mask"]


@dataclass(frozen=True, slots=True)
class Input:
    """A column of the table of facts, or `parameter:<name>` for a parameter that varies by division."""

    name: str
    kind: ColumnKind


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal; None is the unknown. A mask is an unsigned 64-bit word."""

    value: bool | int | str | date | None
    kind: ColumnKind


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """An operator over operands. Made by a lowering only, once for each operator and operands."""

    operator: Operator
    operands: tuple["Expression", ...]
    kind: ColumnKind


Expression = Input | Constant | Call


@dataclass(frozen=True)
class Lowered:
    """Layers of named columns, and the columns of the answer by name.

    `names` has every call that became a column; a backend writes any other call where it stands.
    """

    layers: tuple[tuple[tuple[str, Call], ...], ...]
    outputs: Mapping[str, Expression]
    names: Mapping[Call, str]


def in_layers(
    outputs: Mapping[str, Expression], calls: Iterable[Call], named: Mapping[Call, str]
) -> Lowered:
    """Name what is used more than once; `calls` stand after their operands, `named` has what gets a column of its own anyway."""
    calls = list(calls)
    uses = Counter(output for output in outputs.values() if isinstance(output, Call))
    for call in reversed(calls):
        if uses[call]:
            uses.update(part for part in call.operands if isinstance(part, Call))
    names: dict[Call, str] = {}
    depths: dict[Expression, int] = {}
    layers: list[list[tuple[str, Call]]] = []
    for call in calls:
        depths[call] = max((depths.get(part, 0) for part in call.operands), default=0)
        if uses[call] > 1 or (uses[call] and call in named):
            names[call] = named.get(call) or f"shared:{len(names)}"
            if depths[call] == len(layers):
                layers.append([])
            layers[depths[call]].append((names[call], call))
            depths[call] += 1
    return Lowered(tuple(map(tuple, layers)), outputs, names)
