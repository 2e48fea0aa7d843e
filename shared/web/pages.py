"""Lists as keyset pages: opaque signed cursors, a closed set of orders, no offsets."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Select, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from starlette.datastructures import URL

from shared.problems import InvalidCursor
from shared.values.bilingual import Bilingual

Item = TypeVar("Item")
SIGNATURE_BYTES = 12


class Page(BaseModel, Generic[Item]):
    """One page of a list, and the cursor of the next one."""

    items: list[Item]
    next: str | None = Field(
        default=None,
        description="下一页游标 pass it as cursor for the next page; absent on the last",
    )
    total: int | None = Field(default=None, description="总数 only when count=true")


@dataclass(frozen=True)
class PageRequest:
    """Which page of a list is asked for."""

    limit: int
    cursor: str | None
    count: bool
    key: bytes
    url: URL
    response: Response

    def position(self, order: str) -> list[Any] | None:
        """Return the last values of the previous page, or None for the first page.

        Raises:
            InvalidCursor: the cursor was not handed out by this service for this order.

        """
        if self.cursor is None:
            return None
        try:
            raw = base64.urlsafe_b64decode(self.cursor + "=" * (-len(self.cursor) % 4))
        except ValueError as error:
            raise _invalid_cursor() from error
        signature, content = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._sign(content, order)):
            raise _invalid_cursor()
        values: list[Any] = orjson.loads(content)
        return values

    def next_cursor(self, order: str, values: Sequence[Any]) -> str:
        """Return the cursor of the page after ``values``; also sets the ``Link`` header."""
        content = orjson.dumps(list(values), default=str)
        signed = self._sign(content, order) + content
        cursor = base64.urlsafe_b64encode(signed).decode().rstrip("=")
        self.response.headers["Link"] = next_link(self.url, cursor=cursor)
        return cursor

    def answer(self, page: bytes) -> Response:
        """Return the answer for a page that is JSON already."""
        return Response(page, media_type="application/json", headers=dict(self.response.headers))

    def _sign(self, content: bytes, order: str) -> bytes:
        message = f"{self.url.path}\n{order}\n".encode() + content
        return hmac.digest(self.key, message, hashlib.sha256)[:SIGNATURE_BYTES]


def next_link(url: URL, **changed: str) -> str:
    """Return a ``Link`` to what follows: this address with other parameters, without its host."""
    following = url.include_query_params(**changed)
    return f'<{following.path}?{following.query}>; rel="next"'


async def _page_request(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=200, description="每页条数 items a page")] = 50,
    cursor: Annotated[
        str | None,
        Query(
            max_length=2000,
            description="上一页返回的 next the next of the previous page",
        ),
    ] = None,
    count: Annotated[bool, Query(description="是否给出总数 add the total")] = False,
) -> PageRequest:
    return PageRequest(
        limit,
        cursor,
        count,
        request.app.state.settings.cursor_key,
        request.url,
        response,
    )


PageAsked = Annotated[PageRequest, Depends(_page_request)]
"""The page that the query parameters ask for."""


async def read_page(
    session: AsyncSession,
    statement: Select[Any],
    order: Sequence[InstrumentedAttribute[Any]],
    asked: PageRequest,
    item: Callable[[Any], Item],
    *,
    descending: bool = False,
) -> Page[Item]:
    """Read one page of ``statement`` (a select of one mapped class).

    ``order`` names columns that are never null, the last of them unique.

    Raises:
        InvalidCursor: the cursor belongs to another list or order.

    """
    name = ("-" if descending else "") + ",".join(column.key for column in order)
    position = asked.position(name)
    ordered = statement.order_by(*(column.desc() if descending else column for column in order))
    if position is not None:
        last = tuple_(*map(_from_json, order, position))
        ordered = ordered.where(tuple_(*order) < last if descending else tuple_(*order) > last)
    rows = (await session.scalars(ordered.limit(asked.limit + 1))).all()
    page = rows[: asked.limit]
    cursor = None
    if len(rows) > asked.limit:
        cursor = asked.next_cursor(name, [getattr(page[-1], column.key) for column in order])
    total = None
    if asked.count:
        total = await session.scalar(select(func.count()).select_from(statement.subquery()))
    return Page(items=[item(row) for row in page], next=cursor, total=total)


def _from_json(column: InstrumentedAttribute[Any], value: Any) -> Any:
    kind = column.type.python_type
    parsed = kind.fromisoformat(value) if kind in (date, datetime) else kind(value)
    return literal(parsed, column.type)


def _invalid_cursor() -> InvalidCursor:
    return InvalidCursor(
        Bilingual(
            "游标无效：请原样使用上一页返回的 next，且不要更换排序。",
            "The cursor is not valid: pass the next of the previous page unchanged, in the same order.",
        )
    )
