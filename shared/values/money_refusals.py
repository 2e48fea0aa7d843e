"""Why an amount of money is refused."""

from shared.values.bilingual import Bilingual
from shared.values.refusal import InvalidValue


class MoneyNotText(InvalidValue):
    code = "money-not-text"
    template = Bilingual(
        '金额应写成加引号的文本，例如 "{suggestion}"；数字会丢失精度，不予接受。',
        'Write the amount as quoted text, such as "{suggestion}"; a bare number may lose '
        "precision and is refused.",
    )


class MoneyBlank(InvalidValue):
    code = "money-blank"
    template = Bilingual(
        "金额为空；请写金额，例如 {suggestion}，没有记录的就不要传这一项。",
        "The amount is blank; write one, such as {suggestion}, or leave the member out if nothing "
        "is recorded.",
    )


class MoneyTooPrecise(InvalidValue):
    code = "money-too-precise"
    template = Bilingual(
        "金额“{written}”超过两位小数；请四舍五入到分后再填（表格中可用 ROUND(…, 2)）。",
        'The amount "{written}" has more than two decimal places; round it to fen first '
        "(ROUND(…, 2) in a spreadsheet).",
    )


class MoneyTooLarge(InvalidValue):
    code = "money-too-large"
    template = Bilingual(
        "金额的整数部分超过 {digits} 位；请核对数值和单位（应为元）。",
        "The amount has more than {digits} digits before the point; check the figure and its unit "
        "(yuan).",
    )


class MoneyHasSeparator(InvalidValue):
    code = "money-has-separator"
    template = Bilingual(
        "金额“{written}”带有千位分隔符；请写成 {suggestion}。",
        'The amount "{written}" has thousands separators; write {suggestion}.',
    )


class MoneyHasExponent(InvalidValue):
    code = "money-has-exponent"
    template = Bilingual(
        "金额“{written}”用了科学计数法；请写出全部数字，例如 {suggestion}。",
        'The amount "{written}" is in scientific notation; write all its digits, such as '
        "{suggestion}.",
    )


class MoneyNotFinite(InvalidValue):
    code = "money-not-finite"
    template = Bilingual(
        "“{written}”不是金额；请写数字，例如 {suggestion}，没有记录的请留空。",
        '"{written}" is no amount; write a number, such as {suggestion}, or leave it out if '
        "nothing is recorded.",
    )


class MoneyFullWidth(InvalidValue):
    code = "money-full-width"
    template = Bilingual(
        "金额“{written}”含全角字符；请改用半角数字，写成 {suggestion}。",
        'The amount "{written}" has full-width characters; use plain digits and write '
        "{suggestion}.",
    )


class MoneyHasSpace(InvalidValue):
    code = "money-has-space"
    template = Bilingual(
        "金额“{written}”带有空格；请写成 {suggestion}。",
        'The amount "{written}" has spaces; write {suggestion}.',
    )


class MoneyHasUnit(InvalidValue):
    code = "money-has-unit"
    template = Bilingual(
        "金额“{written}”带有单位；金额一律以元计，只写数字：{suggestion}。",
        'The amount "{written}" has a unit; amounts are in yuan, so write the digits only: '
        "{suggestion}.",
    )


class MoneyInWords(InvalidValue):
    code = "money-in-words"
    template = Bilingual(
        "金额“{written}”是汉字数字；请用阿拉伯数字，以元计，例如 {suggestion}。",
        'The amount "{written}" is in Chinese numerals; use digits, in yuan, such as {suggestion}.',
    )


class MoneyNegative(InvalidValue):
    code = "money-negative"
    template = Bilingual(
        "金额“{written}”为负；请写正数，支出请记入生产经营性支出。",
        'The amount "{written}" is negative; write a positive one, and record spending as business '
        "expenses.",
    )


class MoneyMalformed(InvalidValue):
    code = "money-malformed"
    template = Bilingual(
        "“{written}”不是金额；请以元为单位，只写数字和至多两位小数，例如 {suggestion}。",
        '"{written}" is no amount; write digits with at most two decimal places, in yuan, such as '
        "{suggestion}.",
    )
