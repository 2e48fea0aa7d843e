"""Base of wire models: closed objects, described in both languages."""

from pydantic import BaseModel, ConfigDict


class WireModel(BaseModel):
    """A JSON object on the wire; a member that it does not know is refused, not dropped."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, populate_by_name=True)
