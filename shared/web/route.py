"""The route class of every service: closed queries, one transaction a write, safe retries."""

import re
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute
from sqlalchemy.exc import IntegrityError
from starlette.responses import Response

from shared.db.database import Database
from shared.problems import Conflict, MalformedRequest, UnknownParameter
from shared.values.bilingual import Bilingual
from shared.web import idempotency
from shared.web.keeping import keeping
from shared.web.work import work_in_hand

# The escape itself, not the six letters behind an escaped backslash.
ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
READS = frozenset({"GET", "HEAD", "OPTIONS"})
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ServiceRoute(APIRoute):
    """An API route that the house's conventions hold for.

    A query parameter that the route does not declare is refused. A write runs in one transaction,
    which ``shared.web.work.WorkInHand`` hands to the use case and which commits before the answer
    leaves; with an ``Idempotency-Key`` the answer is kept in the same transaction. A POST whose
    route takes no work in hand changes nothing: without a key it opens no transaction.
    """

    def get_route_handler(self) -> Handler:
        answer = keeping(super().get_route_handler())
        known = frozenset(
            field.alias
            for field in get_flat_params(self.dependant)
            if isinstance(field.field_info, Query)
        )

        writes = any(dependant.call is work_in_hand for dependant in _all(self.dependant))

        async def handle(request: Request) -> Response:
            _refuse_unreadable(request, known)
            if request.method in READS:
                return await answer(request)
            await _refuse_nul(request)
            if not writes and "idempotency-key" not in request.headers:
                return await answer(request)
            return await _write(request, answer)

        return handle


def _all(dependant: Dependant) -> Iterator[Dependant]:
    """Yield a dependency and everything that it depends on."""
    yield dependant
    for part in dependant.dependencies:
        yield from _all(part)


async def _write(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    database: Database = request.app.state.database
    try:
        async with database.session() as session:
            request.state.session = session
            retry = await idempotency.claim(request, session)
            if isinstance(retry, Response):
                return retry
            response = await answer(request)
            if retry is not None:
                await idempotency.keep(session, retry, response)
            return response
    except IntegrityError as error:
        raise Conflict(
            Bilingual(
                "与他人同时提交的内容冲突，本次未保存；请重新读取后再试。",
                "This collides with what someone else recorded and was not saved; read again and retry.",
            )
        ) from error


def _refuse_unreadable(request: Request, known: frozenset[str]) -> None:
    if (
        "%00" in request.scope["path"]
        or b"%00" in request.scope["query_string"]
        or "\x00" in request.scope["path"]
    ):
        raise _nul()
    if not request.scope["query_string"]:
        return
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        names, allowed = "、".join(unknown), "、".join(sorted(known)) or "无"
        raise UnknownParameter(
            Bilingual(
                f"不认识查询参数 {names}；此地址只接受：{allowed}。",
                f"Unknown query parameter {', '.join(unknown)}; this address takes: "
                f"{', '.join(sorted(known)) or 'none'}.",
            ),
            errors=[
                (
                    name,
                    "unknown-parameter",
                    Bilingual("去掉此参数", "leave this parameter out"),
                )
                for name in unknown
            ],
        )


async def _refuse_nul(request: Request) -> None:
    # PostgreSQL text cannot hold U+0000, so it is refused at the door instead of failing inside.
    body = await request.body()
    if request.headers.get("content-type", "").startswith("multipart/"):
        return
    if b"\x00" in body or (b"\\u0000" in body and ESCAPED_NUL.search(body)):
        raise _nul()


def _nul() -> MalformedRequest:
    return MalformedRequest(
        Bilingual(
            "请求中含有空字符（U+0000）；请去掉后重发。",
            "The request holds a NUL character (U+0000); remove it and send again.",
        )
    )
