"""What can be wrong with a policy file before its expressions are read: one class a failure."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.rules.engine.errors import PolicyError

Refuse = Callable[[PolicyError], None]
"""What to do about a mistake: end the reading, or note it and leave its part out."""


def stop(error: PolicyError) -> None:
    """End the reading at the first mistake."""
    raise error


@contextmanager
def each(refuse: Refuse) -> Iterator[None]:
    """Hand a mistake inside the block to `refuse`; if that returns, what follows the block is read."""
    try:
        yield
    except PolicyError as error:
        refuse(error)


class FileUnreadable(PolicyError):
    code = "policy-file-unreadable"
    zh = "文件不是有效的 YAML：{reason}。"
    en = "the file is not valid YAML: {reason}"


class AnchorRefused(PolicyError):
    code = "policy-anchor"
    zh = "政策文件不能使用 YAML 锚点或别名；请把内容写全，以便逐行比较。"
    en = "anchors and aliases are not allowed in policy files; write the text out, so that a diff shows it"


class KeyMissing(PolicyError):
    code = "policy-key-missing"
    zh = "缺少 {key}；请补上。"
    en = "{key} is missing here; add it"


class KeyUnknown(PolicyError):
    code = "policy-key-unknown"
    zh = "不认识的键 {key}；这里可用：{known}。"
    en = "{key} is not known here; the keys are {known}"


class KeyRepeated(PolicyError):
    code = "policy-key-repeated"
    zh = "键 {key} 写了两次；请删去一个。"
    en = "{key} is written twice; remove one"


class ValueRefused(PolicyError):
    code = "policy-value"
    zh = "{key} 的值 {found} 不符合要求，应为 {expected_zh}。"
    en = "the value {found} of {key} is refused; it must be {expected_en}"


class NameTaken(PolicyError):
    code = "policy-name-taken"
    zh = "名称 {name} 已在 {other} 声明；请改名或合并。"
    en = "{name} is already declared at {other}; rename or merge it"


class NameRefused(PolicyError):
    code = "policy-name"
    zh = "名称 {name} 不合规：{reason_zh}。"
    en = "the name {name} is refused: {reason_en}"


class FoldedExpression(PolicyError):
    code = "policy-expression-folded"
    zh = "多行表达式请用 | 书写，以便错误能指到行和列。"
    en = "write an expression of several lines as a | block, so that mistakes can be pointed at"


class ParameterGap(PolicyError):
    code = "parameter-gap"
    zh = "参数 {name} 在 {start} 之前有空档（上一值止于 {end}）；请补上，未定的写 value: not_set。"
    en = (
        "{name} has no value between {end} and {start}; close the gap, "
        "with value: not_set where nobody has decided"
    )


class ParameterOverlap(PolicyError):
    code = "parameter-overlap"
    zh = "参数 {name} 自 {start} 起的值与前一值（自 {other} 起）重叠；请核对起止日期。"
    en = "the value of {name} from {start} overlaps the one from {other}; check the dates"


class ParameterOutOfRange(PolicyError):
    code = "parameter-range"
    zh = "参数 {name} 的值 {value} 不在声明的 {low} 至 {high} 之间。"
    en = "the value {value} of {name} is outside its declared {low} to {high}"


class DatedByMissing(PolicyError):
    code = "fact-without-date"
    zh = "事实 {name} 写了 fresh_for 却没有 dated_by，无从计算时效；请补上日期列。"
    en = "{name} has fresh_for but no dated_by, so its age cannot be known; name its date column"


class FreshnessParameter(PolicyError):
    code = "fact-freshness"
    zh = "事实 {name} 的 fresh_for 指向 {parameter}，它不是以 days 为单位的参数。"
    en = "{parameter}, named by fresh_for of {name}, is not a parameter in days"


class ConditionsMissing(PolicyError):
    code = "rule-without-conditions"
    zh = "规则 {name} 须恰好写 all_of、any_of、value 之一。"
    en = "the rule {name} needs exactly one of all_of, any_of and value"


class ShownDiffers(PolicyError):
    code = "rule-shown"
    zh = "shown 须是与条件同一运算符的比较。"
    en = "shown must be a comparison with the same operator as the condition"


class CaseRefused(PolicyError):
    code = "case-refused"
    zh = "案例有误：{reason_zh}。"
    en = "the case cannot be run: {reason_en}"


class CasesMissing(PolicyError):
    code = "rule-without-cases"
    zh = "规则 {name} 没有 {outcome} 的案例；每条规则须有 met、not_met、undetermined 三种。"
    en = "the rule {name} has no case that is {outcome}; every rule shows met, not_met and undetermined"
