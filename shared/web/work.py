"""What a use case works with: the transaction, who asks, when, and why."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Security
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import china_date
from shared.security.access import Caller, admission
from shared.values.text import KIND, Note
from shared.web.headers import text_of
from shared.web.validation import refusing_at

LONGEST_REASON = 2000
RECORDED = "recorded"
"""Where a session keeps (kind, id, division) of what was journalled in it: ``Session.info``."""


@dataclass(frozen=True, slots=True)
class Work:
    """One unit of work: everything in it commits together, its journal entries included."""

    session: AsyncSession
    actor: str
    now: datetime
    request_id: str
    reason: str | None = None

    @property
    def today(self) -> date:
        """The date in China."""
        return china_date(self.now)


@dataclass(frozen=True, slots=True)
class CallersWork(Work):
    """A unit of work that somebody asks for: what lies outside their division does not exist for it."""

    caller: Caller = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class WorkToBegin:
    """A unit of work whose transaction is yet to open: others are asked before, nobody inside it."""

    caller: Caller
    now: datetime
    request_id: str
    reason: str | None
    open: Callable[[], Awaitable[AsyncSession]]

    @property
    def today(self) -> date:
        """The date in China."""
        return china_date(self.now)

    async def begin(self) -> CallersWork:
        """Open the transaction; it commits before the answer leaves."""
        return CallersWork(
            await self.open(),
            self.caller.subject,
            self.now,
            self.request_id,
            self.reason,
            caller=self.caller,
        )


async def work_to_begin(
    request: Request,
    caller: Annotated[Caller, Depends(admission)],
    x_change_reason: Annotated[
        str | None,
        Header(
            json_schema_extra={KIND: "note"},
            description="变更原因 why the change is made; UTF-8, as it is or percent-encoded, a percent "
            f"sign of its own as %25; at most {LONGEST_REASON} characters",
            examples=["%E5%B9%B4%E5%BA%A6%E6%A0%B8%E6%9F%A5"],
        ),
    ] = None,
) -> WorkToBegin:
    """Hand a write what opens its transaction, for when it has asked whom it must ask."""
    return WorkToBegin(
        caller=caller,
        now=request.app.state.clock.now(),
        request_id=request.state.request_id,
        reason=_reason(request) if x_change_reason else None,
        open=request.state.begin,
    )


def _reason(request: Request) -> str | None:
    text = text_of(request, "X-Change-Reason")
    with refusing_at("X-Change-Reason"):
        return Note(LONGEST_REASON, least=0).read(text) if text else None


async def work_in_hand(asked: Annotated[WorkToBegin, Depends(work_to_begin)]) -> CallersWork:
    """Hand a write the transaction that is open from its beginning."""
    return await asked.begin()


def writing(scope: StrEnum) -> Any:
    """Return the dependency that hands callers with a scope the transaction of their write."""
    return Security(work_in_hand, scopes=[scope.value])


def asking_first(scope: StrEnum) -> Any:
    """Return that of a write which asks other services, and begins once they have answered."""
    return Security(work_to_begin, scopes=[scope.value])
