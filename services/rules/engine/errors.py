"""What can be wrong with a policy or with facts: one class a failure, each with a stable code.

A message says what happened, why, and what to write instead, in Chinese and in English. The templates are class attributes so that
the wording of a failure stands in one place; `place` points at file, line and column (both from 1).
"""

from dataclasses import dataclass
from typing import ClassVar

from shared.values.repeating import fit_to_repeat

LONGEST_ECHO = 80
"""Characters of a name or value from outside that a message repeats."""
_ECHOED = frozenset({"key", "name", "number", "value"})


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a policy file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class EngineError(Exception):
    """Base of all; `str()` is the English message, `message("zh")` the Chinese one."""

    code: ClassVar[str]
    zh: ClassVar[str]
    en: ClassVar[str]

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(self.message("en"))

    def message(self, language: str) -> str:
        shown = {
            name: shortened(str(detail)) if name in _ECHOED else detail
            for name, detail in self.details.items()
        }
        return fit_to_repeat((self.zh if language == "zh" else self.en).format(**shown))


def shortened(text: str) -> str:
    """The text in at most `LONGEST_ECHO` characters, with an ellipsis where it is cut."""
    return text if len(text) <= LONGEST_ECHO else f"{text[: LONGEST_ECHO - 1]}…"


class PolicyError(EngineError):
    """A policy file that is refused, with the place of the mistake."""

    def __init__(self, place: Place, **details: object) -> None:
        self.place = place
        super().__init__(**details)

    def __str__(self) -> str:
        return f"{self.place}: {super().__str__()}"


class CharacterRefused(PolicyError):
    code = "expression-character"
    zh = "表达式含有不允许的字符 {character}（U+{point:04X}）；表达式只用半角 ASCII，请改写为 {instead}。"
    en = (
        "the character {character} (U+{point:04X}) is not allowed; expressions are plain ASCII, "
        "so that nothing looks like what it is not: write {instead}"
    )


class CommentRefused(PolicyError):
    code = "expression-comment"
    zh = "表达式里不能写注释；请把说明写在条件的 title 或 YAML 注释里。"
    en = "comments are not allowed inside an expression; put the words in the title or in a YAML comment"


class StatementRefused(PolicyError):
    code = "expression-statement"
    zh = "一个条件只能是一个表达式，不能用分号连接；请拆成几个条件。"
    en = "one condition is one expression; a semicolon is not allowed: write several conditions"


class ConstructRefused(PolicyError):
    code = "expression-construct"
    zh = "规则语言不支持 {construct}；{instead_zh}。"
    en = "{construct} is not part of the rule language; {instead_en}"


class AtLeastCompared(PolicyError):
    code = "expression-at-least"
    zh = "{name} 是已知人数，实际可能更多，只能问有没有：请写 {name} = 0 或 {name} > 0。"
    en = (
        "{name} counts those who are known and there may be more, so a rule can only ask whether "
        "there is any: write {name} = 0 or {name} > 0"
    )


class SyntaxRefused(PolicyError):
    code = "expression-syntax"
    zh = "表达式不完整或写法有误，无法读懂；请检查括号、运算符和关键字是否配对。"
    en = "the expression cannot be read; check that brackets, operators and keywords are complete"


class ExpressionTooLong(PolicyError):
    code = "expression-too-long"
    zh = "表达式有 {count} 个词，上限为 {limit}；请拆成几条规则并按名称引用。"
    en = "the expression has {count} tokens, the limit is {limit}: split it into rules and refer to them by name"


class ExpressionTooDeep(PolicyError):
    code = "expression-too-deep"
    zh = "表达式嵌套超过 {limit} 层；请拆成几条规则并按名称引用。"
    en = "the expression is nested more than {limit} levels deep: split it into rules and refer to them by name"


class NumberRefused(PolicyError):
    code = "expression-number"
    zh = "{number} 不是允许的整数；金额以分计，只写 0 至 {limit} 的整数，政策数值请用参数。"
    en = (
        "{number} is not an allowed number; write whole numbers from 0 to {limit} (money is in fen), "
        "and make policy figures parameters"
    )


class UnknownFact(PolicyError):
    code = "unknown-fact"
    zh = "事实字典中没有 {name}；{suggestion_zh}。"
    en = "no fact of this subject is called {name}; {suggestion_en}"


class UnknownParameter(PolicyError):
    code = "unknown-parameter"
    zh = "没有名为 :{name} 的参数；{suggestion_zh}。"
    en = "no parameter is called :{name}; {suggestion_en}"


class UnknownRule(PolicyError):
    code = "unknown-rule"
    zh = "同一对象没有规则 {name}；{suggestion_zh}。"
    en = "no rule of this subject is called {name}; {suggestion_en}"


class UnknownCode(PolicyError):
    code = "unknown-code"
    zh = "{name} 没有代码 '{value}'；可用代码：{codes}。"
    en = "{name} has no code '{value}'; its codes are {codes}"


class TypeMismatch(PolicyError):
    code = "type-mismatch"
    zh = "{operation} 需要 {expected_zh}，这里是 {found_zh}。"
    en = "{operation} needs {expected_en}, and this is {found_en}"


class UnitMismatch(PolicyError):
    code = "unit-mismatch"
    zh = "{operation} 两边单位不同：{left} 与 {right}；请先换算成同一单位。"
    en = "{operation} mixes units, {left} with {right}; bring both sides to the same unit first"


class RangeTooWide(PolicyError):
    code = "range-too-wide"
    zh = "这里的数值可达 {bound}，超过 64 位整数；请缩小事实或参数的取值范围。"
    en = "this value can reach {bound}, beyond 64-bit integers; narrow the ranges of its facts or parameters"


class DivisorMayBeZero(PolicyError):
    code = "divisor-may-be-zero"
    zh = "per_capita 的人数可能小于 1；请把该事实的最小值声明为 1。"
    en = "the number of persons in per_capita can be below 1; declare a smallest value of 1"


class RuleCycle(PolicyError):
    code = "rule-cycle"
    zh = "规则互相引用成环：{cycle}；请去掉其中一条引用。"
    en = "rules refer to each other in a circle: {cycle}; remove one of the references"


class UnknownSubject(EngineError):
    code = "unknown-subject"
    zh = "没有对象类型 {name}；可用类型：{known}。"
    en = "no subject is called {name}; there are {known}"


class RuleUndeclared(EngineError):
    code = "rule-undeclared"
    zh = "{subject} 没有规则 {names}；请核对规则名称。"
    en = "{subject} has no rule called {names}; check the names"


class FactUndeclared(EngineError):
    code = "fact-undeclared"
    zh = "{subject} 的事实字典中没有 {name}；请核对事实名称。"
    en = "the dictionary of {subject} has no fact called {name}; check the name"


class FactValueRefused(EngineError):
    code = "fact-value"
    zh = "事实 {name} 的值 {value} 不符合要求：应为 {expected_zh}。"
    en = "the value {value} of the fact {name} is refused: it must be {expected_en}"


class ColumnMissing(EngineError):
    code = "facts-column-missing"
    zh = "事实表缺少列：{names}；请核对事实字典与来源。"
    en = "the table of facts lacks the columns {names}; compare the dictionary with its source"


class ColumnTypeRefused(EngineError):
    code = "facts-column-type"
    zh = "事实列 {name} 的类型是 {found}，应为 {expected}。"
    en = "the column {name} has the type {found}, and must be {expected}"


class ColumnOutOfRange(EngineError):
    code = "facts-column-range"
    zh = "事实列 {name} 有 {count} 行超出声明的范围（{expected_zh}）；请先在来源处更正。"
    en = "{count} rows of the column {name} lie outside what is declared ({expected_en}); correct them at the source"
