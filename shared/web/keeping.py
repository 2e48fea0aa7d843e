"""What stays recorded of a request that fails: that something was asked counts, whatever the answer."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from shared.problems import Collision, Problem, problem_response

LAST_ATTEMPT = "last_attempt"
"""Where a request's state says that it is not tried again when others came first."""
_KEPT = "kept so far"


async def keep_so_far(session: AsyncSession) -> None:
    """Keep what has been written until now, even if the request fails from here on.

    It stays in the one transaction of the request, so that what it locks stays locked until the
    answer is settled. A crash keeps nothing, and answers nothing either.
    """
    await session.flush()
    session.info[_KEPT] = await session.begin_nested()


async def undo_since_kept(session: AsyncSession) -> bool:
    """Undo what was written since then; say whether there is anything that stays."""
    savepoint = session.info.pop(_KEPT, None)
    if savepoint is None:
        return False
    await savepoint.rollback()
    return True


def keeping(
    answer: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """Let the transaction of a write that fails commit what it was to keep."""

    async def kept(request: Request) -> Response:
        try:
            return await answer(request)
        except Problem as problem:
            if isinstance(problem, Collision) and not getattr(request.state, LAST_ATTEMPT, False):
                raise
            session = getattr(request.state, "session", None)
            if session is None or not await undo_since_kept(session):
                raise
            return problem_response(request, problem)

    return kept
