"""``/v1/set-aside-events`` 搁置的事件."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from shared.db.columns import within
from shared.journal.tables import SetAsideEvent, SetAsideState
from shared.problems import Conflict, NotFound
from shared.security.access import Caller, requires
from shared.values.bilingual import Bilingual
from shared.web.pages import Page, PageAsked, read_page
from shared.web.reading import ReadSession
from shared.web.route import ServiceRoute
from shared.web.work import CallersWork, writing


class SetAside(BaseModel):
    """An event of another service that could not be applied, while those behind it went on."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    source: str = Field(description="来源服务", examples=["registry"])
    event_id: str = Field(description="事件编号 the event's id in the feed of its source")
    type: str = Field(examples=["qingling.registry.household.amended"])
    subject: str = Field(examples=["household/0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"])
    division: str = Field(description="区划代码 the division that the record belongs to")
    cursor: str = Field(description="在来源事件流中的位置")
    error: str = Field(
        description="错误种类 the kind of the error, never its words; EventGone of what is settled since "
        "its source shows no such event any more"
    )
    state: SetAsideState = Field(description=SetAsideState.__doc__)
    attempts: int = Field(description="已尝试的次数")
    since: datetime = Field(description="搁置时间")
    tried_at: datetime = Field(description="最近一次尝试")
    settled_at: datetime | None = Field(description="处理完毕的时间")


def set_aside_router(read: StrEnum, retry: StrEnum) -> APIRouter:
    """Return the routes of the events that a following service set aside; the scopes are its own."""
    router = APIRouter(
        prefix="/v1/set-aside-events",
        route_class=ServiceRoute,
        tags=["set-aside-events 搁置的事件"],
    )
    reader = requires(read)

    @router.get("")
    async def list_set_aside_events(
        session: ReadSession,
        caller: Annotated[Caller, reader],
        asked: PageAsked,
        state: Annotated[SetAsideState | None, Query(description="状态")] = None,
    ) -> Page[SetAside]:
        """搁置的事件，先搁置的在前。 Events that could not be applied, the oldest first."""
        statement = select(SetAsideEvent).where(within(SetAsideEvent.division, caller.division))
        if state is not None:
            statement = statement.where(SetAsideEvent.state == state)
        order = [SetAsideEvent.since, SetAsideEvent.id]
        return await read_page(session, statement, order, asked, SetAside.model_validate)

    @router.post("/{event_id}:retry")
    async def retry_set_aside_event(
        event_id: UUID, work: Annotated[CallersWork, writing(retry)]
    ) -> SetAside:
        """再次处理；由后台按顺序进行，结果见 state。 Ask for an event to be tried again."""
        row = await work.session.get(SetAsideEvent, event_id, with_for_update=True)
        if row is None or not work.caller.covers(row.division):
            raise NotFound.of(Bilingual("搁置的事件", "set-aside event"), event_id)
        if row.state == SetAsideState.SETTLED:
            raise Conflict(
                Bilingual("该事件已处理完毕。", "The event has been settled and needs no retry.")
            )
        row.state = SetAsideState.RETRYING
        return SetAside.model_validate(row)

    return router
