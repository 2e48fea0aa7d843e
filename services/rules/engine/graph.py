"""The graph that rules are lowered to: equal expressions are one node, and masks are words of bits."""

from collections.abc import Iterable, Mapping

from services.rules.engine.layers import Call, ColumnKind, Constant, Expression, Operator
from services.rules.engine.plan import BITS_A_WORD
from services.rules.engine.units import Kind

Masks = Mapping[int, Expression]
"""A mask by word; a word that is absent is 0 in every row."""

ZERO = Constant(0, "mask")
TRUE, FALSE = Constant(True, Kind.BOOLEAN), Constant(False, Kind.BOOLEAN)


class Graph:
    def __init__(self) -> None:
        self._calls: dict[tuple[Operator, tuple[Expression, ...]], Call] = {}
        self.named: dict[Call, str] = {}

    @property
    def calls(self) -> Iterable[Call]:
        """Every call, after its operands."""
        return self._calls.values()

    def call(self, operator: Operator, kind: ColumnKind, *operands: Expression) -> Call:
        return self._calls.setdefault((operator, operands), Call(operator, operands, kind))

    def name(self, name: str, column: Expression) -> None:
        if isinstance(column, Call):
            self.named.setdefault(column, name)

    def truth(self, operator: Operator, *operands: Expression) -> Call:
        return self.call(operator, Kind.BOOLEAN, *operands)

    def bits(self, bit: int) -> Masks:
        word = (bit.bit_length() - 1) // BITS_A_WORD
        return {word: Constant(bit >> (word * BITS_A_WORD), "mask")}

    def union(self, masks: Iterable[Masks]) -> Masks:
        parts: dict[int, dict[Expression, None]] = {}
        for mask in masks:
            for word, part in mask.items():
                inner = part.operands if isinstance(part, Call) and part.operator == "bits" else ()
                parts.setdefault(word, {}).update(dict.fromkeys(inner or (part,)))
        return {
            word: self.call("bits", "mask", *found) if len(found) > 1 else next(iter(found))
            for word, found in parts.items()
        }

    def chosen(self, guard: Expression, masks: Masks, otherwise: Masks | None = None) -> Masks:
        """The masks where the guard is true, the others (0) elsewhere."""
        otherwise = otherwise or {}
        if isinstance(guard, Constant):
            return masks if guard == TRUE else otherwise
        return {
            word: self.call(
                "choose", "mask", guard, masks.get(word, ZERO), otherwise.get(word, ZERO)
            )
            for word in sorted(masks.keys() | otherwise.keys())
        }

    def unknown(self, value: Expression) -> Expression:
        if isinstance(value, Constant):
            return TRUE if value.value is None else FALSE
        return self.truth("unknown", value)
