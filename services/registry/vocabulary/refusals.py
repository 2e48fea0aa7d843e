"""Why a code or a label is refused."""

from shared.values.bilingual import Bilingual
from shared.values.refusal import InvalidValue


class UnknownCode(InvalidValue):
    code = "unknown-code"
    template = Bilingual(
        "“{written}”不是{list_zh}的代码；请用：{allowed}。",
        '"{written}" is no code of the list "{list_en}"; use: {allowed}.',
    )


class UnknownLabel(InvalidValue):
    code = "unknown-label"
    template = Bilingual(
        "“{written}”不在{list_zh}之内；请填：{allowed}。",
        '"{written}" is not in the list "{list_en}"; write one of: {allowed}.',
    )


class AmbiguousLabel(InvalidValue):
    code = "ambiguous-label"
    template = Bilingual(
        "“{written}”有不止一种读法：“{readings_zh}”；请只写其中之一。",
        '"{written}" may be read as {readings_en}; write one of them only.',
    )


class RetiredCode(InvalidValue):
    code = "retired-code"
    template = Bilingual(
        "{list_zh}中的“{label}”（{retired}）在 {on} 不能用于新记录；请改用现行代码。",
        'The code {retired} ({label}) of the list "{list_en}" is not for new records on {on}; use '
        "one that is in force.",
    )
