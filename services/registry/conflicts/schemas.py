"""Wire models of conflicts 登记冲突."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field

from services.registry.conflicts.domain import ConflictState, Settlement
from services.registry.conflicts.tables import ConflictRow
from shared.values.divisions import DivisionCode
from shared.values.text import Note
from shared.web.wire import WireModel


class AskingSide(WireModel):
    """Where the person was to be entered 申请登记方."""

    village_code: DivisionCode
    household_id: Annotated[
        UUID | None, Field(description="农户 null for one that an import would have recorded")
    ]


class RegisteredSide(WireModel):
    """Where the person is registered, or on record as dead 已登记方."""

    village_code: DivisionCode
    household_id: UUID
    member_id: UUID


class Conflict(WireModel):
    """A person who could not be entered, since another place has them 登记冲突."""

    id: UUID
    division: Annotated[
        DivisionCode, Field(description="协调的区划 the lowest that holds both sides; they do not")
    ]
    state: Annotated[ConflictState, Field(description=f"状态 {ConflictState.__doc__}")]
    document_number: Annotated[
        str, Field(description="证件号码 masked", examples=["33****************"])
    ]
    asking: AskingSide
    registered: Annotated[
        RegisteredSide | None, Field(description="null: registered in another province")
    ]
    asked_times: Annotated[int, Field(description="申请次数 how often it was tried")]
    last_asked_at: datetime
    settlement: Annotated[Settlement | None, Field(description=f"处理结果 {Settlement.__doc__}")]
    note: Annotated[str | None, Field(description="处理说明")]
    version: int
    recorded_by: Annotated[str, Field(description="记录人 who asked last, or settled it")]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: ConflictRow) -> Self:
        """Return the wire form of a row."""
        registered = None
        if row.registered_village is not None:
            registered = {
                "village_code": row.registered_village,
                "household_id": row.registered_household,
                "member_id": row.registered_member,
            }
        same = set(cls.model_fields) - {"document_number", "asking", "registered"}
        return cls.model_validate(
            {name: getattr(row, name) for name in same}
            | {
                "document_number": row.document_masked,
                "asking": {
                    "village_code": row.asking_village,
                    "household_id": row.asking_household,
                },
                "registered": registered,
            }
        )


class SettleConflict(WireModel):
    """How a conflict was settled, and what was found."""

    settlement: Annotated[Settlement, Field(description=f"处理结果 {Settlement.__doc__}")]
    note: Annotated[
        str,
        Note(500, least=4),
        Field(
            description="处理说明 what was found and agreed",
            examples=["（虚构）已与两地核实，原户已登记离开"],
        ),
    ]


def conflict_state(row: ConflictRow) -> dict[str, Any]:
    """Return a conflict's JSON state for the journal."""
    return Conflict.of(row).model_dump(mode="json")
