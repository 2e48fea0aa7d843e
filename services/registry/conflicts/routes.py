"""``/v1/conflicts`` 登记冲突."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.registry.conflicts.queries import ConflictFilter
from services.registry.conflicts.queries import list_conflicts as page_of_conflicts
from services.registry.conflicts.records import CONFLICT
from services.registry.conflicts.schemas import Conflict, SettleConflict
from services.registry.conflicts.usecases import ConflictSettled
from services.registry.conflicts.usecases import settle_conflict as settle
from services.registry.scopes import Scope
from shared.journal.history import HistoryEntry
from shared.journal.records import find, history
from shared.problems import (
    PreconditionRequired,
    problems,
)
from shared.security.access import Caller, requires
from shared.web.etags import IfMatch, etag
from shared.web.pages import Page, PageAsked
from shared.web.reading import ReadSession
from shared.web.route import ServiceRoute
from shared.web.work import CallersWork, writing

router = APIRouter(prefix="/v1/conflicts", route_class=ServiceRoute, tags=["conflicts 登记冲突"])
Reader = Annotated[Caller, requires(Scope.HOUSEHOLDS_READ)]
Writing = Annotated[CallersWork, writing(Scope.HOUSEHOLDS_WRITE)]


@router.get("")
async def list_conflicts(
    session: ReadSession,
    caller: Reader,
    narrow: Annotated[ConflictFilter, Depends()],
    asked: PageAsked,
) -> Page[Conflict]:
    """登记冲突列表，新的在前。 Persons who could not be entered in one place since another has them.

    A conflict is seen by the lowest division that holds both places and those above it, never by
    one of the two alone.
    """
    return await page_of_conflicts(session, caller, narrow, asked)


@router.get("/{conflict_id}")
async def get_conflict(
    conflict_id: UUID, session: ReadSession, caller: Reader, response: Response
) -> Conflict:
    """读取登记冲突。 Read a conflict: both sides, and how often it was tried."""
    row = await find(session, CONFLICT, conflict_id, caller)
    response.headers["ETag"] = etag(row.version)
    return Conflict.of(row)


@router.get("/{conflict_id}/history")
async def list_conflict_history(
    conflict_id: UUID, session: ReadSession, caller: Reader, asked: PageAsked
) -> Page[HistoryEntry]:
    """登记冲突变更记录。 Who asked when and why, and who settled it, oldest first."""
    return await history(session, CONFLICT, conflict_id, caller, asked)


@router.post("/{conflict_id}:settle", responses=problems(ConflictSettled, PreconditionRequired))
async def settle_conflict(
    conflict_id: UUID,
    asked: SettleConflict,
    work: Writing,
    expected: IfMatch,
    response: Response,
) -> Conflict:
    """处理登记冲突。 Record how a conflict was settled between the two sides."""
    row = await settle(work, conflict_id, expected, asked)
    response.headers["ETag"] = etag(row.version)
    return Conflict.of(row)
