"""Revealing: what is sealed of a record is shown in full, for a purpose that its history keeps."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel

from services.registry.allowances.domain import RevealsExhausted, Use
from services.registry.allowances.usecases import ALLOWANCE_HEADERS, AllowancesInUse, spend
from services.registry.personal_data import NO_STORE, SealerInUse, record_read
from services.registry.recording.kind import ServedKind
from services.registry.recording.routes import id_in_path, typed
from services.registry.scopes import Scope
from shared.journal.records import find
from shared.problems import problems
from shared.web.work import CallersWork, writing

Revealing = Annotated[CallersWork, writing(Scope.PERSONAL_DATA_REVEAL)]


def add_revealing(
    router: APIRouter,
    kind: ServedKind[Any],
    asked: type[BaseModel],
    revealed: type[BaseModel],
    words: str,
) -> None:
    """Add the route that reveals what is sealed of a kind.

    ``asked`` names the ``fields`` and the ``purpose``, ``revealed`` has a member for each of them.
    """

    async def reveal(
        record_id: UUID,
        asked: Any,
        work: Revealing,
        sealer: SealerInUse,
        allowances: AllowancesInUse,
        response: Response,
    ) -> Any:
        row = await find(work.session, kind, record_id, work.caller)
        await spend(work, allowances, Use.REVEAL)
        record_read(work, kind, row, asked.purpose)
        response.headers.update(NO_STORE)
        return revealed(**{name: kind.opened(row, name, sealer) for name in asked.fields})

    router.add_api_route(
        f"/{{{kind.id_name}}}:reveal",
        typed(reveal, record_id=id_in_path(kind), asked=asked),
        methods=["POST"],
        name=f"reveal_{kind.name}",
        description=words,
        response_model=revealed,
        responses=ALLOWANCE_HEADERS | problems(RevealsExhausted),
    )
