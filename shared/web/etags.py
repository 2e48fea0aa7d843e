"""Conditional writes: every representation has an ETag, every update names the one it read."""

import re
from typing import Annotated, Any

from fastapi import Depends, Header
from starlette.responses import JSONResponse, Response

from shared.problems import PreconditionFailed, PreconditionRequired
from shared.values.bilingual import Bilingual

ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')


def etag(version: int) -> str:
    """Return the ETag of a record's version."""
    return f'"{version}"'


def representation(state: dict[str, Any]) -> Response:
    """Answer a record's JSON state under the ETag of its version."""
    return JSONResponse(state, headers={"ETag": etag(state["version"])})


async def _if_match(
    if_match: Annotated[
        str | None,
        Header(description='ETag of the version read, as "3"', examples=['"3"']),
    ] = None,
) -> int:
    if if_match is None:
        raise PreconditionRequired(
            Bilingual(
                "请在 If-Match 头中提供读取时得到的 ETag。",
                "Send the ETag that you read in the If-Match header.",
            )
        )
    matched = ETAG.fullmatch(if_match.strip())
    return int(matched[1]) if matched else -1


IfMatch = Annotated[int, Depends(_if_match)]
"""The version that the caller read; one that was never handed out counts as old."""


def require_version(expected: int, current: int, representation: Any) -> None:
    """Refuse a change made on an old version.

    Raises:
        PreconditionFailed: carries the current representation under ``current``.

    """
    if expected != current:
        raise PreconditionFailed(
            Bilingual(
                "记录在您读取之后已被修改；当前内容见 current，合并后用新的 ETag 重试。",
                "The record changed after you read it; see current, merge, and retry with its ETag.",
            ),
            headers={"ETag": etag(current)},
            current=representation,
        )
