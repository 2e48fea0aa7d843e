"""``GET /v1/events``: the feed over HTTP."""

from contextlib import nullcontext
from enum import StrEnum
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from shared.journal.feed import Concerned, Cursor, read_end, read_events, subject_in_state
from shared.security.access import Caller, requires
from shared.values.divisions import DivisionCode
from shared.values.text import Identifier
from shared.web.negotiation import JSON, chosen_format
from shared.web.pages import next_link
from shared.web.reading import DatabaseInUse
from shared.web.route import ServiceRoute
from shared.web.slots import Slots

MEDIA_TYPE = "application/cloudevents-batch+json"


class Event(BaseModel):
    """One CloudEvents event (JSON format 1.0)."""

    specversion: str = "1.0"
    id: str
    source: str
    type: str
    subject: str = Field(examples=["household/0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"])
    time: str
    datacontenttype: str = "application/json"
    cursor: str = Field(description="游标 pass as after to go on behind this event")
    division: str = Field(
        description="区划代码 the division that the record belongs to; of an event `….left` the one "
        "that it left"
    )
    concerns: str | None = Field(
        description="涉及对象 the household or village that the record belongs to or is about, named as "
        "a subject is; null for none, and of what left with a household",
        examples=["household/0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"],
    )
    data: dict[str, Any] = Field(
        description="内容 version, recorded_by, reason, request_id, changes, state; an event `….left` "
        "says that a record moved out of the reader's division and has neither changes nor state"
    )


class FeedEnd(BaseModel):
    """Where the feed ends; it differs whenever anything has been recorded meanwhile."""

    cursor: str = Field(description="游标 pass as after to read what happens from now on")
    held_back: int = Field(
        description="已记录但尚未列出的事件数 events recorded that are not shown yet, since a write that began "
        "before them is yet to end"
    )


def events_router(
    source: str, scope: StrEnum, concerned: Concerned = subject_in_state
) -> APIRouter:
    """Return the feed's route for a service.

    ``scope`` is what a reader needs; ``concerned`` tells whom an event concerns.
    """
    router = APIRouter(route_class=ServiceRoute, tags=["events 事件"])
    admitted = requires(scope)

    @router.get(
        "/v1/events",
        response_class=Response,
        responses={
            200: {
                "model": list[Event],
                "content": {
                    MEDIA_TYPE: {
                        "schema": {
                            "type": "array",
                            "items": {"$ref": "#/components/schemas/Event"},
                        }
                    }
                },
                "description": "事件，按顺序 events in order; the Link header leads to what follows",
            },
        },
    )
    async def list_events(
        request: Request,
        caller: Annotated[Caller, admitted],
        after: Annotated[
            str, Query(max_length=60, description="上次的游标 the last cursor seen")
        ] = "",
        wait: Annotated[
            float, Query(ge=0, le=30, description="无事件时等待的秒数 seconds to wait")
        ] = 0,
        type: Annotated[
            list[Annotated[str, Identifier(100)]] | None,
            Query(description="事件类型 only these types"),
        ] = None,
        division: Annotated[
            DivisionCode | None, Query(description="区划 only this division")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    ) -> Response:
        """事件流：所有变更，按顺序，不丢不重。 Every change in order; long-polls with ``wait``."""
        polls: Slots = request.app.state.polls
        with polls.taken(caller.subject) if wait else nullcontext():
            batch = await read_events(
                request.app.state.database,
                f"urn:qingling:{source}",
                Cursor.parse(after),
                division=caller.reach(division),
                types=type,
                limit=limit,
                wait=wait,
                concerned=concerned,
            )
        return Response(
            orjson.dumps(batch.events),
            media_type=chosen_format(request, MEDIA_TYPE, JSON),
            headers={
                "Link": next_link(request.url, after=str(batch.next)),
                "X-Next-Cursor": str(batch.next),
            },
        )

    @router.get("/v1/events/end")
    async def get_feed_end(database: DatabaseInUse, caller: Annotated[Caller, admitted]) -> FeedEnd:
        """事件流的末尾：用于判断此后有无变更。 Where the feed ends: it tells whether anything has changed since."""
        end = await read_end(database)
        return FeedEnd(cursor=str(end.cursor), held_back=end.held_back)

    return router
