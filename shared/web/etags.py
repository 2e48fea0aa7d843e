"""Conditional requests: every representation has an ETag, every update names the one it read."""

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from starlette.responses import JSONResponse, Response

from shared.problems import PreconditionFailed, PreconditionRequired
from shared.values.bilingual import Bilingual
from shared.web.headers import listed

ANY = "*"
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_LIST = re.compile(rf"[ \t]*(?:(?:{_TAG.pattern})?[ \t]*(?:,[ \t]*|$))*")
_VERSION = re.compile("[0-9]{1,18}")
# What a 304 repeats of the answer that it stands for (RFC 9110, section 15.4.5).
_OF_NOT_MODIFIED = (b"cache-control", b"content-location", b"etag", b"expires", b"link", b"vary")


def etag(version: int) -> str:
    """Return the ETag of a record's version."""
    return f'"{version}"'


def representation(state: dict[str, Any]) -> Response:
    """Answer a record's JSON state under the ETag of its version."""
    return JSONResponse(state, headers={"ETag": etag(state["version"])})


@dataclass(frozen=True)
class ExpectedVersion:
    """The versions that a caller has read and will change; None for whichever there is."""

    versions: frozenset[int] | None

    @classmethod
    def of(cls, header: str) -> "ExpectedVersion":
        """Read an ``If-Match`` header: ``*``, or a list of ETags, compared strongly (RFC 9110).

        A weak one, or one that was never handed out, is that of no version.
        """
        if header.strip() == ANY:
            return cls(None)
        strong = (tag for weak, tag in _tags(header) if not weak)
        return cls(frozenset(int(tag) for tag in strong if _VERSION.fullmatch(tag)))

    def covers(self, version: int) -> bool:
        """Say whether a change may be made on a version."""
        return self.versions is None or version in self.versions


async def _if_match(
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
    return ExpectedVersion.of(if_match)


IfMatch = Annotated[ExpectedVersion, Depends(_if_match)]
"""The version that the caller read; one that was never handed out counts as old."""


def require_version(expected: ExpectedVersion, current: int, representation: Any) -> None:
    """Refuse a change made on an old version.

    Raises:
        PreconditionFailed: carries the current representation under ``current``.

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


def unless_known(request: Request, response: Response) -> Response:
    """Return a representation under its ETag, or 304 if the caller has it already.

    What has no version goes by its content; a stream has no ETag.
    """
    if response.status_code != 200:
        return response
    tag = response.headers.get("etag")
    if tag is None:
        if not hasattr(response, "body"):
            return response
        tag = f'"{blake2b(response.body, digest_size=16).hexdigest()}"'
        response.headers["ETag"] = tag
    known = listed(request, "if-none-match")
    if known is None or not _names(known, tag):
        return response
    unchanged = Response(status_code=304)
    unchanged.raw_headers = [each for each in response.raw_headers if each[0] in _OF_NOT_MODIFIED]
    return unchanged


def _names(header: str, tag: str) -> bool:
    """Compare weakly, as ``If-None-Match`` asks for."""
    bare = tag.removeprefix("W/")
    return header.strip() == ANY or any(f'"{each}"' == bare for _, each in _tags(header))


def _tags(header: str) -> list[tuple[str, str]]:
    """Return (``W/`` or nothing, tag) for each in a list; none if it is no list of ETags."""
    return _TAG.findall(header) if _LIST.fullmatch(header) else []
