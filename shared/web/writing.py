"""The one transaction of a request, and the key under which its answer is kept."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TypeAlias

import asyncpg
from fastapi import Request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.responses import Response

from shared.db.database import Database
from shared.problems import Collision
from shared.values.bilingual import Bilingual
from shared.web import idempotency
from shared.web.contents import Sent
from shared.web.keeping import LAST_ATTEMPT

Answer: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Begins:
    """When the transaction of a route's requests opens."""

    at_once: bool
    """From the beginning: the route declares ``writing``."""
    later: bool
    """Once others have answered: it declares ``asking_first``. A route of neither kind changes nothing."""


async def write(request: Request, sent: Sent, answer: Answer, begins: Begins) -> Response:
    """Return the answer to a request, what it says committed; the kept one if its key was used.

    Raises:
        Collision: what it writes collides with what somebody else wrote at the same time.

    """
    try:
        return await _attempt(request, sent, answer, begins)
    except Collision:
        # What somebody else wrote meanwhile is seen now: a second attempt goes well beside it, or fails
        # by the name of what is taken. The files of a form are gone after the first.
        if isinstance(sent, FormData):
            raise
        setattr(request.state, LAST_ATTEMPT, True)
        return await _attempt(request, sent, answer, begins)


async def _attempt(request: Request, sent: Sent, answer: Answer, begins: Begins) -> Response:
    writing = _Writing(request, sent)
    try:
        return await writing.answered(answer, begins)
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

    def __init__(self, request: Request, sent: Sent) -> None:
        self._request = request
        self._sent = sent
        self._keyed = idempotency.key_of(request) is not None
        self._database: Database = request.app.state.database
        self._until_answered = AsyncExitStack()
        self._session: AsyncSession | None = None
        self._claim: idempotency.Claim | None = None
        request.state.begin = self.begin

    async def answered(self, answer: Answer, begins: Begins) -> Response:
        async with self._until_answered:
            if begins.at_once:
                await self.begin()
            elif begins.later and self._keyed:
                await self._refuse_repeating()
            # What changes nothing is asked anew under any key, so that whoever asks is checked.
            response = await answer(self._request)
            if self._keyed:
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
        if not self._keyed:
            return None
        claimed = await idempotency.claim(self._request, self._sent, session)
        if isinstance(claimed, Response):
            raise _AnsweredBeforeError(claimed)
        return claimed
