"""Words for values, expressions, comparisons and changes, in Chinese and English."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.rules.engine import tree
from services.rules.engine.changes import Change
from services.rules.engine.declarations import Fact, Value
from services.rules.engine.facts import money_text, wire_value
from services.rules.engine.interpreter import COMPARISONS, Known
from services.rules.engine.plan import Plan
from services.rules.engine.python_backend import Leaf, Truth
from services.rules.engine.units import Kind, Type, is_money, suffix_of
from shared.values.bilingual import Bilingual, Language

_SIGNS = {"=": "=", "<>": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_OPPOSITES = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_YES, _NO, _UNKNOWN = Bilingual("是", "yes"), Bilingual("否", "no"), Bilingual("未知", "unknown")
_SHORT, _OVER, _APART = (
    Bilingual("差", "short by"),
    Bilingual("超出", "over by"),
    Bilingual("相差", "apart by"),
)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one explanation; `known` supplies figures that the trace does not hold."""

    language: Language
    plan: Plan
    known: Known

    def _say(self, text: Bilingual) -> str:
        return text.in_language(self.language)

    def value(self, value: Value | None, type_: Type) -> str:
        """A value with its unit: 8000.00元, 8,000.00 yuan, 35 litres."""
        if value is None:
            return self._say(_UNKNOWN)
        if isinstance(value, bool):
            return self._say(_YES if value else _NO)
        if not isinstance(value, int):
            return value.isoformat() if isinstance(value, date) else value
        suffix = self._say(suffix_of(type_.dimension))
        if self.language == "en" and value in (1, -1):
            suffix = suffix.removesuffix("s") if not is_money(type_.dimension) else suffix
        if not is_money(type_.dimension):
            return f"{value}{suffix}"
        text = money_text(value)
        if self.language == "en":
            yuan, fen = text.split(".")
            text = f"{int(yuan):,}.{fen}" if yuan != "-0" else text
        return f"{text}{suffix}"

    def name(self, node: tree.Node) -> str:
        """An expression by the titles of its parts."""
        match node:
            case tree.FactReference():
                return self._say(self._fact(node.name).title)
            case tree.ParameterReference():
                return self._say(next(p.title for p in self.plan.parameters if p.name == node.name))
            case tree.RuleReference():
                return self._say(next(r.title for r in self.plan.rules if r.name == node.name))
            case tree.Constant():
                return self.value(node.value, node.type)
            case tree.Arithmetic():
                sign = {"*": "×", "-": "−"}.get(node.operator, node.operator)
                return f"{self._part(node.left)} {sign} {self._part(node.right)}"
            case _:
                return (Bilingual(" 与 ", " and ").in_language(self.language)).join(
                    dict.fromkeys(self.name(part) for part in tree.children(node))
                )

    def _part(self, node: tree.Node) -> str:
        nested = isinstance(node, tree.Arithmetic)
        return f"({self.name(node)})" if nested else self.name(node)

    def _fact(self, name: str) -> Fact:
        return next(fact for fact in self.plan.facts if fact.name == name)

    def leaf(self, leaf: Leaf, shown: tree.Comparison | None) -> dict[str, Any]:
        """A statement as plain data: whether it holds, its words, and for a comparison both sides and the margin."""
        node = leaf.node
        if isinstance(node, tree.Comparison):
            return {"holds": leaf.outcome, **self._comparison(node, leaf, shown)}
        operand = node.operand if isinstance(node, tree.Membership) else node
        text = f"{self.name(operand)}{self._colon}{self._code(operand, leaf.left)}"
        return {
            "holds": leaf.outcome,
            "text": text,
            "left": self._wire(leaf.left, operand.type),
            "right": list(node.codes) if isinstance(node, tree.Membership) else None,
            "margin": None,
        }

    @property
    def _colon(self) -> str:
        return "：" if self.language == "zh" else ": "

    def _code(self, operand: tree.Node, value: Value | None) -> str:
        if isinstance(operand, tree.FactReference) and operand.type.kind is Kind.CODE:
            for code, title in self._fact(operand.name).code_titles:
                if code == value:
                    return (
                        f"{code}（{title.zh}）" if self.language == "zh" else f"{code} ({title.en})"
                    )
        return self.value(value, operand.type)

    def _wire(self, value: Value | None, type_: Type) -> object:
        return wire_value(type_.kind, is_money(type_.dimension), value)

    def _comparison(
        self, node: tree.Comparison, leaf: Leaf, shown: tree.Comparison | None
    ) -> dict[str, Any]:
        left, right = leaf.left, leaf.right
        if shown is not None:
            shown_left, shown_right = self.known.value(shown.left), self.known.value(shown.right)
            if self._agrees(shown, shown_left, shown_right, leaf.outcome):
                node, left, right = shown, shown_left, shown_right
        type_ = node.left.type if node.left.type.dimension else node.right.type
        known = isinstance(left, int) and isinstance(right, int)
        margin = (
            abs(left - right)
            if known and isinstance(left, int) and isinstance(right, int)
            else None
        )
        return {
            "text": self._sentence(node, left, right, leaf.outcome, type_),
            "left": self._wire(left, type_),
            "right": self._wire(right, type_),
            "margin": self._wire(margin, type_),
        }

    @staticmethod
    def _agrees(
        shown: tree.Comparison, left: Value | None, right: Value | None, outcome: Truth
    ) -> bool:
        """Rounded figures are shown only where they tell the same as the exact ones."""
        if left is None or right is None:
            return outcome is None
        return COMPARISONS[shown.operator](left, right) is outcome

    def _sentence(
        self,
        node: tree.Comparison,
        left: Value | None,
        right: Value | None,
        outcome: Truth,
        type_: Type,
    ) -> str:
        name = self.name(node.left)
        if outcome is None:
            wanted = _SIGNS[node.operator]
            limit = self.value(right, type_)
            return (
                f"{name} {self.value(left, type_)}，要求 {wanted} {limit}"
                if self.language == "zh"
                else f"{name} {self.value(left, type_)}, must be {wanted} {limit}"
            )
        sign = _SIGNS[node.operator if outcome else _OPPOSITES[node.operator]]
        text = f"{name} {self.value(left, type_)} {sign} {self.value(right, type_)}"
        if outcome or not isinstance(left, int) or not isinstance(right, int) or left == right:
            return text
        words = {">=": _SHORT, ">": _SHORT, "<=": _OVER, "<": _OVER}.get(node.operator, _APART)
        comma = "，" if self.language == "zh" else ", "
        margin = self.value(abs(left - right), type_)
        if self.language == "en" and is_money(type_.dimension):
            margin = margin.removesuffix(" yuan")
        return f"{text}{comma}{self._say(words)} {margin}"

    def change(self, change: Change) -> dict[str, Any]:
        """A change as plain data with its words."""
        fact = change.fact
        values = [self._code_of(fact, value) for value in change.values]
        title = self._say(fact.title)
        current = self._code_of(fact, change.current)
        if self.language == "zh":
            text = f"{title}由 {current} 改为 {' 或 '.join(values)}"
        else:
            text = f"{title} from {current} to {' or '.join(values)}"
        return {
            "fact": fact.name,
            "from": self._wire(change.current, fact.type),
            "to": [self._wire(value, fact.type) for value in change.values],
            "text": text,
        }

    def _code_of(self, fact: Fact, value: Value) -> str:
        return self._code(tree.FactReference(fact.name, fact.type), value)
