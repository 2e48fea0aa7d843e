"""Base of wire models: closed objects, described in both languages, spelled in one way."""

from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema

from shared.web.spelling import spelled_strictly


class WireModel(BaseModel):
    """A JSON object on the wire; a member that it does not know is refused, not dropped."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, populate_by_name=True)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler, /
    ) -> CoreSchema:
        schema = handler(source)
        spelled_strictly(handler.resolve_ref_schema(schema))
        return schema
