"""What the routes have in common that put a record under what another system calls it."""

from typing import Annotated

from fastapi import Depends, Path
from pydantic import WrapValidator

from services.registry.recording.domain import ExternalIdentity
from services.registry.recording.kind import ExternalId, ExternalSource

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
