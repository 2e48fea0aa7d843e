"""Reading JSON bodies: UTF-8, every member once, numbers and text that can be kept as they are."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from shared.problems import MalformedRequest, Problem
from shared.values.bilingual import Bilingual
from shared.web.validation import pointer_to

DEEPEST = 64
LONGEST_WHOLE_NUMBER = 2**63
# A quick look before the walk: most bodies hold neither.
_ESCAPED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
MOST_LISTED = 20
_UNKEEPABLE = (
    (
        "nul-character",
        re.compile("\x00"),
        Bilingual("含有空字符（U+0000）；请去掉", "this holds a NUL character (U+0000); remove it"),
    ),
    (
        "string-unicode",
        re.compile("[\ud800-\udfff]"),
        Bilingual(
            "有不成对的代理码，不是有效的字符；请去掉",
            "this holds half a surrogate pair, which is no character; remove it",
        ),
    ),
)


class DuplicateMember(Problem):
    status, code = 400, "duplicate-member"
    title = Bilingual("同一项出现多次", "A member stands more than once")


class _Unreadable(ValueError):
    """Says in two languages why a document is no JSON that can be kept."""

    def __init__(self, zh: str, en: str) -> None:
        self.message = Bilingual(zh, en)
        super().__init__(en)


class _Repeating(dict[str, Any]):
    """An object in which a member stands more than once."""

    def __init__(self, members: list[tuple[str, Any]]) -> None:
        super().__init__(members)
        counts = Counter(name for name, _ in members)
        self.repeated = [name for name, times in counts.items() if times > 1]


def read_json(raw: bytes, *, one_by_one: bool = False) -> Any:
    """Return the document in a body.

    ``one_by_one`` says that it has items which are validated each for itself: half a character in
    one of them is that item's fault alone.

    Raises:
        MalformedRequest: it is no JSON, or holds what cannot be kept as it is: NUL, half a
            character, a number beyond all bounds, or more than 64 levels.
        DuplicateMember: an object names a member twice, at any depth.

    """
    reader = _Reader()
    try:
        text = raw.decode()
        if text.startswith("\ufeff"):
            raise _Unreadable(
                "正文以 BOM（U+FEFF）开头；请以不带 BOM 的 UTF-8 发送",
                "the body starts with a byte order mark; send UTF-8 without one",
            )
        document = reader.decode(text)
    except UnicodeDecodeError as error:
        raise _malformed(
            "正文不是 UTF-8；请以 UTF-8 编码发送", "the body is not UTF-8; send it in UTF-8"
        ) from error
    except _Unreadable as unreadable:
        raise _malformed(*unreadable.message) from unreadable
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise _malformed(
            "正文不是有效的 JSON；请检查后重发",
            "the body is not valid JSON; correct it and send it again",
        ) from error
    if raw.count(b"{") + raw.count(b"[") > DEEPEST and _deeper_than(document, DEEPEST):
        raise _too_deep()
    if reader.repeating:
        raise _duplicate(document)
    if _ESCAPED.search(raw):
        _refuse_unkeepable(document, _UNKEEPABLE[:1] if one_by_one else _UNKEEPABLE)
    return document


class _Reader(json.JSONDecoder):
    def __init__(self) -> None:
        super().__init__(
            object_pairs_hook=self._object,
            parse_float=_float,
            parse_int=_whole,
            parse_constant=_constant,
        )
        self.repeating = False

    def _object(self, members: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(members)
        if len(found) == len(members):
            return found
        self.repeating = True
        return _Repeating(members)


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _out_of_bounds()
    return number


def _whole(text: str) -> int:
    if len(text) > 20 or not -LONGEST_WHOLE_NUMBER <= (number := int(text)) < LONGEST_WHOLE_NUMBER:
        raise _out_of_bounds()
    return number


def _out_of_bounds() -> _Unreadable:
    return _Unreadable(
        "正文中有超出范围的数字；请核对", "the body holds a number beyond all bounds; check it"
    )


def _constant(name: str) -> NoReturn:
    raise _Unreadable(f"{name} 不是 JSON 的值；请改正", f"{name} is no value of JSON; correct it")


def _deeper_than(document: Any, levels: int) -> bool:
    inner = [document]
    for _ in range(levels):
        inner = [
            part
            for each in inner
            for part in (each.values() if isinstance(each, dict) else each)
            if isinstance(part, dict | list)
        ]
        if not inner:
            return False
    return True


def _each(document: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield every value in a document with the steps that lead to it, outer ones first."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while waiting:
        steps, value = waiting.pop()
        yield steps, value
        if isinstance(value, dict):
            waiting.extend(((*steps, name), part) for name, part in value.items())
        elif isinstance(value, list):
            waiting.extend(((*steps, place), part) for place, part in enumerate(value))


def _duplicate(document: Any) -> DuplicateMember:
    steps, value = next(
        (steps, value) for steps, value in _each(document) if isinstance(value, _Repeating)
    )
    return DuplicateMember(
        Bilingual(
            "同一对象中有一项写了多次，无法判断以哪个为准；请只写一次后重发。",
            "An object names a member more than once, so that nobody knows which one counts; write "
            "it once and send again.",
        ),
        errors=[
            (
                pointer_to(*steps, name),
                DuplicateMember.code,
                Bilingual("只写一次", "write it once"),
            )
            for name in value.repeated[:MOST_LISTED]
        ],
    )


def _refuse_unkeepable(
    document: Any, kinds: Sequence[tuple[str, re.Pattern[str], Bilingual]]
) -> None:
    found = []
    for steps, value in _each(document):
        texts = [value] if isinstance(value, str) else []
        if isinstance(value, dict):
            texts = list(value)
        for code, mark, detail in kinds:
            if any(map(mark.search, texts)):
                found.append((pointer_to(*steps), code, detail))
    if found:
        raise MalformedRequest(
            Bilingual(
                "正文中有不能保存的字符，见 errors；请去掉后重发。",
                "The body holds characters that cannot be kept, see errors; remove them and send "
                "it again.",
            ),
            errors=found[:MOST_LISTED],
        )


def _too_deep() -> MalformedRequest:
    return _malformed(
        f"正文嵌套超过 {DEEPEST} 层；请减少层次", f"the body has more than {DEEPEST} levels"
    )


def _malformed(zh: str, en: str) -> MalformedRequest:
    detail = Bilingual(zh, en)
    return MalformedRequest(
        Bilingual(f"请求正文无法读取：{zh}。", f"The body cannot be read: {en}."),
        errors=[("", "json-invalid", detail)],
    )
