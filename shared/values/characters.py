"""Which characters cannot be seen, or say nothing for certain, and what they are called."""

import re
import unicodedata

from shared.values.bilingual import Bilingual

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
"""Chinese characters, as a class of a regular expression: planes 2 and 3 hold nothing else, also
where this Python's tables are older than the characters."""
_IDEOGRAPH = re.compile(f"[{HAN}\uf900-\ufaff]")
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Letters, marks and symbols that are drawn as nothing (Default_Ignorable_Code_Point, Unicode 17, as
# far as they are no format characters), the blank Braille pattern, and the mark of a lost picture.
_DRAWN_AS_NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2065\u2800\u3164\uffa0\ufff0-\ufff8\ufffc"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
_VARIATION_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_IN_CHINESE = {
    "\x00": "空字符",
    "\t": "制表符",
    "\n": "换行符",
    "\r": "回车符",
    "\x1b": "转义符",
    " ": "空格",
    "\x7f": "删除符",
    "\xa0": "不间断空格",
    "\xad": "软连字符",
    "\u034f": "组合用图形连接符",
    "\u061c": "阿拉伯文方向标记",
    "\u200b": "零宽空格",
    "\u200c": "零宽不连字",
    "\u200d": "零宽连字",
    "\u200e": "从左到右标记",
    "\u200f": "从右到左标记",
    "\u2028": "行分隔符",
    "\u2029": "段落分隔符",
    "\u202a": "从左到右嵌入",
    "\u202b": "从右到左嵌入",
    "\u202c": "方向格式结束",
    "\u202d": "从左到右强制",
    "\u202e": "从右到左强制",
    "\u2060": "词连接符",
    "\u2066": "从左到右隔离",
    "\u2067": "从右到左隔离",
    "\u2068": "首字符方向隔离",
    "\u2069": "隔离结束",
    "\u2800": "空白盲文",
    "\u3000": "全角空格",
    "\u3164": "韩文填充符",
    "\ufeff": "零宽不间断空格（文件开头标记 BOM）",
    "\ufffc": "对象替换符",
    "\ufffd": "乱码替换符",
}
_KINDS_IN_CHINESE = {
    "Cc": "控制字符",
    "Cf": "格式控制字符",
    "Cs": "不成对的代理码",
    "Co": "自造字（私有区字符）",
    "Cn": "未定义的字符",
    "Zs": "特殊空格",
}

_ENGLISH_KINDS = {
    "Cc": "control character",
    "Cf": "format character",
    "Cs": "unpaired surrogate",
    "Co": "private-use character",
    "Cn": "undefined character",
}


def is_variation_selector(character: str) -> bool:
    """Tell whether a character chooses among the shapes of the one before it."""
    return _VARIATION_SELECTOR.match(character) is not None


def is_ideograph(character: str) -> bool:
    """Tell whether a character is Chinese, however rare."""
    return _IDEOGRAPH.match(character) is not None


def is_control(character: str) -> bool:
    """Tell whether a character is one of the control characters."""
    return unicodedata.category(character) == "Cc"


def is_invisible(character: str) -> bool:
    """Tell whether a character is not drawn, or is none at all."""
    return (
        unicodedata.category(character) in _INVISIBLE_CATEGORIES
        or _DRAWN_AS_NOTHING.match(character) is not None
        or _is_no_character(ord(character))
    )


def is_unassigned(character: str) -> bool:
    """Tell whether a code point stands for nothing that is known; Chinese ones may be newer."""
    return unicodedata.category(character) == "Cn" and not is_ideograph(character)


def code_point(character: str) -> str:
    """Return the number of a character as it is written: U+200B."""
    return f"U+{ord(character):04X}"


def called(character: str) -> Bilingual:
    """Return what a character is called: 零宽空格 U+200B, zero width space U+200B."""
    point = code_point(character)
    kind = unicodedata.category(character)
    chinese = _IN_CHINESE.get(character)
    if chinese is None and is_variation_selector(character):
        chinese = "变体选择符"
    elif chinese is None:
        drawn = None if not is_invisible(character) else "不显示的字符"
        chinese = _KINDS_IN_CHINESE.get(kind, drawn)
    name = unicodedata.name(character, "").lower()
    english = name or _ENGLISH_KINDS.get(kind, "character")
    seen = "" if chinese else f"“{character}”"
    return Bilingual(f"{chinese or seen} {point}", f"{english} {point}")


def _is_no_character(point: int) -> bool:
    return point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF
