"""Twelve-digit codes of administrative divisions, and what their digits say.

Two digits each for province, city and county (GB/T 2260), three each for township and village
(统计用区划代码, National Bureau of Statistics). A division's own parts are followed by zeros.
"""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from shared.values.bilingual import Bilingual
from shared.values.refusal import InvalidValue, refusing


class DivisionLevel(StrEnum):
    """The five levels from the top: 省 province, 市 city, 县 county, 乡 township, 村 village."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


_DIGITS = {
    DivisionLevel.PROVINCE: 2,
    DivisionLevel.CITY: 4,
    DivisionLevel.COUNTY: 6,
    DivisionLevel.TOWNSHIP: 9,
    DivisionLevel.VILLAGE: 12,
}
# GB/T 2260 numbers the regions 1 to 8, so that the code after a province's last one still has
# twelve digits and span() needs no special case.
_CODE = re.compile(r"[1-8][0-9]{11}")


class DivisionNotTwelveDigits(InvalidValue):
    code = "division-not-twelve-digits"
    template = Bilingual(
        "行政区划代码应为 12 位数字的文本，首位为 1–8，例如 330127000000（淳安县）；"
        "上级区划在末尾补零。",
        "A division code is a text of 12 digits that starts with 1 to 8, such as 330127000000 "
        "(Chun'an county); fill up with zeros for a higher division.",
    )


class DivisionGap(InvalidValue):
    code = "division-gap"
    template = Bilingual(
        "行政区划代码 {division} 缺少{missing_zh}一级：该段为零而其下级不为零；请核对代码。",
        "Division code {division} skips its {missing}: that part is zero while a part below it is "
        "not; check the code.",
    )


def parse_division_code(value: object) -> str:
    """Return the code if it is one.

    A zero county part is allowed above a township: cities such as Dongguan have no counties.
    Whether the division exists is for the register of divisions to say.
    Raises DivisionNotTwelveDigits or DivisionGap.
    """
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise DivisionNotTwelveDigits
    if value[2:4] == "00" and int(value[4:]):
        raise DivisionGap(division=value, missing="city", missing_zh="地市")
    if value[6:9] == "000" and int(value[9:]):
        raise DivisionGap(division=value, missing="township", missing_zh="乡镇")
    return value


DivisionCode = Annotated[
    str,
    BeforeValidator(refusing(parse_division_code)),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[1-8][0-9]{11}$",
            "description": "行政区划代码，12 位数字（省 2、市 2、县 2、乡 3、村 3，不足补零）。"
            "Division code: 12 digits, a higher division filled up with zeros.",
            "examples": ["330127000000", "330127100219"],
        }
    ),
]


def level(code: str) -> DivisionLevel:
    """Return the level of a division: the last of its parts that is not zero."""
    parse_division_code(code)
    return next(each for each, digits in _DIGITS.items() if not int(code[digits:] or "0"))


def ancestors(code: str) -> tuple[str, ...]:
    """Return the divisions above one, from the province down, without the division itself."""
    own = _own(code)
    above = (own[:digits] for digits in _DIGITS.values() if digits < len(own))
    # A city without counties (county part 00) fills up to the same code twice.
    return tuple(dict.fromkeys(map(_filled, above)))


def parent(code: str) -> str | None:
    """Return the division directly above, or None for a province."""
    return next(reversed(ancestors(code)), None)


def contains(outer: str, inner: str) -> bool:
    """Tell whether ``inner`` is ``outer`` itself or lies within it."""
    return parse_division_code(inner).startswith(_own(outer))


def span(code: str) -> tuple[str, str]:
    """Return (first, past_last): the half-open range of the codes of a division and all within it.

    Made for ``code >= first AND code < past_last`` on a text column with collation "C".
    330127000000 gives 330127000000 and 330128000000; a village gives itself and the next number.
    """
    own = _own(code)
    return code, _filled(str(int(own) + 1))


def digits_below(code: str) -> int:
    """Return how many digits of a village's code name the division directly below this one.

    Below a village there is none: it stands for itself.
    """
    levels = list(DivisionLevel)
    below = levels[min(levels.index(level(code)) + 1, len(levels) - 1)]
    return _DIGITS[below]


def _own(code: str) -> str:
    """The digits that are the division's own, without the zeros that fill it up."""
    return code[: _DIGITS[level(code)]]


def _filled(digits: str) -> str:
    return digits.ljust(12, "0")
