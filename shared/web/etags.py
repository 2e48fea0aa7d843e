"""Conditional requests: every representation has an ETag, every update names the one it read.

Conditions are evaluated in the order of RFC 9110, section 13.2.2: ``If-Match`` first, then
``If-None-Match``. There are no others, since nothing here has a ``Last-Modified``.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Annotated, Any, Self

from fastapi import Depends, Header, Request
from starlette.responses import JSONResponse, Response

from shared.problems import Collision, Conflict, PreconditionFailed, PreconditionRequired
from shared.values.bilingual import Bilingual
from shared.web.headers import listed
from shared.web.keeping import LAST_ATTEMPT
from shared.web.streams import StreamedAnswer

IF_MATCH, IF_NONE_MATCH = "if-match", "if-none-match"
ANY = "*"
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_LIST = re.compile(rf"[ \t]*(?:(?:{_TAG.pattern})?[ \t]*(?:,[ \t]*|$))*")
# What a 304 repeats of the answer that it stands for (RFC 9110, section 15.4.5).
_OF_NOT_MODIFIED = (b"cache-control", b"content-location", b"etag", b"expires", b"link", b"vary")


def etag(version: int) -> str:
    """Return the ETag of a record's version."""
    return f'"{version}"'


def representation(state: dict[str, Any]) -> Response:
    """Answer a record's JSON state under the ETag of its version."""
    return JSONResponse(state, headers={"ETag": etag(state["version"])})


@dataclass(frozen=True)
class Tags:
    """The ETags that a condition names; None for ``*``, which is any that there is."""

    named: frozenset[tuple[str, str]] | None

    @classmethod
    def of(cls, header: str) -> Self:
        """Read a header. What is no list of ETags names none that was ever handed out."""
        if header.strip() == ANY:
            return cls(None)
        return cls(frozenset(_TAG.findall(header) if _LIST.fullmatch(header) else ()))

    @classmethod
    def sent(cls, request: Request, name: str) -> Self | None:
        """Return what a request's header names, None if it has none."""
        header = listed(request, name)
        return None if header is None else cls.of(header)

    def hold(self, tag: str | None, *, strongly: bool = False) -> bool:
        """Say whether one of them is that of a representation; None for one that has no ETag."""
        if self.named is None or tag is None:
            return self.named is None
        weak, bare = ("W/" if tag.startswith("W/") else ""), tag.removeprefix("W/").strip('"')
        if strongly:
            return not weak and ("", bare) in self.named
        return any(bare == each for _, each in self.named)


@dataclass(frozen=True)
class ExpectedVersion:
    """The versions that a caller has read and will change, and those on which it will not."""

    read: Tags | None
    """None where a caller need not have read what is replaced, and has not said."""
    known: Tags | None = None

    @property
    def takes_any(self) -> bool:
        """Whether the caller would change whichever version there is, read or not."""
        return self.read is None or self.read.named is None

    def covers(self, version: int) -> bool:
        """Say whether ``If-Match`` lets a change be made on a version."""
        return self.read is None or self.read.hold(etag(version), strongly=True)

    def require_nothing_there(self) -> None:
        """Refuse to create what the caller would change.

        Raises:
            PreconditionFailed: ``If-Match`` names a version, and there is none.

        """
        if self.read is not None:
            raise PreconditionFailed(
                Bilingual(
                    "尚无此记录，If-Match 所指的版本不存在；新建请去掉 If-Match。",
                    "There is no such record, and so no version that If-Match names; leave If-Match "
                    "out to create it.",
                )
            )

    def require_unknown(self, version: int) -> None:
        """Refuse a change of what is there already, or of a version that the caller excludes.

        Raises:
            PreconditionFailed: ``If-None-Match`` names it.

        """
        if self.known is not None and self.known.hold(etag(version)):
            raise PreconditionFailed(
                Bilingual(
                    "If-None-Match 排除了现有内容，本次未修改；请读取后决定。",
                    "What is there is what If-None-Match excludes, and nothing was changed; read it "
                    "and decide.",
                ),
                headers={"ETag": etag(version)},
            )

    def whatever_is_known(self) -> "ExpectedVersion":
        """Return what is expected of the version read alone, where another thing is written."""
        return replace(self, known=None)


async def _if_match(
    request: Request,
    if_match: Annotated[
        str | None,
        Header(
            description='ETag of the version read, as "3"; several in a list, or * for whichever',
            examples=['"3"'],
        ),
    ] = None,
) -> ExpectedVersion:
    if if_match is None:
        raise PreconditionRequired(
            Bilingual(
                "请在 If-Match 头中提供读取时得到的 ETag。",
                "Send the ETag that you read in the If-Match header.",
            )
        )
    return ExpectedVersion(Tags.of(if_match), Tags.sent(request, IF_NONE_MATCH))


IfMatch = Annotated[ExpectedVersion, Depends(_if_match)]
"""The version that the caller read; one that was never handed out counts as old."""


async def _if_match_sent(
    request: Request,
    if_match: Annotated[
        str | None,
        Header(
            description='ETag of the version read, as "3"; left out, whichever is there is replaced',
            examples=['"3"'],
        ),
    ] = None,
) -> ExpectedVersion:
    read = None if if_match is None else Tags.of(if_match)
    return ExpectedVersion(read, Tags.sent(request, IF_NONE_MATCH))


IfMatchSent = Annotated[ExpectedVersion, Depends(_if_match_sent)]
"""The version that the caller read, if they say; what is put in its place may also be new."""


def require_version(expected: ExpectedVersion, current: int, representation: Any) -> None:
    """Refuse a change made on an old version, or on one that the caller excludes.

    Raises:
        PreconditionFailed: carries the current representation under ``current`` for the first.

    """
    if not expected.covers(current):
        raise PreconditionFailed(
            Bilingual(
                "记录在您读取之后已被修改；当前内容见 current，合并后用新的 ETag 重试。",
                "The record changed after you read it; see current, merge, and retry with its ETag.",
            ),
            headers={"ETag": etag(current)},
            current=representation,
        )
    expected.require_unknown(current)


def unless_there(
    answer: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """Let what creates answer by ``If-None-Match: *`` where what is recorded leaves no room for it.

    A list of ETags excludes nothing: what is to be created has none yet.
    """

    async def created(request: Request) -> Response:
        try:
            return await answer(request)
        except Conflict as conflict:
            known = Tags.sent(request, IF_NONE_MATCH)
            again = isinstance(conflict, Collision) and not hasattr(request.state, LAST_ATTEMPT)
            if known is None or known.named is not None or again:
                raise
            raise PreconditionFailed(
                conflict.detail,
                errors=conflict.errors,
                headers=conflict.headers,
                conflict=conflict.code,
                **conflict.extension,
            ) from conflict

    return created


async def on_conditions(request: Request, response: Response) -> Response:
    """Return a representation under its ETag, or 304 if the caller has it already.

    What has no version goes by its content; a stream has no ETag, which no list holds.

    Raises:
        PreconditionFailed: it is not the one that ``If-Match`` asks for.

    """
    if response.status_code != 200:
        return response
    tag = response.headers.get("etag")
    if tag is None and not isinstance(response, StreamedAnswer):
        tag = f'"{blake2b(response.body, digest_size=16).hexdigest()}"'
        response.headers["ETag"] = tag
    read, known = Tags.sent(request, IF_MATCH), Tags.sent(request, IF_NONE_MATCH)
    refused = read is not None and not read.hold(tag, strongly=True)
    if not refused and (known is None or not known.hold(tag)):
        return response
    if isinstance(response, StreamedAnswer):
        response = await response.head()
    if refused:
        raise PreconditionFailed(
            Bilingual(
                "现有内容不是 If-Match 所指的版本；请去掉 If-Match 重新读取。",
                "What is there is not what If-Match names; read it again without If-Match.",
            ),
            headers={"ETag": tag} if tag else None,
        )
    unchanged = Response(status_code=304)
    unchanged.raw_headers = [each for each in response.raw_headers if each[0] in _OF_NOT_MODIFIED]
    return unchanged
