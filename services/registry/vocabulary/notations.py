"""How officials write codes, numbers and names in files: read where it has one reading."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from shared.values.characters import HAN

_FILE = Path(__file__).with_name("notations.yaml")
_QUOTES = str.maketrans(dict.fromkeys("“”‘’「」『』\"'", '"'))
_BREAKS = "()[]{}<>【】〔〕《》〈〉·:,;、。.|/\\-‐‑‒–—―=+*"
_LONGEST = 60
_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_TWO_APART = re.compile(rf"([{HAN}])\s+([{HAN}])")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_AREA = re.compile(r"^\((0[0-9]{2,3})\)-?")
_SIGN_FOR_X = re.compile("[0-9]{17}[xX×хХ]")
_COUNTED = re.compile("[1-9]")
_NUMERAL = re.compile("([一二两三四五六七八九])?十([一二三四五六七八九])?")


def written_alike(text: str) -> str:
    """Return what a text has in common with every way of writing it.

    Full-width or half-width, capital or small letters, kinds of quotation marks, and spaces make no
    difference.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_QUOTES)
    return "".join(plain.split())


def readings(text: str, labels: Mapping[str, str]) -> set[frozenset[str]]:
    """Return what a text may say that is made of several labels: the codes, for each way to cut it.

    C级（局部危险）, 70-初中 and 01汉族 say one thing twice. ``labels`` gives the code of each label,
    written as ``written_alike`` gives it.
    """
    alike = written_alike(text)
    if len(alike) > _LONGEST:
        return set()
    ways: list[set[frozenset[str]]] = [{frozenset()}, *(set() for _ in alike)]
    for end in range(1, len(alike) + 1):
        for start in range(end):
            code = labels.get(alike[start:end].strip(_BREAKS)) if ways[start] else None
            if code is not None:
                ways[end] |= {way | {code} for way in ways[start]}
    return ways[-1]


def yes_or_no(text: str) -> bool | None:
    """Return what a word for yes or no says, None if it is neither."""
    return _yes_and_no().get(written_alike(text))


def chinese_number(text: str) -> int | None:
    """Return a number below 100 in Chinese numerals, or up to 4 digits one by one; else None."""
    if 0 < len(text) <= 4 and all(digit in _DIGITS for digit in text):
        return int("".join(str(_DIGITS[digit]) for digit in text))
    numeral = _NUMERAL.fullmatch(text)
    if numeral is None:
        return None
    tens, ones = numeral.group(1), numeral.group(2)
    return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)


def says_nothing(text: str) -> bool:
    """Tell whether a text is only a sign for nothing or not known: 无, 不详, //, -."""
    alike = written_alike(text)
    return alike in _nothing() or not any(map(str.isalnum, alike))


def is_no_number(text: str) -> bool:
    """Tell whether a text stands in place of the number of a person or a thing: 无, 0, XXX."""
    if _COUNTED.search(text):
        return False
    return says_nothing(text) or set(written_alike(text)) <= {"0", "x"}


@cache
def _nothing() -> frozenset[str]:
    words = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["nothing"]
    return frozenset(map(written_alike, words))


@cache
def _yes_and_no() -> Mapping[str, bool]:
    words = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {written_alike(word): True for word in words["yes"]} | {
        written_alike(word): False for word in words["no"]
    }


def joined_name(text: str) -> str:
    """Return a name of two characters without the space that lines it up with longer ones: 张　三."""
    apart = _TWO_APART.fullmatch(text)
    return text if apart is None else apart[1] + apart[2]


def plain_telephone(text: str) -> str:
    """Return a telephone number without spaces, brackets, and dashes of other kinds."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    return _AREA.sub(r"\1-", _DASHES.sub("-", plain))


def plain_document(text: str) -> str:
    """Return a document's number without spaces, and with an X that was written as another sign."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    return plain[:-1] + "X" if _SIGN_FOR_X.fullmatch(plain) else plain
