"""Words for values, expressions, comparisons and changes, in Chinese and English.

What does not depend on the subject (names, titles, citations, signs) is put together once a plan and language.
"""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, NamedTuple

from services.rules.engine import tree
from services.rules.engine.changes import Change
from services.rules.engine.declarations import (
    Citation,
    Condition,
    Fact,
    Parameter,
    ParameterValue,
    Rule,
)
from services.rules.engine.facts import wire_value
from services.rules.engine.interpreter import COMPARISONS, Known
from services.rules.engine.plan import Plan
from services.rules.engine.python_backend import Truth
from services.rules.engine.units import Kind, Type, is_money, suffix_of
from shared.values.bilingual import Bilingual, Language
from shared.values.money import format_fen

_SIGNS = {"=": "=", "<>": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_OPPOSITES = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_YES, _NO, _UNKNOWN = Bilingual("是", "yes"), Bilingual("否", "no"), Bilingual("未知", "unknown")
_SHORT, _OVER, _APART = (
    Bilingual("差", "short by"),
    Bilingual("超出", "over by"),
    Bilingual("相差", "apart by"),
)
_MARGINS = {">=": _SHORT, ">": _SHORT, "<=": _OVER, "<": _OVER}
_MUST_BE = Bilingual("，要求", ", must be")
_COMMA, _COLON = Bilingual("，", ", "), Bilingual("：", ": ")
_AND, _OR = Bilingual(" 与 ", " and "), Bilingual(" 或 ", " or ")

Write = Callable[[Any, Any, Truth, Known], dict[str, Any]]
"""A leaf in words: from both sides, whether it holds, and the figures that the trace does not hold."""


class ConditionWords(NamedTuple):
    """A condition's title, the rule that it refers to if it is nothing else, and its leaves by their place in the trace."""

    title: str
    rule: str | None
    leaves: tuple[tuple[int, Write], ...]


class Words:
    """The words of one plan in one language."""

    def __init__(self, language: Language, plan: Plan) -> None:
        self.language = language
        self.plan = plan
        self._names: dict[tree.Node, str] = {}
        self._texts: dict[tuple[object, object], Callable[[Any], str]] = {}
        self._stated: dict[str, Callable[[Any], str]] = {}
        self._headings: dict[str, dict[str, Any]] = {}
        self._parameters: dict[tuple[str, object], dict[str, Any]] = {}
        self._conditions: dict[str, tuple[ConditionWords, ...]] = {}

    def say(self, text: Bilingual) -> str:
        return text.in_language(self.language)

    def text_of(self, type_: Type) -> Callable[[Any], str]:
        """Says values of a type with their unit: 8000.00元, 8,000.00 yuan, 35 litres, 未知."""
        key = (type_.kind, type_.dimension)
        if key not in self._texts:
            self._texts[key] = self._texts_of(type_)
        return self._texts[key]

    def _texts_of(self, type_: Type) -> Callable[[Any], str]:
        unknown, suffix = self.say(_UNKNOWN), self.say(suffix_of(type_.dimension))
        english, single = self.language == "en", suffix.removesuffix("s")

        def money(value: int | None) -> str:
            if value is None:
                return unknown
            text = format_fen(value)
            if english:
                yuan, fen = text.split(".")
                text = f"{int(yuan):,}.{fen}" if yuan != "-0" else text
            return f"{text}{suffix}"

        def count(value: int | None) -> str:
            if value is None:
                return unknown
            return f"{value}{single if english and value in (1, -1) else suffix}"

        said = {True: self.say(_YES), False: self.say(_NO), None: unknown}
        match type_.kind:
            case Kind.BOOLEAN:
                return said.__getitem__
            case Kind.INTEGER:
                return money if is_money(type_.dimension) else count
            case _:
                return lambda value: unknown if value is None else str(value)

    def name(self, node: tree.Node) -> str:
        """An expression by the titles of its parts."""
        if node not in self._names:
            self._names[node] = self._named(node)
        return self._names[node]

    def _named(self, node: tree.Node) -> str:
        match node:
            case tree.FactReference():
                return self.titles["fact", node.name]
            case tree.ParameterReference():
                return self.titles["parameter", node.name]
            case tree.RuleReference():
                return self.titles["rule", node.name]
            case tree.Constant():
                return self.text_of(node.type)(node.value)
            case tree.ZeroIfUnrecorded():
                return self.name(node.fact)
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
        if rule.name not in self._headings:
            self._headings[rule.name] = {
                "rule": rule.name,
                "title": self.say(rule.title),
                "family": rule.family,
                "combination": rule.combination.value,
                "in_force_from": rule.start.isoformat(),
                "citation": _citation(rule.citation),
            }
        return self._headings[rule.name]

    def parameter(self, parameter: Parameter, resolved: ParameterValue | None) -> dict[str, Any]:
        """A parameter as it is in force, with its citation."""
        key = (parameter.name, None if resolved is None else (resolved.start, resolved.division))
        if key not in self._parameters:
            self._parameters[key] = {
                "name": parameter.name,
                "title": self.say(parameter.title),
                "value": None if resolved is None else wire_of(parameter.type)(resolved.value),
                "unit": parameter.unit,
                "in_force_from": None if resolved is None else resolved.start.isoformat(),
                "division": None if resolved is None else resolved.division,
                "citation": None if resolved is None else _citation(resolved.citation),
                "illustrative": resolved is not None and resolved.illustrative,
            }
        return self._parameters[key]

    def conditions(self, rule: str) -> tuple[ConditionWords, ...]:
        """The conditions of a rule, each leaf ready to be written."""
        if rule not in self._conditions:
            self._conditions[rule] = tuple(
                self._condition(one) for one in self.plan.rule_named[rule].conditions
            )
        return self._conditions[rule]

    def _condition(self, condition: Condition) -> ConditionWords:
        node = condition.node
        return ConditionWords(
            self.say(condition.title),
            node.name if isinstance(node, tree.RuleReference) else None,
            tuple(
                (place, self._leaf(leaf, condition.shown if leaf is node else None))
                for place, leaf in enumerate(tree.leaves(node))
                if not isinstance(leaf, tree.RuleReference)
            ),
        )

    def _leaf(self, node: tree.Node, shown: tree.Comparison | None) -> Write:
        if not isinstance(node, tree.Comparison):
            return self._statement(node)
        exact = self._comparison(node)
        if shown is None:
            return exact
        rounded, compare = self._comparison(shown), COMPARISONS[shown.operator]

        def write(left: Any, right: Any, outcome: Truth, known: Known) -> dict[str, Any]:
            # Rounded figures are shown only where they tell the same as the exact ones.
            a, b = known.value(shown.left), known.value(shown.right)
            truth = None if a is None or b is None else compare(a, b)
            return (
                rounded(a, b, outcome, known)
                if truth is outcome
                else exact(left, right, outcome, known)
            )

        return write

    def _statement(self, node: tree.Node) -> Write:
        operand = node.operand if isinstance(node, tree.Membership) else node
        codes = list(node.codes) if isinstance(node, tree.Membership) else None
        name, text, wire = self.name(operand), self.text_of(operand.type), wire_of(operand.type)
        if isinstance(operand, tree.FactReference):
            text = self.stated(self.plan.fact_named[operand.name])
        beginning = f"{name}{self.say(_COLON)}"

        def write(left: Any, _right: Any, outcome: Truth, _known: Known) -> dict[str, Any]:
            return {
                "holds": outcome,
                "text": f"{beginning}{text(left)}",
                "left": wire(left),
                "right": codes,
                "margin": None,
            }

        return write

    def _comparison(self, node: tree.Comparison) -> Write:
        type_ = node.left.type if node.left.type.dimension else node.right.type
        name, text, wire = self.name(node.left), self.text_of(type_), wire_of(type_)
        holds, fails = _SIGNS[node.operator], _SIGNS[_OPPOSITES[node.operator]]
        must_be = f"{self.say(_MUST_BE)} {holds}"
        short = f"{self.say(_COMMA)}{self.say(_MARGINS.get(node.operator, _APART))}"
        bare = self.language == "en" and is_money(type_.dimension)

        def write(left: Any, right: Any, outcome: Truth, _known: Known) -> dict[str, Any]:
            margin = abs(left - right) if isinstance(left, int) and isinstance(right, int) else None
            sign = must_be if outcome is None else f" {holds if outcome else fails}"
            by = ""
            if outcome is False and margin:
                amount = text(margin)
                by = f"{short} {amount.removesuffix(' yuan') if bare else amount}"
            return {
                "holds": outcome,
                "text": f"{name} {text(left)}{sign} {text(right)}{by}",
                "left": wire(left),
                "right": wire(right),
                "margin": wire(margin),
            }

        return write

    def stated(self, fact: Fact) -> Callable[[Any], str]:
        """Says a fact's value as it is read: a code by its title."""
        if fact.name not in self._stated:
            self._stated[fact.name] = self._stated_of(fact)
        return self._stated[fact.name]

    def _stated_of(self, fact: Fact) -> Callable[[Any], str]:
        if fact.type.kind is not Kind.CODE:
            return self.text_of(fact.type)
        titles = {code: self.say(title) for code, title in fact.code_titles}
        plain = self.text_of(fact.type)
        return lambda value: titles.get(value) or plain(value)

    def change(self, change: Change) -> dict[str, Any]:
        """A change as plain data with its words."""
        fact = change.fact
        said, wire, title = self.stated(fact), wire_of(fact.type), self.titles["fact", fact.name]
        values = self.say(_OR).join(map(said, change.values))
        if self.language == "zh":
            text = f"{title}由 {said(change.current)} 改为 {values}"
        else:
            text = f"{title} from {said(change.current)} to {values}"
        return {
            "fact": fact.name,
            "from": wire(change.current),
            "to": [wire(value) for value in change.values],
            "text": text,
        }


def wire_of(type_: Type) -> Callable[[Any], object]:
    """Gives values of a type their wire form: money as a decimal string, a date as an ISO string."""
    return partial(wire_value, type_.kind, is_money(type_.dimension))


def _citation(citation: Citation) -> dict[str, str]:
    return {
        "document": citation.document,
        "article": citation.article,
        "source": citation.source.value,
    }
