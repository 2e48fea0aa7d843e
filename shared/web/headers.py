"""Headers: those that stand once, and those that carry text."""

import re
from collections import Counter
from urllib.parse import unquote_to_bytes

from fastapi import Request

from shared.problems import MalformedRequest, Problem
from shared.values.bilingual import Bilingual

ONCE = frozenset(
    {
        b"authorization",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"host",
        b"idempotency-key",
        b"if-match",
        b"x-change-reason",
        b"x-request-id",
    }
)
"""Two of these contradict each other, and whichever counted would be a guess."""
_STRAY_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class DuplicateHeader(Problem):
    status, code = 400, "duplicate-header"
    title = Bilingual("同一请求头出现多次", "A header stands more than once")


def refuse_repeated(request: Request) -> None:
    """Refuse a request in which a header that stands once stands twice. Raises DuplicateHeader."""
    names = [name for name, _ in request.scope["headers"] if name in ONCE]
    if len(names) == len(set(names)):
        return
    repeated = sorted(name.decode() for name, times in Counter(names).items() if times > 1)
    raise DuplicateHeader(
        Bilingual(
            f"请求头 {'、'.join(repeated)} 写了多次，无法判断以哪个为准；请只写一次。",
            f"The header {', '.join(repeated)} stands more than once, so that nobody knows which "
            "one counts; send it once.",
        ),
        errors=[
            (name, DuplicateHeader.code, Bilingual("只写一次", "send it once")) for name in repeated
        ],
    )


def listed(request: Request, name: str) -> str | None:
    """Return a header whose lines make one list, as one; None if there is none."""
    lines = request.headers.getlist(name)
    return ", ".join(lines) if lines else None


def text_of(request: Request, name: str) -> str | None:
    """Return the text in a header: UTF-8, as it is or percent-encoded; None if it is left out.

    A percent sign of the text itself is written ``%25``.

    Raises:
        MalformedRequest: it is no UTF-8, or holds a stray percent sign.

    """
    value = request.headers.get(name)
    if value is None:
        return None
    raw = value.encode("latin-1")  # as the server reads headers, whatever they are
    if _STRAY_PERCENT.search(raw):
        raise _unreadable(name, "百分号应写作 %25", "a percent sign is written %25")
    try:
        text = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError as error:
        raise _unreadable(name, "应为 UTF-8 编码", "it must be UTF-8") from error
    return text.strip() or None


def _unreadable(name: str, zh: str, en: str) -> MalformedRequest:
    return MalformedRequest(
        Bilingual(f"请求头 {name} 无法读取：{zh}。", f"The header {name} cannot be read: {en}."),
        errors=[(name, "header-text", Bilingual(zh, en))],
    )
