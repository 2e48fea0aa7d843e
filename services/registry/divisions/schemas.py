"""Wire models of divisions 行政区划."""

from datetime import date, datetime
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from services.registry.divisions.tables import DivisionRow
from shared.values.divisions import DivisionCode, DivisionLevel
from shared.values.periods import IsoDate
from shared.values.text import PlaceName
from shared.web.wire import WireModel

EXAMPLE: dict[str, JsonValue] = {
    "code": "330127100299",
    "name": "（虚构）新和村委会",
    "valid_from": "2020-09-01",
}
DivisionName = Annotated[
    str,
    PlaceName(60),
    Field(description="名称 name", examples=["（虚构）新和村委会"]),
]
ValidTo = Annotated[
    IsoDate | None,
    Field(description="撤销日期（不含当日） closed from this day on; null while in force"),
]


class DivisionContent(WireModel):
    """What may change of a division: its name, and until when it stands."""

    name: DivisionName
    valid_to: ValidTo = None


class NewDivision(WireModel):
    """A division to open; its level follows from its code."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    code: DivisionCode
    name: DivisionName
    parent: Annotated[
        DivisionCode | None,
        Field(description="上级区划 the one directly above by the code's digits if left out"),
    ] = None
    valid_from: Annotated[IsoDate, Field(description="设立日期 in force from this day on")]


class Division(DivisionContent):
    """A division as recorded 行政区划."""

    code: DivisionCode
    level: DivisionLevel
    parent: Annotated[DivisionCode | None, Field(description="上级区划 null for a province")]
    valid_from: date
    version: int
    recorded_by: Annotated[str, Field(description="记录人 who recorded this version")]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: DivisionRow) -> "Division":
        """Return the wire form of a row."""
        return Division.model_construct(
            **{name: getattr(row, name) for name in Division.model_fields if name != "level"},
            level=DivisionLevel(row.level),
        )
