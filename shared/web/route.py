"""The route class of every service: closed queries, one transaction a write, safe retries."""

import re
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from shared.db.database import Database
from shared.problems import Collision, MalformedRequest, UnknownParameter
from shared.security.access import admission, admit
from shared.values.bilingual import Bilingual
from shared.web import idempotency
from shared.web.bodies import Bodies
from shared.web.keeping import LAST_ATTEMPT, keeping
from shared.web.rates import network_of
from shared.web.work import work_in_hand

# The escape itself, not the six letters behind an escaped backslash.
ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
READS = frozenset({"GET", "HEAD", "OPTIONS"})
Answer = Callable[[Request], Awaitable[Response]]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ServiceRoute(APIRoute):
    """An API route that the house's conventions hold for.

    A query parameter that the route does not declare is refused. A write runs in one transaction,
    which ``shared.web.work.WorkInHand`` hands to the use case and which commits before the answer
    leaves; with an ``Idempotency-Key`` the answer is kept in the same transaction. A route that
    asks other services takes ``AskFirst`` and begins when they have answered, and one that takes
    neither changes nothing: a key alone opens its transaction after the answer is made. Whatever a
    request reads or writes, it holds one connection.
    """

    def get_route_handler(self) -> Handler:
        answer = keeping(super().get_route_handler())
        known = frozenset(
            field.alias
            for field in get_flat_params(self.dependant)
            if isinstance(field.field_info, Query)
        )

        parts = list(_all(self.dependant))
        begins_at_once = any(part.call is work_in_hand for part in parts)
        scopes = [
            scope
            for part in parts
            if part.call is admission
            for scope in part.own_oauth_scopes or ()
        ]

        async def handle(request: Request) -> Response:
            _refuse_unreadable(request, known)
            database: Database = request.app.state.database
            if request.method in READS:
                with database.one_connection():
                    return await answer(request)
            # Who may not is told so before a byte of the body is read, and a body is here to its
            # end before anything is opened for it.
            caller = admit(request, scopes).subject if scopes else network_of(request)
            bodies: Bodies = request.app.state.bodies
            async with bodies.received(request, caller) as whole:
                await _refuse_nul(whole)
                with database.one_connection():
                    return await _write(whole, answer, begins_at_once)

        return handle


def _all(dependant: Dependant) -> Iterator[Dependant]:
    """Yield a dependency and everything that it depends on."""
    yield dependant
    for part in dependant.dependencies:
        yield from _all(part)


async def _write(request: Request, answer: Answer, begins_at_once: bool) -> Response:
    try:
        return await _attempt(request, answer, begins_at_once)
    except Collision:
        # What somebody else wrote meanwhile is seen now: a second attempt goes well beside it, or fails
        # by the name of what is taken. The files of a form are gone after the first.
        if request.headers.get("content-type", "").startswith("multipart/"):
            raise
        setattr(request.state, LAST_ATTEMPT, True)
        return await _attempt(request, answer, begins_at_once)


async def _attempt(request: Request, answer: Answer, begins_at_once: bool) -> Response:
    writing = _Writing(request)
    try:
        return await writing.answered(answer, begins_at_once)
    except _AnsweredBeforeError as before:
        return before.response
    except (IntegrityError, asyncpg.IntegrityConstraintViolationError) as error:
        raise Collision(
            Bilingual(
                "与他人同时提交的内容冲突，本次未保存；请重新读取后再试。",
                "This collides with what someone else recorded and was not saved; read again and retry.",
            )
        ) from error


class _AnsweredBeforeError(Exception):
    """The request's key turns out to be used: its first answer is given again."""

    def __init__(self, response: Response) -> None:
        self.response = response


class _Writing:
    """One request's transaction: opened when the use case begins, closed with the answer made."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._database: Database = request.app.state.database
        self._until_answered = AsyncExitStack()
        self._session: AsyncSession | None = None
        self._claim: idempotency.Claim | None = None
        request.state.begin = self.begin

    async def answered(self, answer: Answer, begins_at_once: bool) -> Response:
        """Return the answer, what it says committed; the kept one if the key was used before."""
        keyed = idempotency.is_keyed(self._request)
        async with self._until_answered:
            if begins_at_once:
                await self.begin()
            elif keyed:
                await self._refuse_repeating()
            response = await answer(self._request)
            if keyed:
                session = await self.begin()
                assert self._claim is not None  # noqa: S101 - who begins with a key claims it
                await idempotency.keep(session, self._claim, response)
            return response

    async def begin(self) -> AsyncSession:
        """Open the transaction, the key claimed in it; once open, it is this one."""
        if self._session is None:
            session = await self._until_answered.enter_async_context(self._database.session())
            self._claim = await self._claimed(session)
            self._session = self._request.state.session = session
        return self._session

    async def _refuse_repeating(self) -> None:
        # Asked before anything else is, since what the first request changed may refuse a second.
        async with self._database.session() as session:
            await self._claimed(session)
            await session.rollback()

    async def _claimed(self, session: AsyncSession) -> idempotency.Claim | None:
        claimed = await idempotency.claim(self._request, session)
        if isinstance(claimed, Response):
            raise _AnsweredBeforeError(claimed)
        return claimed


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
    if request.headers.get("content-type", "").startswith("multipart/"):
        return  # its files are on disk and stay there
    body = await request.body()
    if b"\x00" in body or (b"\\u0000" in body and ESCAPED_NUL.search(body)):
        raise _nul()


def _nul() -> MalformedRequest:
    return MalformedRequest(
        Bilingual(
            "请求中含有空字符（U+0000）；请去掉后重发。",
            "The request holds a NUL character (U+0000); remove it and send again.",
        )
    )
