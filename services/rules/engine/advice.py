"""What the type checker advises: the right form for a refused one, the nearest name for an unknown one."""

import difflib
from collections.abc import Iterable

from sqlglot import exp

from services.rules.engine.errors import Place, PolicyError
from services.rules.engine.units import KIND_NAMES, Kind, Type

INSTEAD: dict[type[exp.Expr], tuple[str, str]] = {
    exp.Neg: ("请写 0 - x", "write 0 - x"),
    exp.Case: (
        "CASE 只写 CASE WHEN 条件 THEN 值 … END",
        "write CASE WHEN condition THEN value … END",
    ),
    exp.Alias: ("两个名称之间缺少运算符", "an operator is missing between two names"),
    exp.Tuple: ("逗号只用于 IN 和内置函数", "commas belong to IN and to the built-ins only"),
    exp.Literal: ("文字只能是代码，写在 = 或 IN 的右边", "text is a code, to the right of = or IN"),
    exp.Anonymous: (
        "内置函数：per_capita(金额, 人数)、days_between(起, 止)、zero_if_unrecorded(事实, 条件)",
        "the built-ins: per_capita(amount, persons), days_between(start, end), zero_if_unrecorded(fact, condition)",
    ),
    exp.Coalesce: (
        "未知不能用默认值代替；法律有推定的，请另写规则并注明依据",
        "an unknown has no default; where the law presumes something, write a rule with its citation",
    ),
    exp.Column: ("名称请写 fact 或 subject.rule", "write a fact, or a rule as subject.rule"),
}


def mismatch(place: Place, operation: str, kind: Kind, found: Type) -> PolicyError:
    """The failure of an operand of the wrong kind."""
    expected, actual = KIND_NAMES[kind], KIND_NAMES[found.kind]
    return PolicyError(
        "type-mismatch",
        place,
        operation=operation,
        expected_zh=expected.zh,
        expected_en=expected.en,
        found_zh=actual.zh,
        found_en=actual.en,
    )


def suggestion(name: str, known: Iterable[str]) -> dict[str, str]:
    """The nearest known name, as the details of an error."""
    close = difflib.get_close_matches(name, list(known), n=1)
    if close:
        return {"suggestion_zh": f"是否为 {close[0]}", "suggestion_en": f"did you mean {close[0]}?"}
    return {
        "suggestion_zh": "请核对名称或先在字典中声明",
        "suggestion_en": "check the name, or declare it first",
    }
