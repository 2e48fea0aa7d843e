"""What a cell of a worksheet holds, from its type, its style and what is written in it."""

from datetime import date, datetime, timedelta
from typing import Protocol

from services.registry.imports.files.errors import error_refused, is_error
from services.registry.imports.files.number_formats import Shape, moment
from services.registry.imports.files.strings import unescaped
from services.registry.imports.files.tables import Plain, Special, cut

Value = tuple[Plain, Special | None]
_MIDNIGHT = timedelta(0)
_MILLISECOND = timedelta(milliseconds=1)


class References(Protocol):
    """What cells refer to: shared strings by place, number formats by style."""

    @property
    def strings(self) -> list[str]: ...
    @property
    def shapes(self) -> list[Shape | int]: ...
    @property
    def from_1904(self) -> bool: ...


def cell_value(kind: str, style: str, written: str, known: References) -> Value:
    """Return a cell's value as it travels; the second part is None unless it is a special one."""
    try:
        match kind:
            case "s":
                return _text(known.strings[_index(written)])
            case "n":
                return _number(style, written, known) if written else ("", None)
            case "inlineStr" | "str":
                return _text(cut(unescaped(written)))
            case "b":
                return {"1": True, "0": False, "true": True, "false": False}[written.strip()], None
            case "e":
                return "", error_refused(written)
            case "d":
                return "", _day(written)
    except (ValueError, LookupError):
        pass
    return "", ("refused", "cell-unreadable", cut(written), {})


def _text(text: str) -> Value:
    return ("", error_refused(text)) if "#" in text and is_error(text) else (text, None)


def _number(style: str, written: str, known: References) -> Value:
    value = float(written)
    # float() also takes nan, 1_000 and digits of other scripts.
    if value - value != 0 or "_" in written or not written.isascii():
        raise ValueError
    if style:
        place = _index(style)
        shape = known.shapes[place] if place < len(known.shapes) else Shape.NUMBER
        if isinstance(shape, int):
            # People see the zeros, and mean them where the number is a name.
            return f"{value:0{shape}.0f}" if value.is_integer() and value >= 0 else value, None
        if shape is not Shape.NUMBER:
            special = moment(value, shape, from_1904=known.from_1904)
            if special is not None and shape is Shape.PARTIAL and special[0] != "time":
                return "", ("refused", "date-in-part", str(special[0]), {})
            if special is not None:
                return "", special
    return value, None


def _day(written: str) -> Special:
    moment_written = datetime.fromisoformat(written.strip().removesuffix("Z"))
    if moment_written.tzinfo is not None:
        raise ValueError
    since = moment_written - datetime.combine(moment_written.date(), datetime.min.time())
    ordinal = date.toordinal(moment_written)
    if since == _MIDNIGHT:
        return ("date", ordinal)
    return ("datetime", ordinal, since // _MILLISECOND)


def _index(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdecimal()):
        raise ValueError
    return int(text)
