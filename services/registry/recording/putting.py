"""What the routes have in common that put a record under what another system calls it."""

from typing import Annotated, Any

from fastapi import Depends, Path, Response
from pydantic import BaseModel, WrapValidator

from services.registry.recording.domain import ExternalIdentity
from services.registry.recording.external import ExternalIdTaken
from services.registry.recording.kind import ExternalId, ExternalSource
from services.registry.recording.standing import RecordVoided, VoidingProposed
from shared.problems import Problem, problems
from shared.web.etags import etag

EXTERNAL_PATH = "/external/{external_source}/{external_id}"
PUT_SENTENCE = (
    "Record what another system calls by this id, or put it in the place of what that system sent "
    "before. The same content again changes nothing. A record made by hand takes on the id if its own "
    "`id` is sent."
)


async def _identity(
    external_source: Annotated[
        ExternalSource,
        Path(description="外部系统 the system that has the record", examples=["county-relief"]),
    ],
    external_id: Annotated[
        ExternalId,
        Path(description="外部编号 what that system calls it", examples=["A-2020-000123"]),
    ],
) -> ExternalIdentity:
    return ExternalIdentity(external_source, external_id)


AS_SENT = WrapValidator(lambda sent, _: sent)
"""Of a body that is declared as a model and handed on as it was sent: ``received`` reads it."""
ExternalIdentityAsked = Annotated[ExternalIdentity, Depends(_identity)]
"""The system and the id in the address."""


def answer_put(response: Response, address: str, version: int, *, created: bool) -> None:
    """Answer that a record was put: 201 if it is new, 200 if it was there."""
    response.status_code = 201 if created else 200
    response.headers.update({"ETag": etag(version), "Location": address})


def put_responses(
    recorded: type[BaseModel], *further: type[Problem]
) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses`` of such a route."""
    created: dict[int | str, dict[str, Any]] = {
        201: {"model": recorded, "description": "已登记 recorded; it was not there before"}
    }
    return created | problems(*further, ExternalIdTaken, RecordVoided, VoidingProposed)
