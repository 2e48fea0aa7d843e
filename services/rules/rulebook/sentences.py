"""Expressions as sentences that staff read, in Chinese and English."""

from collections.abc import Mapping

from services.rules.engine import Fact, Parameter, Policy, Rule, tree
from services.rules.engine.declarations import ParameterValue
from services.rules.engine.units import BOOLEAN, Type, is_money, suffix_of
from shared.values.bilingual import Bilingual
from shared.values.money import format_fen

_COMPARED = {
    "=": Bilingual("等于", "is"),
    "<>": Bilingual("不等于", "is not"),
    "<": Bilingual("低于", "is less than"),
    "<=": Bilingual("不高于", "is at most"),
    ">": Bilingual("高于", "is more than"),
    ">=": Bilingual("不低于", "is at least"),
}
_SIGNS = {"+": "+", "-": "−", "*": "×"}
NOT_SET = Bilingual("尚未确定", "not decided yet")
NONE_IN_FORCE = Bilingual("当日无有效值", "no value in force")

Joined = tree.AllOf | tree.AnyOf | tree.Arithmetic


class Sentences:
    """The words of one subject's rules, with the values of parameters that a reader asked for.

    ``resolved`` gives a parameter's value in force by name; a name that it lacks is shown bare.
    """

    def __init__(
        self, policy: Policy, subject: str, resolved: Mapping[str, ParameterValue | None]
    ) -> None:
        self._facts: Mapping[str, Fact] = policy.facts[subject]
        self._parameters: Mapping[str, Parameter] = policy.parameters
        self._rules: Mapping[str, Rule] = policy.rules
        self._resolved = resolved

    def of(self, node: tree.Node) -> Bilingual:  # noqa: C901, PLR0912 - one case a node type
        """Return an expression in words."""
        match node:
            case tree.Constant():
                return value_in_words(node.value, node.type)
            case tree.FactReference():
                return self._facts[node.name].title
            case tree.ParameterReference():
                return self._parameter(node.name)
            case tree.RuleReference():
                title = self._rules[node.name].title
                return Bilingual(f"“{title.zh}”", f"“{title.en}”")
            case tree.Arithmetic():
                return self._joined(node, (node.left, node.right), f" {_SIGNS[node.operator]} ")
            case tree.PerCapita():
                amount, persons = self._part(node.amount), self._part(node.persons)
                return Bilingual(
                    f"{amount.zh} ÷ {persons.zh}（精确到分，四舍五入）",
                    f"{amount.en} ÷ {persons.en} (to the fen, half a fen up)",
                )
            case tree.DaysBetween():
                start, end = self.of(node.start), self.of(node.end)
                return Bilingual(
                    f"自{start.zh}至{end.zh}的天数", f"the days from {start.en} to {end.en}"
                )
            case tree.ZeroIfUnrecorded():
                fact, excused = self.of(node.fact), self.of(node.excused)
                return Bilingual(
                    f"{fact.zh}（未登记且{excused.zh}的，按 0 计）",
                    f"{fact.en} (0 where it is not recorded and {excused.en})",
                )
            case tree.Comparison():
                left, right = self.of(node.left), self.of(node.right)
                compared = _COMPARED[node.operator]
                return Bilingual(
                    f"{left.zh}{compared.zh}{right.zh}", f"{left.en} {compared.en} {right.en}"
                )
            case tree.Membership():
                return self._membership(node)
            case tree.Negation():
                return self._negation(node.operand)
            case tree.AllOf():
                return self._joined(node, node.operands, "，且", ", and ")
            case tree.AnyOf():
                return self._joined(node, node.operands, "，或", ", or ")
            case tree.Case():
                return self._case(node)

    def _parameter(self, name: str) -> Bilingual:
        parameter = self._parameters[name]
        if name not in self._resolved:
            return parameter.title
        value = resolved_in_words(parameter, self._resolved[name])
        return Bilingual(
            f"{parameter.title.zh}（{value.zh}）", f"{parameter.title.en} ({value.en})"
        )

    def _joined(
        self, whole: Joined, parts: tuple[tree.Node, ...], zh: str, en: str | None = None
    ) -> Bilingual:
        words = [self._part(part, whole) for part in parts]
        return Bilingual(
            zh.join(word.zh for word in words), (en or zh).join(word.en for word in words)
        )

    def _part(self, part: tree.Node, whole: Joined | None = None) -> Bilingual:
        """Return an operand, in brackets where it would otherwise be read with its neighbours."""
        words = self.of(part)
        if not isinstance(part, Joined) or (isinstance(part, type(whole)) and _sums(part, whole)):
            return words
        return Bilingual(f"（{words.zh}）", f"({words.en})")

    def _membership(self, node: tree.Membership) -> Bilingual:
        operand = self.of(node.operand)
        titles: dict[str, Bilingual] = {}
        if isinstance(node.operand, tree.FactReference):
            titles = dict(self._facts[node.operand.name].code_titles)
        codes = [titles.get(code) or Bilingual(code, code) for code in node.codes]
        zh, en = "、".join(code.zh for code in codes), " or ".join(code.en for code in codes)
        return Bilingual(f"{operand.zh}为{zh}", f"{operand.en} is {en}")

    def _negation(self, operand: tree.Node) -> Bilingual:
        words = self.of(operand)
        if isinstance(operand, tree.Reference):
            return Bilingual(f"{words.zh}为否", f"not {words.en}")
        return Bilingual(f"并非（{words.zh}）", f"not ({words.en})")

    def _case(self, node: tree.Case) -> Bilingual:
        branches = [(self.of(guard), self.of(value)) for guard, value in node.branches]
        zh = "；".join(f"{guard.zh}时取{value.zh}" for guard, value in branches)
        en = "; ".join(f"{value.en} where {guard.en}" for guard, value in branches)
        return Bilingual(f"〔{zh}〕", f"[{en}]")


def _sums(part: Joined, whole: Joined | None) -> bool:
    """Tell whether a part of its own kind reads the same without brackets: a + b + c, a and b and c."""
    if isinstance(part, tree.Arithmetic) and isinstance(whole, tree.Arithmetic):
        return part is whole.left and part.operator in "+-" and whole.operator in "+-"
    return True


def value_in_words(value: object, type_: Type) -> Bilingual:
    """Return a value with its unit: 8000.00元 and 8,000.00 yuan, 35升 and 35 litres."""
    if isinstance(value, bool):
        return Bilingual("是", "yes") if value else Bilingual("否", "no")
    if not isinstance(value, int):
        return Bilingual(str(value), str(value))
    suffix = suffix_of(type_.dimension)
    if is_money(type_.dimension):
        text = format_fen(value)
        yuan, fen = text.split(".")
        return Bilingual(f"{text}{suffix.zh}", f"{int(yuan):,}.{fen}{suffix.en}")
    return Bilingual(f"{value}{suffix.zh}", f"{value}{suffix.en}")


def resolved_in_words(parameter: Parameter, resolved: ParameterValue | None) -> Bilingual:
    """Return a parameter's value in force, or why there is none."""
    if resolved is None:
        return NONE_IN_FORCE
    if resolved.value is None:
        return NOT_SET
    words = value_in_words(resolved.value, parameter.type)
    percent = "%" if parameter.unit == "percent" else ""
    return Bilingual(words.zh + percent, words.en + percent)


def truth_of(node: tree.Node, words: Bilingual) -> Bilingual:
    """Return a bare yes-or-no as a statement: “唯一住房” becomes “唯一住房为是”."""
    bare = isinstance(node, tree.FactReference | tree.ParameterReference)
    if bare and node.type == BOOLEAN:
        return Bilingual(f"{words.zh}为是", words.en)
    return words
