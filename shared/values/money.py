"""Money: whole fen inside, decimal text in yuan outside, and never a float in between."""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal

from shared.values.money_refusals import MoneyRefusal
from shared.values.repeating import repeated

_PLAIN = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:[,，'’][0-9]{3})+(?:\.[0-9]+)?")
_UNITS = re.compile("[百千万亿元圆块¥￥A-Za-z币]")
_EXPONENT = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+")
_NOT_FINITE = re.compile(r"[+-]?(?:s?nan|inf(?:inity)?)", re.IGNORECASE)
_MEANT = re.compile(
    r"(?:人民币|CNY|RMB|¥)?(-?(?:[0-9]+|[0-9]{1,3}(?:[,'’ ][0-9]{3})+)(?:\.[0-9]+)?)"
    r"([百千万亿])?(?:元整?|圆整?|块钱?|CNY|RMB)?"
)
_LOOSE_SPACE = re.compile(r"(?<![0-9])\s+|\s+(?![0-9])")
_SEPARATORS = re.compile("[,'’ ]")
_TIMES = {"百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_WORDS = re.compile(
    r"[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟元圆角分整正负点]+"
)
EXAMPLE = "8000.00"
_MAX_INTEGER_DIGITS = 15


class Fen(int):
    """An amount in fen. A class of its own, so that a bare number never passes for money."""


def parse_fen(text: str) -> Fen:
    """Return the fen of an amount in yuan written as plain decimal text.

    At most 15 digits before the point, so that sums of a province stay far below 2^63 fen, and two
    after it; a minus sign is allowed. Raises the MoneyRefusal that tells what to write instead.
    """
    plain = _PLAIN.fullmatch(text)
    if plain is None:
        raise _why_not_plain(text)
    sign, yuan, fraction = plain.group(1), plain.group(2), plain.group(3) or ""
    if len(yuan) > _MAX_INTEGER_DIGITS:
        raise MoneyRefusal("money-too-large", digits=_MAX_INTEGER_DIGITS)
    if len(fraction) > 2:
        raise MoneyRefusal("money-too-precise", written=repeated(text, 30))
    fen = int(yuan + fraction.ljust(2, "0"))
    return Fen(-fen if sign else fen)


def format_fen(fen: int) -> str:
    """Return yuan with two places: 800000 gives "8000.00"."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan}.{rest:02d}"


def parse_amount_cell(value: str | float | None) -> Fen | None:
    """Return the fen in a spreadsheet cell, or None for a blank one (nothing was recorded).

    Takes what people mean without doubt: numbers, and text with one reading however it is written
    (21,000.00; ３６０００; ￥3.6万元). A float counts as the shortest decimal that reads back as it, which is what the spreadsheet shows; with more than
    two places it is refused rather than rounded. Negative amounts are refused.
    """
    match value:
        case None:
            return None
        case bool():
            raise MoneyRefusal("money-malformed", written=str(value), suggestion=EXAMPLE)
        case int():
            text = str(value)
        case float():
            number = Decimal(repr(value))
            if not number.is_finite():
                raise MoneyRefusal("money-not-finite", written=repr(value), suggestion=EXAMPLE)
            text = format(number, "f")
        case str():
            text = value.strip()
            if not text:
                return None
            text = _meant(text) or text
    fen = parse_fen(text)
    if fen < 0:
        raise MoneyRefusal("money-negative", written=repeated(text, 30))
    return fen


def amount_below(yuan_digits: int) -> Callable[[Fen], Fen]:
    """Return a check that passes amounts from 0 to below ``10**yuan_digits`` yuan.

    The check raises a MoneyRefusal: it is negative, or too large.
    """

    def check(amount: Fen) -> Fen:
        if amount < 0:
            raise MoneyRefusal("money-negative", written=format_fen(amount))
        if amount >= 10**yuan_digits * 100:
            raise MoneyRefusal("money-too-large", digits=yuan_digits)
        return amount

    return check


def _why_not_plain(text: str) -> MoneyRefusal:
    """Name the mistake in a text that is no plain amount, and the amount that it must mean.

    Raises the refusal of that amount where it would be refused in its turn.
    """
    written, bare = repeated(text, 30), "".join(text.split())
    if not bare:
        return MoneyRefusal("money-blank", suggestion=EXAMPLE)
    if _NOT_FINITE.fullmatch(bare):
        return MoneyRefusal("money-not-finite", written=written, suggestion=EXAMPLE)
    if _PLAIN.fullmatch(bare):
        return MoneyRefusal("money-has-space", written=written, suggestion=_plain(bare))
    if _EXPONENT.fullmatch(bare):
        return MoneyRefusal("money-has-exponent", written=written, suggestion=EXAMPLE)
    meant = _meant(text) or _meant(bare)
    if meant is not None:
        return MoneyRefusal(_how_written(bare), written=written, suggestion=_plain(meant))
    if _WORDS.fullmatch(bare):
        return MoneyRefusal("money-in-words", written=written, suggestion=EXAMPLE)
    return MoneyRefusal("money-malformed", written=written, suggestion=EXAMPLE)


def _meant(text: str) -> str | None:
    """Return the plain amount that a text must mean, None if it has no reading or several."""
    plain = _LOOSE_SPACE.sub("", unicodedata.normalize("NFKC", text).strip().upper())
    meant = _MEANT.fullmatch(plain)
    if meant is None:
        return None
    yuan = Decimal(_SEPARATORS.sub("", meant[1])) * _TIMES.get(meant[2], 1)
    return format(yuan, "f") if meant[2] is None else format(yuan.normalize(), "f")


def _how_written(bare: str) -> str:
    if _GROUPED.fullmatch(bare):
        return "money-has-separator"
    if _UNITS.search(bare):
        return "money-has-unit"
    return "money-full-width"


def _plain(text: str) -> str:
    return format_fen(parse_fen(text))
