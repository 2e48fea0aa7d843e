"""Words for values, expressions, comparisons and changes, in Chinese and English."""

from datetime import date
from functools import cached_property
from typing import Any

from services.rules.engine import tree
from services.rules.engine.changes import Change
from services.rules.engine.declarations import (
    Citation,
    Fact,
    Parameter,
    ParameterValue,
    Rule,
    Value,
)
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
_MARGINS = {">=": _SHORT, ">": _SHORT, "<=": _OVER, "<": _OVER}
_MUST_BE, _COMMA, _COLON = (
    Bilingual("，要求", ", must be"),
    Bilingual("，", ", "),
    Bilingual("：", ": "),
)
_AND, _OR = Bilingual(" 与 ", " and "), Bilingual(" 或 ", " or ")


class Words:
    """The words of one plan in one language; names of expressions are put together once and kept."""

    def __init__(self, language: Language, plan: Plan) -> None:
        self.language = language
        self.plan = plan
        self._names: dict[tree.Node, str] = {}
        self._headings: dict[str, dict[str, Any]] = {}
        self._parameters: dict[tuple[str, object], dict[str, Any]] = {}

    def say(self, text: Bilingual) -> str:
        return text.in_language(self.language)

    def value(self, value: Value | None, type_: Type) -> str:
        """A value with its unit: 8000.00元, 8,000.00 yuan, 35 litres."""
        if value is None:
            return self.say(_UNKNOWN)
        if isinstance(value, bool):
            return self.say(_YES if value else _NO)
        if not isinstance(value, int):
            return value.isoformat() if isinstance(value, date) else value
        suffix = self.say(suffix_of(type_.dimension))
        if not is_money(type_.dimension):
            single = self.language == "en" and value in (1, -1)
            return f"{value}{suffix.removesuffix('s') if single else suffix}"
        text = money_text(value)
        if self.language == "en":
            yuan, fen = text.split(".")
            text = f"{int(yuan):,}.{fen}" if yuan != "-0" else text
        return f"{text}{suffix}"

    def name(self, node: tree.Node) -> str:
        """An expression by the titles of its parts."""
        name = self._names.get(node)
        if name is None:
            name = self._names[node] = self._named(node)
        return name

    def _named(self, node: tree.Node) -> str:
        match node:
            case tree.FactReference():
                return self.titles["fact", node.name]
            case tree.ParameterReference():
                return self.titles["parameter", node.name]
            case tree.RuleReference():
                return self.titles["rule", node.name]
            case tree.Constant():
                return self.value(node.value, node.type)
            case tree.Arithmetic():
                sign = {"*": "×", "-": "−"}.get(node.operator, node.operator)
                return f"{self._part(node.left)} {sign} {self._part(node.right)}"
            case _:
                parts = dict.fromkeys(self.name(part) for part in tree.children(node))
                return self.say(_AND).join(parts)

    @cached_property
    def titles(self) -> dict[tuple[str, str], str]:
        """Of everything that may be missing, by its kind and name."""
        return {
            **{("fact", fact.name): self.say(fact.title) for fact in self.plan.facts},
            **{("parameter", one.name): self.say(one.title) for one in self.plan.parameters},
            **{("rule", rule.name): self.say(rule.title) for rule in self.plan.rules},
        }

    def _part(self, node: tree.Node) -> str:
        nested = isinstance(node, tree.Arithmetic)
        return f"({self.name(node)})" if nested else self.name(node)

    def heading(self, rule: Rule) -> dict[str, Any]:
        """What a rule says of itself, whoever it judges."""
        heading = self._headings.get(rule.name)
        if heading is None:
            heading = self._headings[rule.name] = {
                "rule": rule.name,
                "title": self.say(rule.title),
                "family": rule.family,
                "combination": rule.combination.value,
                "in_force_from": rule.start.isoformat(),
                "citation": _citation(rule.citation),
            }
        return heading

    def parameter(self, parameter: Parameter, resolved: ParameterValue | None) -> dict[str, Any]:
        """A parameter as it is in force, with its citation."""
        key = (parameter.name, None if resolved is None else (resolved.start, resolved.division))
        rendered = self._parameters.get(key)
        if rendered is None:
            rendered = self._parameters[key] = {
                "name": parameter.name,
                "title": self.say(parameter.title),
                "value": None if resolved is None else wire(resolved.value, parameter.type),
                "unit": parameter.unit,
                "in_force_from": None if resolved is None else resolved.start.isoformat(),
                "division": None if resolved is None else resolved.division,
                "citation": None if resolved is None else _citation(resolved.citation),
                "illustrative": resolved is not None and resolved.illustrative,
            }
        return rendered

    def leaf(self, leaf: Leaf, shown: tree.Comparison | None, known: Known) -> dict[str, Any]:
        """A statement as plain data: whether it holds, its words, and for a comparison both sides and the margin.

        `known` supplies the figures of a `shown` comparison, which the trace does not hold.
        """
        node = leaf.node
        if isinstance(node, tree.Comparison):
            return self._comparison(node, leaf, shown, known)
        operand = node.operand if isinstance(node, tree.Membership) else node
        return {
            "holds": leaf.outcome,
            "text": self.name(operand) + self.say(_COLON) + self._code(operand, leaf.left),
            "left": wire(leaf.left, operand.type),
            "right": list(node.codes) if isinstance(node, tree.Membership) else None,
            "margin": None,
        }

    def _code(self, operand: tree.Node, value: Value | None) -> str:
        if isinstance(operand, tree.FactReference):
            return self.stated(self.plan.fact_named[operand.name], value)
        return self.value(value, operand.type)

    def stated(self, fact: Fact, value: Value | None) -> str:
        """A fact's value as it is read: a code with its title."""
        if fact.type.kind is Kind.CODE:
            for code, title in fact.code_titles:
                if code == value:
                    return (
                        f"{code}（{title.zh}）" if self.language == "zh" else f"{code} ({title.en})"
                    )
        return self.value(value, fact.type)

    def _comparison(
        self, node: tree.Comparison, leaf: Leaf, shown: tree.Comparison | None, known: Known
    ) -> dict[str, Any]:
        left, right = leaf.left, leaf.right
        if shown is not None:
            shown_left, shown_right = known.value(shown.left), known.value(shown.right)
            if _agrees(shown, shown_left, shown_right, leaf.outcome):
                node, left, right = shown, shown_left, shown_right
        type_ = node.left.type if node.left.type.dimension else node.right.type
        margin = abs(left - right) if isinstance(left, int) and isinstance(right, int) else None
        return {
            "holds": leaf.outcome,
            "text": self._sentence(node, left, right, margin, leaf.outcome, type_),
            "left": wire(left, type_),
            "right": wire(right, type_),
            "margin": wire(margin, type_),
        }

    def _sentence(
        self,
        node: tree.Comparison,
        left: Value | None,
        right: Value | None,
        margin: int | None,
        outcome: Truth,
        type_: Type,
    ) -> str:
        compared = f"{self.name(node.left)} {self.value(left, type_)}"
        limit = self.value(right, type_)
        if outcome is None:
            return f"{compared}{self.say(_MUST_BE)} {_SIGNS[node.operator]} {limit}"
        sign = _SIGNS[node.operator if outcome else _OPPOSITES[node.operator]]
        text = f"{compared} {sign} {limit}"
        if outcome or not margin:
            return text
        by = self.value(margin, type_)
        if self.language == "en" and is_money(type_.dimension):
            by = by.removesuffix(" yuan")
        short = self.say(_MARGINS.get(node.operator, _APART))
        return f"{text}{self.say(_COMMA)}{short} {by}"

    def change(self, change: Change) -> dict[str, Any]:
        """A change as plain data with its words."""
        fact = change.fact
        values = self.say(_OR).join(self.stated(fact, value) for value in change.values)
        title, current = self.say(fact.title), self.stated(fact, change.current)
        if self.language == "zh":
            text = f"{title}由 {current} 改为 {values}"
        else:
            text = f"{title} from {current} to {values}"
        return {
            "fact": fact.name,
            "from": wire(change.current, fact.type),
            "to": [wire(value, fact.type) for value in change.values],
            "text": text,
        }


def wire(value: Value | None, type_: Type) -> object:
    """A value of a type in its wire form."""
    return wire_value(type_.kind, is_money(type_.dimension), value)


def _citation(citation: Citation) -> dict[str, str]:
    return {
        "document": citation.document,
        "article": citation.article,
        "source": citation.source.value,
    }


def _agrees(
    shown: tree.Comparison, left: Value | None, right: Value | None, outcome: Truth
) -> bool:
    """Rounded figures are shown only where they tell the same as the exact ones."""
    if left is None or right is None:
        return outcome is None
    return COMPARISONS[shown.operator](left, right) is outcome
